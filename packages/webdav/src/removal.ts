// batchRemove: one DELETE an item, with everything below it.
import {
  aborted,
  notFound,
  taskFailed,
  type Answered,
  type Optional,
  type RawOutcome,
  type Removed,
  type ResolvedRemoval,
} from '@anydrive/core'
import { guarded } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { someFailed } from './api'
import { committed, lasting, type Dav } from './context'
import { isWorthALook, leavesDoubt, type Bad } from './faults'
import { inParallel } from './parallel'
import { whileAt } from './versions'

const removeOne = (dav: Dav, { path, ifVersion }: ResolvedRemoval, signal: AbortSignal): Answered<Removed> => {
  const removed: Removed = { path, how: 'erased' }
  const refused = (fault: Bad): Answered<Removed> => {
    if ((fault as { readonly code?: string }).code === someFailed)
      return TE.left(taskFailed({ partial: path, said: fault._tag }))
    if (!isWorthALook(fault) || fault._tag === 'PreconditionFailed') return TE.left(fault)
    return pipe(
      dav.looks.find(path, signal),
      TE.flatMap((found) => TE.left<Bad, Removed>(found === undefined ? notFound({ what: 'source' }) : fault)),
    )
  }
  const send = guarded<Bad, Removed>({
    call: pipe(
      committed(signal, (own) => dav.api.remove(path, ifVersion, own)),
      TE.map(() => removed),
      TE.orElse((fault) => (leavesDoubt(fault) ? TE.left(fault) : refused(fault))),
    ),
    look: () =>
      pipe(
        dav.looks.find(path, lasting(signal)),
        TE.map((found) => (found === undefined ? removed : ('absent' as const))),
      )(),
    check: 'whether it is gone',
    ambiguous: leavesDoubt,
    signal,
    surroundings: dav.surroundings,
  })
  return ifVersion === undefined ? send : whileAt(dav, path, ifVersion, send, signal)
}

export const batchRemove =
  (dav: Dav): Optional['batchRemove'] =>
  (items, _, { signal }) =>
  async () =>
    E.right(
      await inParallel(items, async (item): Promise<RawOutcome<Removed>> => {
        if (signal.aborted) return { status: 'failed', fault: aborted({ effect: 'none' }), attempted: false }
        const answer = await removeOne(dav, item, signal)()
        return E.isRight(answer)
          ? { status: 'done', ...answer.right }
          : { status: 'failed', fault: answer.left, attempted: true }
      }),
    )
