// Laws of writing over a bad connection: bytes spoiled, sources that stall, uploads and temporary names left behind.
import { mayHaveHappened, entries, fromBytes, readBytes, type DriveError, type UploadSource } from '@anydrive/core'
import { isTemporary } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { Readable } from 'node:stream'
import type { Harness, Law } from '../law'
import { changes, ending, spoiled, throughProxy } from '../proxied'
import type { Interceptor } from '../proxy'
import { checkNothingLeft, patternBytes, yielding } from '../words'

const law = (name: string, check: Law['check'], more: Partial<Law> = {}): Law => ({
  name,
  operation: 'writeFile',
  promise: '2.6 Reading and writing',
  needs: ['conflict.writeFile.ask'],
  check,
  ...more,
})

/** Changes a byte of each request that carries the content, as often as `times` says. */
const spoilUploads =
  (content: Uint8Array, times: number): Interceptor =>
  (request, forward) => {
    const body = times > 0 ? spoiled(request.body, content) : undefined
    if (body === undefined) return forward()
    times--
    return forward({ ...request, body })
  }

const checkEvidence = async (harness: Harness, conflict: 'ask' | 'overwrite', times: number): Promise<void> => {
  const content = patternBytes(100_000)
  const path = harness.at('f')
  if (conflict === 'overwrite') await harness.right(harness.drive.writeFile(path, fromBytes(new Uint8Array(100_000))))
  await throughProxy(harness, async (drive, proxy) => {
    proxy.intercept(spoilUploads(content, times))
    const written = await drive.writeFile(path, fromBytes(content), { conflict })()
    if (E.isLeft(written)) return
    const stored = await harness.right(readBytes(await harness.right(harness.drive.readFile(path))))
    if (Buffer.compare(stored, content) === 0) return
    harness.same(written.right.evidence, 'size', 'the evidence of a file that holds other bytes than were sent')
    harness.same(
      drive.capabilities.checksums.checked,
      [],
      'what the drive declares to check, while other bytes are stored',
    )
  })
}

/** Yields some bytes and then nothing more, from the given range on; the first such range aborts the call. */
const stalling = (size: number, stallsFrom: number, stop: AbortController) => {
  const bytes = patternBytes(size)
  const counts = { opened: 0, afterAbort: 0 }
  const open: UploadSource['open'] = ({ start, end }, signal) => {
    counts.opened += 1
    // A call that was about to open it may still do so, with the signal that ends it.
    if (stop.signal.aborted && !signal.aborted) counts.afterAbort += 1
    if (end <= stallsFrom) return fromBytes(bytes).open({ start, end }, signal)
    const stream = new Readable({ read: () => undefined })
    stream.push(bytes.subarray(start, Math.min(end, start + 1000)))
    setImmediate(() => stop.abort())
    return TE.right(stream)
  }
  return { source: { size, open }, counts }
}

const checkStalled = async (harness: Harness, size: number, stallsFrom: number): Promise<void> => {
  const stop = new AbortController()
  const { source, counts } = stalling(size, stallsFrom, stop)
  const running = harness.drive.writeFile(harness.at('f'), source, { signal: stop.signal })()
  const answer = await ending('an upload that was aborted while its source stalled', running)
  const count = counts.opened
  harness.holds(E.isLeft(answer), 'an upload succeeded whose source never ended')
  if (E.isLeft(answer))
    harness.holds(
      ['Aborted', 'Indeterminate'].includes(answer.left._tag),
      `Aborted was promised, got ${answer.left._tag}: ${answer.left.message}`,
    )
  harness.same(
    counts.afterAbort,
    0,
    'how often the source was opened after the abort, with a signal that it did not reach',
  )
  harness.same(await harness.tree(), [], 'the tree')
  harness.same(counts.opened, count, 'how often the source was opened, after the call had ended')
}

/** A failure that leaves no doubt leaves no unfinished upload and no temporary name. */
const checkForgotten = async (
  harness: Harness,
  what: string,
  run: () => Promise<E.Either<DriveError, unknown>>,
): Promise<void> => {
  const pending = harness.hooks.pendingUploads ?? (() => 0)
  const before = await pending()
  const answer = await run()
  if (E.isRight(answer) || mayHaveHappened(answer.left)) return
  harness.same(await pending(), before, `uploads that the service still holds after ${what} (${answer.left._tag})`)
  await checkNothingLeft(harness)
}

const strategies = ['ask', 'overwrite'] as const

