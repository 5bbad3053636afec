// A tree on a real Apache httpd, carried to a KooDrive (its emulator) and compared byte by byte.
import { toPromises } from '@anydrive/core'
import { startKooDrive, type Emulator } from '@anydrive/emulators'
import { kooDrive } from '@anydrive/koodrive'
import { compareTrees, migrate } from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { openWebDav } from '../src'
import { apache, credentials, hasApache, withProgram } from './servers'

const settingsOf = (emulator: Emulator) => {
  const decoded = kooDrive.settings.decode(Object.values(emulator.configuration)[0])
  if (E.isLeft(decoded)) throw new Error('the settings do not decode')
  return decoded.right
}

withProgram(hasApache, 'Apache httpd to KooDrive', () => {
  const { running } = apache('basic')
  let emulator: Emulator | undefined
  beforeAll(async () => {
    emulator = await startKooDrive({ strict: true, seed: 7 })
  })
  afterAll(() => emulator?.close())

  test('a tree arrives whole', async () => {
    if (emulator === undefined) throw new Error('no emulator')
    const from = openWebDav({ url: running().url, auth: { kind: 'basic', ...credentials } })
    const to = kooDrive.open(settingsOf(emulator), { delay: () => Promise.resolve() })
    const it = toPromises(from)
    await it.ensureDir('empty')
    for (const [path, size] of [
      ['空/文件 é.txt', 3_000_000],
      ['a/b/c/nothing', 0],
      ['a/b & c;d=%20#.bin', 65_537],
      ['a/plain.txt', 5],
    ] as const)
      await it.writeFile(path, Buffer.alloc(size, path))

    const summary = await migrate({ from: { drive: from }, to: { drive: to } }).run()
    if (E.isLeft(summary)) throw new Error(summary.left.message)
    expect(summary.right).toMatchObject({ files: 4, failures: 0 })

    const differences: Array<string> = []
    for await (const one of compareTrees({ drive: from }, { drive: to }, { content: true })) {
      if (E.isLeft(one)) throw new Error(one.left.message)
      if (one.right.status !== 'same') differences.push(`${one.right.status} ${one.right.path}`)
    }
    expect(differences).toEqual([])
    expect(await toPromises(to).readText('a/plain.txt')).toBe('a/pla')
  }, 600_000)
})
