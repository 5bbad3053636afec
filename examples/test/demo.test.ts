// The demo on a small folder, and on one that it cannot carry whole.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runDemo } from '../src/demo/run'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'anydrive-demo-'))
})
afterEach(() => rm(folder, { recursive: true }))

const ran = async (leaveOut: ReadonlyArray<string> = []) => {
  const lines: Array<string> = []
  const code = await runDemo([{ name: 'folder', folder, leaveOut }], (line) => lines.push(line))
  return { code, said: lines.join('\n') }
}

test('names of all kinds, empty files and directories come back, and what is left out is not missed', async () => {
  await mkdir(join(folder, '空目录', 'empty'), { recursive: true })
  await mkdir(join(folder, 'node_modules', 'x'), { recursive: true })
  await writeFile(join(folder, 'node_modules', 'x', 'y'), 'left out')
  await writeFile(join(folder, '空目录', '文件（1）.txt'), 'hi')
  await writeFile(join(folder, 'empty file'), '')
  await writeFile(join(folder, 'a b+c#d%2F.txt'), 'x')
  await symlink('empty file', join(folder, 'link'))
  const { code, said } = await ran(['node_modules'])
  expect(said).toContain('not carried: /link (symlink)')
  expect(said).toMatch(/trash of tencent-smh: \/(\S+) removed, found there, and restored to \/\1;.* finds 1$/m)
  expect(said).toMatch(/trash of koodrive: \/(\S+) removed, found there, and restored to \/\1;.* finds 1$/m)
  expect(said).toContain('Not a byte lost')
  expect(code).toBe(0)
})

test('a name that the vendors refuse is told, and the demo fails', async () => {
  await writeFile(join(folder, 'why?.txt'), 'x')
  const { code, said } = await ran()
  expect(said).toContain('why?.txt')
  expect(code).toBe(1)
})
