// What the compiler accepts and refuses in programs; `tsc -b` checks this file, too.
import { createRegistry, toPromises } from '@anydrive/core'
import { openMemory } from '@anydrive/memory'
import { openTencentSmh, tencentSmh } from '@anydrive/tencent-smh'
import { webDav } from '@anydrive/webdav'
import ts from 'typescript'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

test('`wait: undefined` is the same as no `wait`', async () => {
  const drive = toPromises(openMemory())
  await drive.createDir('a')
  const copied = await drive.copyDir('a', 'b', { wait: undefined })
  expect(copied.path).toBe('b')
  const { outcomes } = await drive.batchRemove(['b'], { wait: undefined, permanent: undefined })
  expect(outcomes).toHaveLength(1)
})

test('a registry refuses misspelt settings when it is compiled, as the functions that open a drive do', () => {
  const registry = createRegistry([tencentSmh, webDav])
  const auth = { kind: 'secret', librarySecret: 's' } as const
  const baseUrl = 'https://a.example'
  // @ts-expect-error spaceID is misspelt
  const first = registry.open({ type: 'tencent-smh', baseUrl, libraryId: 'l', auth, spaceID: 's' })
  // @ts-expect-error partsize, inside an object
  const second = registry.open({ type: 'tencent-smh', baseUrl, libraryId: 'l', auth, upload: { partsize: 1 } })
  // @ts-expect-error a key of another adapter
  const third = registry.open({ type: 'webdav', url: baseUrl, libraryId: 'l' })
  // @ts-expect-error spaceID is misspelt
  expect(() => openTencentSmh({ baseUrl, libraryId: 'l', auth, spaceID: 's' })).toThrow(/spaceID/)
  for (const opened of [first, second, third])
    expect(opened).toMatchObject({ _tag: 'Left', left: { _tag: 'InvalidSettings' } })
  const right = registry.open({ type: 'tencent-smh', baseUrl, libraryId: 'l', auth, upload: { parallel: 1 } })
  // The drive has the type of its adapter.
  expect(right._tag === 'Right' && typeof right.right.smh).toBe('object')
})

const program = `
import { toPromises } from '@anydrive/core'
import { openMemory } from '@anydrive/memory'
export const upload = async (response: Response, file: File): Promise<void> => {
  const drive = toPromises(openMemory())
  await drive.writeFile('blob', await response.blob())
  await drive.writeFile('file', file)
  if (response.body !== null) await drive.writeFile('stream', { stream: response.body, size: 3 })
}
`
test.each([
  ['of Node.js', ['lib.es2023.d.ts']],
  ['of the DOM', ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts']],
])('web streams, blobs and files by the types %s are accepted', (_, lib) => {
  const directory = mkdtempSync(join(__dirname, '..', '.types-'))
  try {
    const file = join(directory, 'program.ts')
    writeFileSync(file, program)
    const options: ts.CompilerOptions = {
      lib: [...lib],
      types: lib.length > 1 ? [] : ['node'],
      module: ts.ModuleKind.Node16,
      target: ts.ScriptTarget.ES2022,
      strict: true,
      noEmit: true,
      skipLibCheck: true,
    }
    const source = lib.length > 1 ? program : program.replace('file: File', "file: import('node:buffer').File")
    writeFileSync(file, source)
    const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([file], options))
    expect(diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([])
  } finally {
    rmSync(directory, { recursive: true })
  }
})
