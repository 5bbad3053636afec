// A second migration or sync of equal trees, for each pair of drives: nothing is sent, by exact counts of requests.
import { startFaultProxy } from '@anydrive/conformance'
import { toPromises, type DriveProvider } from '@anydrive/core'
import { startKooDrive, startTencentSmh } from '@anydrive/emulators'
import { openKooDrive, type KooDriveInput } from '@anydrive/koodrive'
import { openLocal } from '@anydrive/local'
import { openMemory } from '@anydrive/memory'
import { migrate, sync } from '@anydrive/migrate'
import { openTencentSmh, type TencentSmhInput } from '@anydrive/tencent-smh'
import { openWebDav } from '@anydrive/webdav'
import { serveWebdav } from '@anydrive/webdav-server'
import * as E from 'fp-ts/Either'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Opened {
  readonly drive: DriveProvider
  /** What was sent since the last call, by endpoint or method; calls of the drive where there is no service. */
  readonly sent: () => Readonly<Record<string, number>>
  readonly close: () => Promise<unknown>
}
const directories = 4

const emulated = async (
  start: typeof startKooDrive | typeof startTencentSmh,
  open: (settings: unknown) => DriveProvider,
): Promise<Opened> => {
  const service = await start({ seed: 4 })
  return {
    drive: open(Object.values(service.configuration)[0]),
    sent: () => {
      const counts = service.requests.counts()
      service.requests.clear()
      return counts
    },
    close: service.close,
  }
}
/** Counts calls that read a file or change something. */
const counted = (drive: DriveProvider, close: Opened['close']): Opened => {
  let counts: Record<string, number> = {}
  const it: DriveProvider = { ...drive }
  for (const name of ['list', 'readFile', 'writeFile', 'createDir', 'batchMove', 'batchRemove'] as const)
    Object.assign(it, {
      [name]: (...all: ReadonlyArray<unknown>) => {
        counts[name] = (counts[name] ?? 0) + 1
        return (drive[name] as (...them: ReadonlyArray<unknown>) => unknown)(...all)
      },
    })
  const sent = (): Readonly<Record<string, number>> => {
    const before = counts
    counts = {}
    return before
  }
  return { drive: it, sent, close }
}

const drives = {
  local: async () => {
    const dir = await mkdtemp(join(tmpdir(), 'anydrive-second-'))
    return counted(openLocal({ root: dir }), () => rm(dir, { recursive: true }))
  },
  memory: () => Promise.resolve(counted(openMemory(), () => Promise.resolve())),
  smh: () => emulated(startTencentSmh, (settings) => openTencentSmh(settings as TencentSmhInput)),
  // Ids are trusted throughout, however slow the machine is.
  koo: () =>
    emulated(startKooDrive, (settings) => openKooDrive({ ...(settings as KooDriveInput), idTrust: 3_600_000 })),
  dav: async (): Promise<Opened> => {
    const served = await serveWebdav({ drive: openMemory() })()
    if (E.isLeft(served)) throw new Error(served.left.message)
    const proxy = await startFaultProxy(served.right.url)
    let seen = 0
    return {
      drive: openWebDav({ url: proxy.url }),
      sent: () => {
        const counts: Record<string, number> = {}
        for (const { method } of proxy.requests.slice(seen)) counts[method] = (counts[method] ?? 0) + 1
        seen = proxy.requests.length
        return counts
      },
      close: async () => {
        await proxy.close()
        await served.right.close()
      },
    }
  },
}
type Name = keyof typeof drives
const names: ReadonlyArray<Name> = ['local', 'memory', 'smh', 'koo', 'dav']

/**
 * What listing the whole tree takes. A sync lists it a second time before it would remove anything, and the root at its beginning. At the services the root is looked up with a
 * listing as well.
 */
const listings = (name: Name, isSync: boolean): Readonly<Record<string, number>> => {
  const all = isSync ? 2 * directories + 1 : directories
  if (name === 'smh') return { listDirectory: all + 1 }
  if (name === 'koo') return { listFiles: all + 1 }
  return name === 'dav' ? { PROPFIND: all + 1 } : { list: all }
}
/** Two spaces of SMH list equal trees alike, down to etags and creation times: a sync finds out with one small file that they are two places. */
const mark = {
  made: { beginSimpleUpload: 1, cosPut: 1, confirmUpload: 1, batchDelete: 1 },
  sought: { info: 1, downloadInfo: 1 },
}
const files: ReadonlyArray<string> = ['a', 'd/b', 'd/e/c', 'f/g', 'f/empty']

describe.each(names)('from %s', (source) => {
  test.each(names)('to %s', async (target) => {
    const [from, to] = [await drives[source](), await drives[target]()]
    try {
      for (const path of files) await toPromises(from.drive).writeFile(path, path.endsWith('empty') ? '' : `at ${path}`)
      const ends = { from: { drive: from.drive }, to: { drive: to.drive } }
      const first = migrate({ ...ends, conflict: 'different' })
      expect(await first.run()).toMatchObject({ right: { files: files.length, failures: 0 } })
      for (const [how, again, isSync] of [
        ['migrate', () => migrate({ ...ends, conflict: 'different' }), false],
        ['newer', () => migrate({ ...ends, conflict: 'newer' }), false],
        ['sync', () => sync(ends), true],
      ] as const) {
        from.sent()
        to.sent()
        expect([how, await again().run()]).toMatchObject([
          how,
          { right: { files: 0, skipped: files.length, failures: 0 } },
        ])
        const isOneKind = isSync && source === 'smh' && target === 'smh'
        const expected = { source: listings(source, isSync), target: listings(target, isSync) }
        expect([how, { source: from.sent(), target: to.sent() }]).toEqual([
          how,
          isOneKind
            ? { source: { ...expected.source, ...mark.sought }, target: { ...expected.target, ...mark.made } }
            : expected,
        ])
      }
    } finally {
      await from.close()
      await to.close()
    }
  })
})
