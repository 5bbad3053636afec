// batchRemove, and what becomes of what is removed.
import {
  type Answered,
  type DrivePath,
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
import { claimed, eachOf, removedOutcomes } from './outcomes'
import { removingTask, taskIdOf } from './task-state'
import { missingTask } from './looks'
import { removeVerdict, type Verdict } from './verdicts'

type Outcomes = ReadonlyArray<RawOutcome<Removed>>

const hasBin = (smh: Smh, signal: AbortSignal): Asked<boolean> =>
  pipe(
    smh.api.recycleBin(signal),
    TE.map(() => true),
    TE.orElse((fault): Asked<boolean> => (fault._tag === 'Unsupported' ? TE.right(false) : TE.left(fault))),
  )

/** Where what was removed without being told so has gone. */
const removedTo = (smh: Smh, permanent: boolean, signal: AbortSignal): Asked<Removed['how']> =>
  permanent
    ? TE.right('erased')
    : pipe(
        hasBin(smh, signal),
        TE.map((bin) => (bin ? 'trashed' : 'erased')),
      )

/** Settings may say that there is a bin where there is none; nothing is removed on their word alone. */
const requireBin = (smh: Smh, signal: AbortSignal): Asked<unknown> => smh.api.recycleBin(signal)

/** Whether there is a bin is asked once, however many items are looked at. */
export const removalVerdicts = (smh: Smh, permanent: boolean, signal: AbortSignal) => {
  let asked: ReturnType<Asked<Removed['how']>> | undefined
  return (path: DrivePath): Asked<Verdict<Removed>> =>
    pipe(
      () => (asked ??= removedTo(smh, permanent, signal)()),
      TE.flatMap((how) => removeVerdict(smh, path, how, signal)),
    )
}

/** All gone: done. What is still there may be removed again. */
const seenIn = (verdicts: ReadonlyArray<Verdict<Removed>>): Seen<Outcomes | Started> => {
  const done = verdicts.filter((v): v is RawOutcome<Removed> => typeof v !== 'string')
  return done.length === verdicts.length ? E.right(done) : 'absent'
}

export const batchRemove =
  (smh: Smh): Optional['batchRemove'] =>
  (items, { permanent, requireTrash }, { signal }): Answered<Outcomes | Started> => {
    const paths = items.map(({ path }): DrivePath => path)
    const verdictOf = removalVerdicts(smh, permanent, signal)
    const requested = paths.map((path) => ({ path, permanent }))
    const call = (repeated: boolean) =>
      pipe(
        smh.api.batchDelete(requested, signal),
        TE.flatMap((answer): Asked<Outcomes | Started> => {
          const task = taskIdOf(answer)
          if (answer.result !== null && answer.result !== undefined) {
            const outcomes = removedOutcomes(paths, answer.result)
            return repeated ? claimed(paths, outcomes, verdictOf) : TE.right(outcomes)
          }
          return task === undefined
            ? TE.left(missingTask)
            : TE.right({ state: removingTask(task, paths, { permanent, repeated }) })
        }),
      )
    const look = pipe(eachOf(paths, verdictOf), TE.map(seenIn))
    return pipe(
      requireTrash ? requireBin(smh, signal) : TE.right(undefined),
      TE.flatMap(() => once(smh, { call, look, check: 'which of the items are gone', signal })),
    )
  }
