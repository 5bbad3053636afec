// How a plan reads.
import { planMigration } from '@anydrive/migrate'
import { toPromises } from '@anydrive/core'
import { openMemory, type OpenMemory } from '@anydrive/memory'
import { planText } from '../src/plan-text'

const textOf = async (files: ReadonlyArray<string>, settings: OpenMemory = {}, rate?: number): Promise<string> => {
  const [from, to] = [openMemory(), openMemory(settings)]
  for (const file of files) await toPromises(from).writeFile(file, 'x')
  const plan = planMigration({ from: { drive: from }, to: { drive: to }, rates: { to: rate } })
  for await (const line of plan.lines) expect(line._tag).toBe('Right')
  return planText(await plan.summary()).join('\n')
}

test('findings are grouped, with the first of each, and nothing is said of what is not there', async () => {
  const names = Array.from({ length: 8 }, (_, i) => `d/${i}:\n`)
  const text = await textOf([...names, 'ok'], { naming: { forbidden: ':' } })
  expect(text).toContain('found        9 files')
  expect(text).toMatch(/^skipped +8: cannot be transferred$/m)
  expect(text).toContain('name-characters  8, skipped: names that the target refuses')
  expect(text).toContain('    /d/4:\\n  (a name may not hold ":")\n    … and 3 more')
  expect(text).not.toContain('/d/5:')
  expect(text).not.toContain('kept ')
  expect(text).not.toContain('not kept by the target')
})

test('what is lost, room that is short, and time by the rate', async () => {
  const text = await textOf(['a', 'b'], { checksums: ['md5'], capacity: 1 }, 1)
  expect(text).toMatch(/not kept by the target\n {2}checksums +2 entries +sha256 → md5/)
  expect(text).toContain('1 B at the target: not enough')
  expect(text).toMatch(
    /about 14 requests: 6 to the source, 8 to the target\n.*at least 8\.0 s, limited by the rate of requests to the target/,
  )
})

test('without a rate no time is made up', async () => {
  expect(await textOf(['a'])).toContain('no duration without --requests-per-second or --bandwidth')
})
