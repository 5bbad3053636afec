// batchRemove, and what a lookup proves of a removal.
import type { DrivePath, Removed } from '@anydrive/core'
import type { RawResult, Call, OptionalOperations, RawOutcome, Started } from '@anydrive/core/adapter'
import { attemptItems, type Failure, type Finding, type Outcomes } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Smh } from './client'
import { lookup } from './entries'
import { lookups, removedOutcomes, startedTask } from './outcomes'
import type { Seen } from './translate'
import type { BatchAnswer } from './wire'

/** Settings may claim a bin where there is none: SMH itself says so. */
const hasBin = (smh: Smh, signal: AbortSignal): RawResult<boolean> =>
  pipe(
    smh.api.listRecycled({ marker: undefined, limit: 1 }, signal),
    TE.map(() => true),
    TE.orElse((fault): RawResult<boolean> => (fault._tag === 'Unsupported' ? TE.right(false) : TE.left(fault))),
  )

/** Where an entry went that was removed without a result that says it; the bin is looked up once. */
export const removedTo = (smh: Smh, permanent: boolean, signal: AbortSignal) => {
  let bin: Promise<E.Either<Failure, boolean>> | undefined
  return async (path: DrivePath): Promise<E.Either<Failure, Removed>> => {
    if (permanent) return E.right({ path, how: 'erased' })
    return E.map((there): Removed => ({ path, how: there ? 'trashed' : 'erased' }))(
      await (bin ??= hasBin(smh, signal)()),
    )
  }
}

/** A removal is proved where this call has seen the entry before, and it is gone. */
export const removeProof = (smh: Smh, permanent: boolean, signal: AbortSignal, seen = new Set<DrivePath>()) => {
  const removed = removedTo(smh, permanent, signal)
  return async (path: DrivePath, found: Seen | undefined): Promise<Finding<Removed>> => {
    if (found !== undefined) {
      seen.add(path)
      return { is: 'not-done' }
    }
    const gone = seen.has(path) ? await removed(path) : undefined
    return gone !== undefined && E.isRight(gone)
      ? { is: 'done', value: gone.right }
      : { is: 'unproven', likely: 'done' }
  }
}

interface Removing {
  readonly paths: ReadonlyArray<DrivePath>
  readonly permanent: boolean
  /** Paths at which this call has seen an entry. */
  readonly seen?: Set<DrivePath>
}

const remove = (
  smh: Smh,
  { paths, permanent, seen }: Removing,
  signal: AbortSignal,
): RawResult<Outcomes<Removed> | Started> => {
  const check = 'which of the items are gone'
  const items = paths.map((path) => ({ path, permanent }))
  return attemptItems<DrivePath, Removed, Seen | undefined>({
    ...smh.how(signal),
    items: paths,
    send: (sent) =>
      pipe(
        smh.api.batch('delete', items, signal),
        TE.flatMapEither((answer: BatchAnswer): E.Either<Failure, Outcomes<Removed> | Started> =>
          answer.result === undefined
            ? startedTask(answer, { paths, permanent }, sent, check)
            : E.right(removedOutcomes(paths, answer.result)),
        ),
      ),
    repeat: () => 'if-not-done',
    lookup: (path, its) => lookup(smh, path, its),
    proof: removeProof(smh, permanent, signal, seen),
    check,
    checkItem: (path) => `/${path}`,
    lookups,
  })
}

/** To the bin, where there is one; `requireTrash` fails where there is none, before anything is sent. */
export const batchRemove =
  (smh: Smh): OptionalOperations['batchRemove'] =>
  (items, { permanent, requireTrash }, { signal }: Call) =>
    pipe(
      requireTrash ? smh.api.listRecycled({ marker: undefined, limit: 1 }, signal) : TE.right({}),
      TE.flatMap(() => remove(smh, { paths: items.map(({ path }) => path), permanent }, signal)),
    )

/** One file that this call has seen, to the bin; one that is gone is done. */
export const discard =
  (smh: Smh, path: DrivePath, signal: AbortSignal): RawResult<unknown> =>
  async () => {
    const removed = await remove(smh, { paths: [path], permanent: false, seen: new Set([path]) }, signal)()
    if (E.isLeft(removed) || 'state' in removed.right) return removed
    const outcome: RawOutcome<Removed> | undefined = removed.right[0]
    if (outcome?.status !== 'failed') return E.right(undefined)
    return outcome.fault._tag === 'NotFound' ? E.right(undefined) : E.left(outcome.fault)
  }
