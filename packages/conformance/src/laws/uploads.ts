// Laws of an upload on its way: progress, checkpoints, resuming, times, checksums, limits.
import { fromBytes, type Json, type UploadRef, type UploadSource } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { createHash } from 'node:crypto'
import type { Law } from '../law'
import { patternBytes } from '../words'

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
    async ({ drive, at, same, tree, left }) => {
      const own = await drive.stat(at('none'))()
      if (E.isRight(own)) return
      let asked = 0
      const answer = await drive.writeFile(at('f'), fromBytes('hello'), {
        onCheckpoint: () => {
          asked++
          return TE.left(own.left)
        },
      })()
      if (asked === 0) return
      same([E.isLeft(answer) && answer.left._tag, await tree()], ['NotFound', []], 'the error and the tree')
      await left(drive.stat(at('f')), 'NotFound')
    },
  ),
  law('an upload goes on from its last checkpoint in another provider object', async (bench) => {
    const { drive, at, again, right, same, textOf, tree } = bench
    const refs: Array<UploadRef> = []
    const own = await drive.stat(at('none'))()
    if (E.isRight(own)) return
    await drive.writeFile(at('f'), fromBytes('hello'), {
      onCheckpoint: (ref) => {
        refs.push(ref)
        return refs.length === 2 ? TE.left(own.left) : TE.right(undefined)
      },
    })()
    const last = refs.at(-1)
    if (last === undefined || (await tree()).length > 0) return
    const written = await right(
      (await again()).writeFile(at('f'), fromBytes('hello'), { resume: JSON.parse(JSON.stringify(last)) as UploadRef }),
    )
    same([written.path, await textOf(at('f'))], [at('f'), 'hello'], 'the file')
  }),
  law(
    'an abandoned upload leaves nothing, and abandoning it twice is done',
    async ({ drive, at, right, same, tree }) => {
      const refs: Array<UploadRef> = []
      const own = await drive.stat(at('none'))()
      if (E.isRight(own)) return
      await drive.writeFile(at('f'), fromBytes('hello'), {
        onCheckpoint: (ref) => {
          refs.push(ref)
          return TE.left(own.left)
        },
      })()
      const [first] = refs
      if (first === undefined) return
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
    law(`${time} of a file comes back where the drive keeps it`, async ({ drive, at, right, same }) => {
      const then = new Date('2020-02-03T04:05:06.000Z')
      await right(drive.writeFile(at('f'), fromBytes('x'), { [time]: then }))
      const found = await right(drive.stat(at('f')))
      if (drive.capabilities.times.file[time] === 'kept') same(found[time]?.getTime(), then.getTime(), time)
    }),
  ),
  law('the checksums told are those of the bytes', async ({ drive, at, right, same }) => {
    const bytes = patternBytes(100_000)
    const { checksums } = await right(drive.writeFile(at('f'), fromBytes(bytes)))
    for (const algorithm of ['md5', 'sha1', 'sha256'] as const)
      if (checksums[algorithm] !== undefined)
        same(checksums[algorithm], createHash(algorithm).update(bytes).digest('hex'), algorithm)
  }),
  law(
    'a file larger than the drive takes is LimitExceeded before it is read',
    async ({ drive, at, left, same, holds }) => {
      const max = drive.capabilities.limits.fileSize
      if (max === undefined) return
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
]
