// The example of the README is a program that works.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const program = join(__dirname, 'programs', 'example.ts')

test('the README shows the program as it is', () => {
  const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8')
  expect(readme).toContain(readFileSync(program, 'utf8').trim())
})

test('which prints what a second client sees, and where the removed directory went', async () => {
  const transpile = join(__dirname, '..', '..', 'http', 'test', 'transpile.js')
  const { stdout } = await promisify(execFile)(process.execPath, ['-r', transpile, program])
  expect(stdout).toContain("path: 'archive/reports/2024.txt'")
  expect(stdout).toContain("how: 'trashed'")
})
