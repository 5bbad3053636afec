// batchRemove, and what becomes of what is removed.
import {
  type Answered,
  type DrivePath,
  type Fault,
  type Optional,
  type RawOutcome,
  type Removed,
  type Started,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Asked } from './api'
import type { Smh } from './context'
import { once, type Seen } from './once'
import { eachOf, removedOutcomes } from './outcomes'
import { removingTask, taskIdOf } from './task-state'
import { missingTask } from './looks'
import { removeVerdict } from './verdicts'

type Outcomes = ReadonlyArray<RawOutcome<Removed>>

const hasBin = (smh: Smh, signal: AbortSignal): Asked<boolean> =>
  pipe(
    smh.api.recycleBin(signal),
    TE.map(() => true),
    TE.orElse((fault): Asked<boolean> => (fault._tag === 'Unsupported' ? TE.right(false) : TE.left(fault))),
  )

/** Where what was removed without being told so has gone. */
export const removedTo = (smh: Smh, permanent: boolean, signal: AbortSignal): Asked<Removed['how']> =>
  permanent
    ? TE.right('erased')
    : pipe(
        hasBin(smh, signal),
        TE.map((bin) => (bin ? 'trashed' : 'erased')),
      )

/** Settings may say that there is a bin where there is none; nothing is removed on their word alone. */
const requireBin = (smh: Smh, signal: AbortSignal): Asked<unknown> => smh.api.recycleBin(signal)

export const batchRemove =
  (smh: Smh): Optional['batchRemove'] =>
  (items, { permanent, requireTrash }, { signal }): Answered<Outcomes | Started> => {
    const paths = items.map(({ path }): DrivePath => path)
    let lost = false
    /** Gone after a lost answer: ours. */
    const amended = (outcomes: Outcomes): Asked<Outcomes> =>
      lost && outcomes.some((o) => o.status === 'failed' && o.fault._tag === 'NotFound')
        ? pipe(
            removedTo(smh, permanent, signal),
            TE.map((how) =>
              outcomes.map((o, i): RawOutcome<Removed> => {
                const path = paths[i]
                return o.status === 'failed' && o.fault._tag === 'NotFound' && path !== undefined
                  ? { status: 'done', path, how }
                  : o
              }),
            ),
          )
        : TE.right(outcomes)
    const call = pipe(
      smh.api.batchDelete(
        paths.map((path) => ({ path, permanent })),
        signal,
      ),
      TE.flatMap((answer): Asked<Outcomes | Started> => {
        const task = taskIdOf(answer)
        if (answer.result !== null && answer.result !== undefined) return amended(removedOutcomes(paths, answer.result))
        return TE.fromEither(
          task === undefined
            ? E.left<Fault, Started>(missingTask)
            : E.right({ state: removingTask(task, paths, permanent) }),
        )
      }),
    )
    const look: Asked<Seen<Outcomes | Started>> = pipe(
      TE.fromIO(() => {
        lost = true
      }),
      TE.flatMap(() => removedTo(smh, permanent, signal)),
      TE.flatMap((how) => eachOf(paths, (path) => removeVerdict(smh, path, how, signal))),
      TE.map((verdicts): Seen<Outcomes | Started> => {
        const done = verdicts.filter((v): v is RawOutcome<Removed> => typeof v !== 'string')
        return done.length === paths.length ? E.right(done) : 'absent'
      }),
    )
    return pipe(
      requireTrash ? requireBin(smh, signal) : TE.right(undefined),
      TE.flatMap(() => once(smh, { call, look, check: 'which of the items are gone', signal })),
    )
  }
