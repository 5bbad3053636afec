// Laws of stat.
import { fromBytes, nameOf, root } from '@anydrive/core'
import type { Law } from '../law'
import { ofHello } from '../words'

const law = (name: string, check: Law['check'], promise = '2.2 Entries'): Law => ({
  name,
  operation: 'stat',
  promise,
  needs: [],
  check,
})

export const statLaws: ReadonlyArray<Law> = [
  law(
    'the root is a directory without a name',
    async ({ drive, right, same }) => {
      const entry = await right(drive.stat(root))
      same([entry.kind, entry.path, entry.name], ['directory', '', ''], 'the root')
    },
    '2.1 Paths',
  ),
  law('a file reports its kind, path, name and size', async ({ drive, right, same, makeFile }) => {
    const path = await makeFile('f.txt', 'hello')
    const entry = await right(drive.stat(path))
    same([entry.kind, entry.path, entry.name], ['file', path, 'f.txt'], 'the entry')
    if (entry.kind === 'file') same(entry.size, 5, 'its size')
  }),
  law('a directory reports its kind, path and name', async ({ drive, right, same, makeDir }) => {
    const path = await makeDir('d')
    const entry = await right(drive.stat(path))
    same([entry.kind, entry.path, entry.name], ['directory', path, 'd'], 'the entry')
  }),
  law('what is not there is NotFound', async ({ drive, at, left, same }) => {
    const error = await left(drive.stat(at('none')), 'NotFound')
    same([error.what, error.path], ['source', at('none')], 'the error')
  }),
  law('below what is not there is NotFound too', async ({ drive, at, left }) => {
    await left(drive.stat(at('none/x/y')), 'NotFound')
  }),
  law('below a file there is nothing', async ({ drive, at, left, makeFile }) => {
    await makeFile('f')
    await left(drive.stat(at('f/x')), 'NotFound', 'WrongKind')
  }),
  law('looking twice gives the same', async ({ drive, right, same, makeFile }) => {
    const path = await makeFile('f')
    same(await right(drive.stat(path)), await right(drive.stat(path)), 'the second look')
  }),
  law('another provider object on the same drive sees it', async ({ again, right, same, makeFile }) => {
    const path = await makeFile('f', 'hello')
    const entry = await right((await again()).stat(path))
    same([entry.kind, entry.path], ['file', path], 'the entry')
  }),
  law('times are dates, where they are reported', async ({ drive, right, holds, makeFile, makeDir }) => {
    for (const path of [await makeFile('f'), await makeDir('d')]) {
      const { createdAt, modifiedAt } = await right(drive.stat(path))
      for (const time of [createdAt, modifiedAt])
        holds(
          time === undefined || (time instanceof Date && Number.isFinite(time.getTime())),
          'a valid Date was promised',
        )
    }
  }),
  law(
    'a version stays when nothing happens, and is reported as declared',
    async ({ drive, right, same, holds, makeFile }) => {
      const one = await right(drive.stat(await makeFile('one', 'aaaa')))
      const again = await right(drive.stat(one.path))
      if (one.kind !== 'file' || again.kind !== 'file') return
      same(again.version, one.version, 'the version')
      holds(drive.capabilities.features.etags === (one.version !== undefined), 'versions are reported as declared')
    },
  ),
  law('checksums are those declared, in lower-case hex', async ({ drive, right, same, holds, makeFile }) => {
    const entry = await right(drive.stat(await makeFile('f', 'hello')))
    if (entry.kind !== 'file') return
    const given: ReadonlyArray<string> = drive.capabilities.checksums.given
    for (const [algorithm, hex] of Object.entries(entry.checksums)) {
      holds(given.includes(algorithm), `${algorithm} is given but not declared`)
      holds(/^[0-9a-f]+$/.test(hex), `${algorithm} is not lower-case hex`)
      holds(algorithm !== 'crc64xz' || hex.length === 16, 'crc64xz has not 16 digits')
    }
    for (const algorithm of drive.capabilities.checksums.given)
      same(entry.checksums[algorithm], ofHello[algorithm], `the ${algorithm} of "hello"`)
  }),
  {
    ...law('a version differs when the bytes do, even where their number does not', async (harness) => {
      const one = await harness.right(harness.drive.stat(await harness.makeFile('f', 'aaaa')))
      await harness.right(harness.drive.writeFile(harness.at('f'), fromBytes('bbbb'), { conflict: 'overwrite' }))
      const two = await harness.right(harness.drive.stat(harness.at('f')))
      harness.same(
        one.kind === 'file' && two.kind === 'file' && one.version !== two.version,
        true,
        'whether another version is reported for other bytes',
      )
    }),
    needs: ['features.etags', 'conflict.writeFile.overwrite'],
  },
  law(
    'a name listed twice is one entry: the path is made of its parent and its name',
    async ({ drive, right, same, makeFile }) => {
      const entry = await right(drive.stat(await makeFile('a/b/c.txt')))
      same([nameOf(entry.path), entry.name], ['c.txt', 'c.txt'], 'the name')
    },
  ),
]
