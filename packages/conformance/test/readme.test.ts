// The program of the README, run; and the runners that the kit says it fits.
import { createStore, openMemory } from '@anydrive/memory'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { conformance, laws } from '../src'
import { hold } from './programs/hold'

test('the README shows the program as it is', () => {
  const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8')
  expect(readme).toContain(readFileSync(join(__dirname, 'programs', 'hold.ts'), 'utf8').trim())
})

test('laws are checked without a runner, and come to a matrix', async () => {
  const [head, ...lines] = await hold()
  // What does not apply follows after an empty line.
  const rows = lines.slice(0, lines.indexOf(''))
  expect(head).toMatch(/^operation +capability +basis +kept +refused +skipped +broken$/)
  const operations = rows.map((row) => row.split(/ +/)[0]).filter((name) => name !== '')
  expect(operations).toEqual(['list', 'readFile', 'all'])
  for (const row of rows) expect(row).toMatch(/ 0$/)
})

test('any runner of that shape is given one test a law', async () => {
  const store = createStore()
  const names: Array<string> = []
  const bodies: Array<() => Promise<void>> = []
  const runner = {
    describe: (_: string, body: () => void) => body(),
    test: (name: string, body: () => Promise<void>) => {
      names.push(name)
      bodies.push(body)
    },
  }
  const few = laws.filter((law) => law.operation === 'usage' || law.operation === 'stat')
  conformance(
    runner,
    { capabilities: openMemory({ store }).capabilities, open: () => openMemory({ store }) },
    { laws: few },
  )
  for (const body of bodies) await body()
  expect(names).toHaveLength(few.length)
})
