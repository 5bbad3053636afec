// Laws of an upload on its way: progress, checkpoints, resuming, times, checksums, limits.
import { fromBytes, type Json, type UploadRef, type UploadSource } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { createHash } from 'node:crypto'
import type { Law } from '../law'
import { ofHello, patternBytes } from '../words'
import { sameTime } from './times'

const law = (name: string, check: Law['check'], promise = '2.6 Reading and writing'): Law => ({
  name,
  operation: 'writeFile',
  promise,
  needs: ['conflict.writeFile.ask'],
  check,
})

export const uploadLaws: ReadonlyArray<Law> = [
  law('progress reaches the size and never passes it', async ({ drive, at, right, same, holds }) => {
    const seen: Array<number> = []
    await right(drive.writeFile(at('f'), fromBytes(patternBytes(200_000)), { onProgress: (bytes) => seen.push(bytes) }))
    holds(
      seen.every((bytes) => bytes >= 0 && bytes <= 200_000),
      'progress beyond the size',
    )
    if (seen.length > 0) same(seen.at(-1), 200_000, 'the last progress')
  }),
  law('checkpoints are plain JSON', async ({ drive, at, right, same }) => {
    const refs: Array<UploadRef> = []
    const onCheckpoint = (ref: UploadRef) => {
      refs.push(ref)
      return TE.right(undefined)
    }
    await right(drive.writeFile(at('f'), fromBytes('hello'), { onCheckpoint }))
    for (const ref of refs) same(JSON.parse(JSON.stringify(ref)) as Json, ref, 'the reference through JSON')
  }),
  law(
    'a checkpoint that fails ends the upload with its error, and nothing appears',
    async ({ drive, at, same, tree, left, notApplicable }) => {
      const own = await left(drive.stat(at('none')), 'NotFound')
      let asked = 0
      const answer = await drive.writeFile(at('f'), fromBytes('hello'), {
        onCheckpoint: () => {
          asked++
          return TE.left(own)
        },
      })()
      if (asked === 0) notApplicable('the drive has no checkpoint for so small a file')
      same([E.isLeft(answer) && answer.left._tag, await tree()], ['NotFound', []], 'the error and the tree')
      await left(drive.stat(at('f')), 'NotFound')
    },
  ),
  law('an upload goes on from its last checkpoint in another provider object', async (harness) => {
    const { drive, at, again, left, right, same, textOf, tree, notApplicable } = harness
    const refs: Array<UploadRef> = []
    const own = await left(drive.stat(at('none')), 'NotFound')
    await drive.writeFile(at('f'), fromBytes('hello'), {
      onCheckpoint: (ref) => {
        refs.push(ref)
        return refs.length === 2 ? TE.left(own) : TE.right(undefined)
      },
    })()
    const last = refs.at(-1)
    if (last === undefined || (await tree()).length > 0)
      return notApplicable('the upload ended before its second checkpoint')
    const written = await right(
      (await again()).writeFile(at('f'), fromBytes('hello'), { resume: JSON.parse(JSON.stringify(last)) as UploadRef }),
    )
    same([written.path, await textOf(at('f'))], [at('f'), 'hello'], 'the file')
  }),
  law(
    'an abandoned upload leaves nothing, and abandoning it twice is done',
    async ({ drive, at, left, right, same, tree, notApplicable }) => {
      const refs: Array<UploadRef> = []
      const own = await left(drive.stat(at('none')), 'NotFound')
      await drive.writeFile(at('f'), fromBytes('hello'), {
        onCheckpoint: (ref) => {
          refs.push(ref)
          return TE.left(own)
        },
      })()
      const [first] = refs
      if (first === undefined) return notApplicable('the drive has no checkpoint for so small a file')
      await right(drive.abandonUpload(first))
      await right(drive.abandonUpload(first))
      same(await tree(), [], 'the tree')
    },
  ),
  law('another vendor’s upload is NotFound', async ({ drive, at, left, same }) => {
    const error = await left(
      drive.writeFile(at('f'), fromBytes('x'), { resume: { vendor: 'nobody', state: null } }),
      'NotFound',
    )
    same(error.what, 'upload', 'what')
  }),
  ...(['createdAt', 'modifiedAt'] as const).map((time) =>
    law(`${time} of a file comes back where the drive keeps it`, async (harness) => {
      const { drive, at, right } = harness
      const then = new Date('2020-02-03T04:05:06.789Z')
      await right(drive.writeFile(at('f'), fromBytes('x'), { [time]: then }))
      const found = await right(drive.stat(at('f')))
      if (drive.capabilities.times.file[time] === 'kept') sameTime(harness, found[time], then, time)
    }),
  ),
  law('the reported checksums are those of the bytes', async ({ drive, at, right, same }) => {
    const bytes = patternBytes(100_000)
    const { checksums } = await right(drive.writeFile(at('f'), fromBytes(bytes)))
    for (const algorithm of ['md5', 'sha1', 'sha256'] as const)
      if (checksums[algorithm] !== undefined)
        same(checksums[algorithm], createHash(algorithm).update(bytes).digest('hex'), algorithm)
  }),
  {
    ...law(
      'a file larger than the drive takes is LimitExceeded before it is read',
      async ({ drive, at, left, same, holds }) => {
        const max = drive.capabilities.limits.fileSize ?? 0
        let opened = false
        const source: UploadSource = {
          size: max + 1,
          open: () => {
            opened = true
            return TE.left({ _tag: 'SourceFailed', reason: 'unreadable' })
          },
        }
        const error = await left(drive.writeFile(at('f'), source), 'LimitExceeded')
        same([error.limit, error.max], ['size', max], 'the limit')
        holds(!opened, 'the source was read')
      },
      '6 Capabilities',
    ),
    notApplicableFor: ({ limits }) => (limits.fileSize === undefined ? 'the size of a file has no limit' : undefined),
  },
  law('an upload of another vendor is not abandoned', async ({ drive, left, same }) => {
    same((await left(drive.abandonUpload({ vendor: 'nobody', state: null }), 'NotFound')).what, 'upload', 'what')
  }),
  law('a source is asked for ranges of its own bytes only', async ({ drive, at, right, holds }) => {
    const bytes = patternBytes(100_000)
    const source = fromBytes(bytes)
    const asked: Array<string> = []
    const open: UploadSource['open'] = (range, signal) => {
      if (range.start < 0 || range.end > bytes.length || range.start > range.end)
        asked.push(`${range.start} to ${range.end}`)
      return source.open(range, signal)
    }
    await right(drive.writeFile(at('f'), { size: source.size, open }))
    holds(asked.length === 0, `asked for ${asked.join(', ')} of ${bytes.length}`)
  }),
  law('a source without a size in whole bytes is SourceFailed', async ({ drive, at, left, same, tree }) => {
    for (const size of [-1, 1.5, Number.NaN])
      await left(drive.writeFile(at('f'), { ...fromBytes('x'), size }), 'SourceFailed')
    same(await tree(), [], 'the tree')
  }),
  law('bytes that are not those of the checksum given are refused, or reported as they are', async (harness) => {
    const { drive, at, right, same, textOf, tree } = harness
    const written = await drive.writeFile(at('f'), { ...fromBytes('other'), checksums: ofHello })()
    if (E.isLeft(written)) {
      same(
        [['ChecksumMismatch', 'SourceFailed'].includes(written.left._tag), await tree()],
        [true, []],
        `${written.left._tag}, and what exists`,
      )
      return
    }
    const found = await right(drive.stat(at('f')))
    const told = found.kind === 'file' ? found.checksums : {}
    for (const algorithm of drive.capabilities.checksums.given)
      same(told[algorithm] === ofHello[algorithm], false, `whether the ${algorithm} is that of other bytes`)
    same(await textOf(at('f')), 'other', 'the content')
  }),
]
