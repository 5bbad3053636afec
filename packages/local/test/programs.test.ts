// Programs of their own: the README's example, and one that is killed while it writes.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isTemporary } from '@anydrive/core/adapter'
import { openLocal } from '../src'
import { at, entries, left, put, scratch, sweep, text } from './bench'

afterAll(sweep)

const transpile = join(__dirname, '..', '..', 'http', 'test', 'transpile.js')
const programOf = (name: string) => join(__dirname, 'programs', name)

test('the README shows the example as it is', () => {
  const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8')
  expect(readme).toContain(readFileSync(programOf('example.ts'), 'utf8').trim())
})

test('the example lists both files, and leaves nothing', async () => {
  const root = join(scratch(), 'root')
  const { stdout } = await promisify(execFile)(process.execPath, ['-r', transpile, programOf('example.ts'), root])
  expect(stdout).toBe('notes/today (1).txt\nfile today (1).txt\nfile today.txt\n')
  expect(readdirSync(root)).toEqual([])
})

test('a program killed while it writes leaves no file, only a temporary that is hidden', async () => {
  const root = join(scratch(), 'root')
  const child = spawn(process.execPath, ['-r', transpile, programOf('writing-slowly.ts'), root])
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  const drive = openLocal({ root })
  await left(drive.stat(at('f')), 'NotFound')
  expect(await entries(drive)).toEqual([])
  expect(readdirSync(root).map(isTemporary)).toEqual([true])
  await put(drive, 'f', 'after all')
  expect(await text(drive, 'f')).toBe('after all')
})