export const brokenWriteLaws: ReadonlyArray<Law> = [
  ...strategies.flatMap((conflict) =>
    [1, Infinity].map((times) =>
      law(
        `a byte that was changed on the way up ${times === 1 ? 'once' : 'each time'} is not vouched for, under ${conflict}`,
        (harness) => checkEvidence(harness, conflict, times),
        { needs: [`conflict.writeFile.${conflict}`], needsHooks: ['http'] },
      ),
    ),
  ),
  law('an abort ends an upload whose source has stalled', (harness) => checkStalled(harness, 5000, 0), {
    promise: '2 The interface',
  }),
  law(
    'an abort ends an upload in parts whose source has stalled at a later part',
    (harness) =>
      checkStalled(harness, harness.hooks.multipartSize ?? 0, Math.floor((harness.hooks.multipartSize ?? 0) / 2)),
    { promise: '2 The interface', needsHooks: ['multipartSize'] },
  ),
  ...strategies.flatMap((conflict) => [
    law(
      `a source that fails leaves no unfinished upload, under ${conflict}`,
      async (harness) => {
        if (conflict === 'overwrite') await harness.makeFile('f', 'old')
        const source = yielding(5, ['abc'], new Error('disk'))
        await checkForgotten(
          harness,
          'a source that failed',
          harness.drive.writeFile(harness.at('f'), source, { conflict }),
        )
      },
      { needs: [`conflict.writeFile.${conflict}`], needsHooks: ['pendingUploads'] },
    ),
    law(
      `an upload that the service refuses at any request leaves none behind, under ${conflict}`,
      async (harness) => {
        const refusal = harness.hooks.http?.refusal
        if (refusal === undefined) return harness.notApplicable('the test gives no refusal of the service')
        for (let k = 1, reached = true; reached; k++) {
          reached = false
          const path = harness.at(`${conflict}-${k}`)
          if (conflict === 'overwrite') await harness.right(harness.drive.writeFile(path, fromBytes('old')))
          await throughProxy(harness, async (drive, proxy) => {
            let count = 0
            proxy.intercept(async (request, forward) => {
              if (!changes(harness, request) || ++count !== k) return forward()
              reached = true
              return refusal(request) ?? forward()
            })
            await checkForgotten(
              harness,
              `a refusal of changing request ${k}`,
              drive.writeFile(path, fromBytes('new'), { conflict }),
            )
          })
        }
      },
      { needs: [`conflict.writeFile.${conflict}`], needsHooks: ['http'] },
    ),
  ]),
  law(
    'an overwrite of a version that no longer holds leaves no unfinished upload',
    async (harness) => {
      await harness.makeFile('f', 'old')
      const options = { conflict: 'overwrite', ifVersion: 'another' } as const
      await checkForgotten(
        harness,
        'PreconditionFailed',
        harness.drive.writeFile(harness.at('f'), fromBytes('new'), options),
      )
    },
    { needs: ['conflict.writeFile.overwrite', 'features.etags'], needsHooks: ['pendingUploads'] },
  ),
  law(
    'an abandoned upload is forgotten by the service',
    async (harness) => {
      const { drive, at, left, hooks, same, tree } = harness
      const before = await hooks.pendingUploads?.()
      const own = await left(drive.stat(at('none')), 'NotFound')
      await drive.writeFile(at('f'), fromBytes('hello'), {
        onCheckpoint: (ref) => TE.flatMap(() => TE.left(own))(drive.abandonUpload(ref)),
      })()
      same(await hooks.pendingUploads?.(), before, 'uploads that the service still holds')
      same(await tree(), [], 'the tree')
    },
    { operation: 'abandonUpload', needsHooks: ['pendingUploads'] },
  ),
  law(
    'nothing but the file is listed while it is replaced',
    async (harness) => {
      const path = await harness.makeFile('f', 'old')
      const other = await harness.again()
      const seen = new Set<string>()
      await throughProxy(harness, async (drive, proxy) => {
        proxy.intercept(async (request, forward) => {
          const response = await forward()
          if (!changes(harness, request)) return response
          for await (const one of entries(other, harness.root))
            seen.add((await harness.right(() => Promise.resolve(one))).name)
          return response
        })
        await harness.right(drive.writeFile(path, fromBytes('new'), { conflict: 'overwrite' }))
      })
      harness.same(
        [...seen].filter((name) => name !== 'f'),
        [],
        'names that were listed meanwhile',
      )
      const after: Array<string> = []
      for await (const one of entries(other, harness.root, { temporaries: 'show' }))
        if (E.isRight(one) && isTemporary(one.right.name)) after.push(one.right.name)
      harness.same(after, [], 'temporary names left behind')
    },
    { promise: '2.3 Placing', needs: ['conflict.writeFile.overwrite'], needsHooks: ['http'] },
  ),
]
