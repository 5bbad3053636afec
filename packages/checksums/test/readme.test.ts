// The example of the README is a program that works.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const program = join(__dirname, 'programs', 'example.ts')

test('the README shows the program as it is', () => {
  const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8')
  expect(readme).toContain(readFileSync(program, 'utf8').trim())
})

test('which prints size, checksums and the verdict', async () => {
  const transpile = join(__dirname, '..', '..', 'http', 'test', 'transpile.js')
  const { stdout } = await promisify(execFile)(process.execPath, ['-r', transpile, program, program])
  const bytes = readFileSync(program)
  expect(stdout).toMatch(
    new RegExp(`^${bytes.length} [0-9a-f]{16} ${createHash('sha256').update(bytes).digest('hex')}\nas expected\n$`),
  )
})
