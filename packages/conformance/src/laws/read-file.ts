// Laws of readFile: ranges, kinds, versions, streams that are left alone.
import { fromBytes, readBytes, readText, root, type ByteRange } from '@anydrive/core'
import { Violation, type Law } from '../law'
import { patternBytes } from '../words'

const law = (name: string, check: Law['check'], needs: Law['needs'] = []): Law => ({
  name,
  operation: 'readFile',
  promise: '2.6 Reading and writing',
  needs,
  check,
})

const content = '0123456789'
const ranges: ReadonlyArray<[ByteRange, string]> = [
  [{ start: 0 }, content],
  [{ start: 0, end: 10 }, content],
  [{ start: 0, end: 1 }, '0'],
  [{ start: 9 }, '9'],
  [{ start: 3, end: 7 }, '3456'],
  [{ start: 5, end: 5 }, ''],
  [{ start: 8, end: 4000 }, '89'],
]

export const readFileLaws: ReadonlyArray<Law> = [
  ...ranges.map(([range, expected]) =>
    law(
      `bytes ${range.start} to ${range.end ?? 'the end'} of ten`,
      async ({ drive, right, same, makeFile }) => {
        const read = await right(drive.readFile(await makeFile('f', content), { range }))
        same(
          [read.size, read.range],
          [10, { start: range.start, end: range.start + expected.length }],
          'size and range',
        )
        same(await right(readText(read)), expected, 'the bytes')
      },
      range.start === 0 && range.end === undefined ? [] : ['features.ranges'],
    ),
  ),
  ...[{ start: 10 }, { start: 11, end: 20 }, { start: -1 }, { start: 7, end: 3 }].map((range) =>
    law(
      `a range from ${range.start} to ${'end' in range ? String(range.end) : 'the end'} of ten is RangeNotSatisfiable`,
      async ({ drive, left, same, makeFile }) => {
        same(
          (await left(drive.readFile(await makeFile('f', content), { range }), 'RangeNotSatisfiable')).size,
          10,
          'the size',
        )
      },
    ),
  ),
  law('an empty file is read from its start', async ({ drive, right, same, makeFile }) => {
    const read = await right(drive.readFile(await makeFile('f', ''), { range: { start: 0 } }))
    same([read.size, await right(readText(read))], [0, ''], 'size and bytes')
  }),
  law('an empty file has no byte to start at but the first', async ({ drive, left, makeFile }) => {
    await left(drive.readFile(await makeFile('f', ''), { range: { start: 1 } }), 'RangeNotSatisfiable')
  }),
  law('the reported entry is the file’s', async ({ drive, right, same, makeFile }) => {
    const path = await makeFile('f', content)
    const read = await right(drive.readFile(path))
    read.stream.destroy()
    same([read.entry.path, read.entry.name, read.entry.size], [path, 'f', 10], 'the entry')
  }),
  law('a directory is WrongKind', async ({ drive, left, same, makeDir }) => {
    same((await left(drive.readFile(await makeDir('d')), 'WrongKind')).expected, 'file', 'the kind expected')
  }),
  law('the root is WrongKind', async ({ drive, left }) => {
    await left(drive.readFile(root), 'WrongKind')
  }),
  law('what is not there is NotFound', async ({ drive, at, left, same }) => {
    same((await left(drive.readFile(at('none')), 'NotFound')).what, 'source', 'what')
  }),
  law('many readers at once all get the bytes', async ({ drive, at, right, holds }) => {
    const bytes = patternBytes(300_000)
    await right(drive.writeFile(at('f'), fromBytes(bytes)))
    const all = await Promise.all(
      Array.from({ length: 6 }, async () => right(readBytes(await right(drive.readFile(at('f')))))),
    )
    holds(
      all.every((one) => Buffer.compare(one, bytes) === 0),
      'a reader got other bytes',
    )
  }),
  law(
    'a stream that is destroyed early leaves the drive usable',
    async ({ drive, at, right, same, makeFile, textOf }) => {
      await right(drive.writeFile(at('large'), fromBytes(patternBytes(2_000_000))))
      const small = await makeFile('small')
      for (let i = 0; i < 3; i++) (await right(drive.readFile(at('large')))).stream.destroy()
      same(await textOf(small), 'small', 'another file')
    },
  ),
  law(
    'ranges joined are the whole',
    async ({ drive, at, right, holds }) => {
      const bytes = patternBytes(100_003)
      await right(drive.writeFile(at('f'), fromBytes(bytes)))
      const parts: Array<Uint8Array> = []
      for (let start = 0; start < bytes.length; start += 30_000)
        parts.push(
          await right(readBytes(await right(drive.readFile(at('f'), { range: { start, end: start + 30_000 } })))),
        )
      holds(Buffer.compare(Buffer.concat(parts), bytes) === 0, 'the parts joined differ from the whole')
    },
    ['features.ranges'],
  ),
  law(
    'a version that no longer holds is PreconditionFailed',
    async ({ drive, at, left, right, makeFile }) => {
      const first = await right(drive.stat(await makeFile('f', 'one')))
      if (first.kind !== 'file' || first.version === undefined) throw new Violation('a version was promised')
      ;(await right(drive.readFile(at('f'), { ifVersion: first.version }))).stream.destroy()
      await right(drive.writeFile(at('f'), fromBytes('other'), { conflict: 'overwrite' }))
      await left(drive.readFile(at('f'), { ifVersion: first.version }), 'PreconditionFailed')
    },
    ['features.etags', 'conflict.writeFile.overwrite'],
  ),
]
