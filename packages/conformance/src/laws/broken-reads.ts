// Laws of reading over a bad connection: bytes spoiled, bodies cut, files that change, servers that stay silent.
import { entries, fromBytes, readBytes, type DriveError, type DrivePath, type DriveProvider } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { Violation, type Harness, type Law } from '../law'
import { ending, onDownload, spoiled, throughProxy } from '../proxied'
import { patternBytes } from '../words'

const size = 300_000
const content = patternBytes(size)

const law = (name: string, check: Law['check'], more: Partial<Law> = {}): Law => ({
  name,
  operation: 'readFile',
  promise: '2.6 Reading and writing',
  needs: ['conflict.writeFile.ask'],
  needsHooks: ['http'],
  check,
  ...more,
})

const bytesOf = async (drive: DriveProvider, path: DrivePath): Promise<E.Either<DriveError, Uint8Array>> => {
  const opened = await drive.readFile(path)()
  return E.isLeft(opened) ? opened : readBytes(opened.right)()
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

/** Another program replaces the content, while the first is read. */
const replaceContent = async (harness: Harness, path: DrivePath, by: Uint8Array): Promise<void> => {
  const { hooks, again, right } = harness
  if (hooks.changeFile !== undefined) return hooks.changeFile(path, by)
  await right((await again()).writeFile(path, fromBytes(by), { conflict: 'overwrite' }))
}
const cannotChange: NonNullable<Law['notApplicableFor']> = ({ checksums, features }) =>
  features.etags || checksums.given.length > 0
    ? undefined
    : 'neither versions nor checksums show that a file has changed'

const other = patternBytes(size).map((byte) => byte ^ 0xff)
const checkNotTorn = (answer: E.Either<DriveError, Uint8Array>, old: Uint8Array, now: Uint8Array): void => {
  if (E.isLeft(answer) || isSame(answer.right, old) || isSame(answer.right, now)) return
  throw new Violation('a file was read that never was: its beginning is old, its end is new')
}

const withShortPages = async ({ hooks }: Harness, run: () => Promise<void>): Promise<void> => {
  hooks.shortPages?.(true)
  try {
    await run()
  } finally {
    hooks.shortPages?.(false)
  }
}

export const brokenReadLaws: ReadonlyArray<Law> = [
  ...[1, Infinity].map((times) =>
    law(
      `a byte that was changed on the way down ${times === 1 ? 'once' : 'each time'} is never taken for the file's`,
      async (harness) => {
        await harness.right(harness.drive.writeFile(harness.at('f'), fromBytes(content)))
        await throughProxy(harness, async (drive, proxy) => {
          proxy.intercept(
            onDownload(content, times, (response, body) =>
              Promise.resolve({ ...response, body: spoiled(body, content) ?? body }),
            ),
          )
          const answer = await bytesOf(drive, harness.at('f'))
          harness.holds(
            E.isLeft(answer) || isSame(answer.right, content),
            'wrong bytes were handed out as the whole file',
          )
        })
      },
      {
        notApplicableFor: ({ checksums }) =>
          checksums.given.length > 0 ? undefined : 'the drive reports no checksum to compare with',
      },
    ),
  ),
  law(
    'a download whose connection was lost goes on where it broke',
    async (harness) => {
      await harness.right(harness.drive.writeFile(harness.at('f'), fromBytes(content)))
      await throughProxy(harness, async (drive, proxy) => {
        proxy.intercept(
          onDownload(content, 1, (response, body) =>
            Promise.resolve({ cut: response, after: Math.floor(body.length / 2) }),
          ),
        )
        const bytes = await harness.right(() => bytesOf(drive, harness.at('f')))
        harness.holds(isSame(bytes, content), 'other bytes were read than were written')
      })
    },
    { needs: ['conflict.writeFile.ask', 'features.ranges'] },
  ),
  law(
    'a file that changes while its download is interrupted is never patched together',
    async (harness) => {
      const path = harness.at('f')
      await harness.right(harness.drive.writeFile(path, fromBytes(content)))
      await throughProxy(harness, async (drive, proxy) => {
        proxy.intercept(
          onDownload(content, 1, async (response, body) => {
            await replaceContent(harness, path, other)
            return { cut: response, after: Math.floor(body.length / 2) }
          }),
        )
        checkNotTorn(await bytesOf(drive, path), content, other)
      })
    },
    { needs: ['conflict.writeFile.overwrite'], notApplicableFor: cannotChange },
  ),
  law(
    'a file that is changed in place while it is read is never torn',
    async (harness) => {
      const path = harness.at('f')
      const old = patternBytes(8 * 1024 * 1024)
      const now = old.map((byte) => byte ^ 0xff)
      await harness.right(harness.drive.writeFile(path, fromBytes(old)))
      const { stream } = await harness.right(harness.drive.readFile(path))
      const chunks: Array<Buffer> = []
      try {
        for await (const chunk of stream as AsyncIterable<Buffer>) {
          if (chunks.length === 0) await replaceContent(harness, path, now)
          chunks.push(chunk)
        }
      } catch {
        return
      }
      checkNotTorn(E.right(Buffer.concat(chunks)), old, now)
    },
    { needsHooks: ['changeFile'], notApplicableFor: cannotChange },
  ),
  ...(['stat', 'list', 'readFile'] as const).map((operation) =>
    law(
      `an abort ends ${operation} although the server stays silent`,
      async (harness) => {
        const path = operation === 'list' ? harness.root : await harness.makeFile('f', 'text')
        await throughProxy(harness, async (drive, proxy) => {
          const stop = new AbortController()
          proxy.intercept(() => {
            stop.abort()
            return new Promise<never>(() => undefined)
          })
          await ending(
            operation,
            harness.left<unknown, 'Aborted'>(drive[operation](path, { signal: stop.signal }), 'Aborted'),
          )
        })
      },
      { operation, promise: '2 The interface' },
    ),
  ),
  law(
    'pages that are shorter than asked for, or empty, lose nothing',
    async (harness) => {
      const names = Array.from({ length: 12 }, (_, i) => `e${String(i).padStart(2, '0')}`)
      for (const name of names) await harness.makeFile(`dir/${name}`)
      await withShortPages(harness, async () => {
        const found: Array<string> = []
        for await (const one of entries(harness.drive, harness.at('dir'), { limit: 5 }))
          found.push((await harness.right(() => Promise.resolve(one))).name)
        harness.same(found.sort(), names, 'the names')
      })
    },
    { operation: 'list', promise: '2.2 Entries', needsHooks: ['shortPages'] },
  ),
  law(
    'what is listed on a later page is found, although pages are shorter than asked for',
    async (harness) => {
      const last = 40
      for (let i = 1; i <= last; i++) await harness.makeDir(`dir/e${i}`)
      await withShortPages(harness, async () => {
        // A drive that finds paths by listing directories does so again in each provider object.
        for (let n = 0; n < 20; n++) await harness.right((await harness.again()).stat(harness.at(`dir/e${last}`)))
      })
    },
    { operation: 'stat', promise: '2.2 Entries', needsHooks: ['shortPages'] },
  ),
]
