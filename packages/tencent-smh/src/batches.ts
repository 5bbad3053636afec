// batchMove and batchCopy.
import {
  indeterminate,
  type Answered,
  type Call,
  type Optional,
  type RawOutcome,
  type ResolvedItem,
  type Started,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Asked } from './api'
import type { Smh } from './context'
import { missingTask } from './looks'
import { once, type Seen } from './once'
import { claimed, eachOf, namedExactly, placedOutcomes, type Echoed } from './outcomes'
import { replaceByMove } from './replace'
import { placingTask, taskIdOf } from './task-state'
import { fileWord } from './translate'
import { copyVerdict, moveVerdict, type Verdict } from './verdicts'
import type { BatchAnswer, CopyRequestItem, MoveRequestItem } from './wire'

type Outcomes = ReadonlyArray<RawOutcome<Echoed>>
/** Whether ACLs of folders move along; nothing: not said. */
export type AuthorityOf = (item: ResolvedItem) => boolean | undefined

interface Placing {
  readonly smh: Smh
  readonly items: ReadonlyArray<ResolvedItem>
  readonly call: Call
  readonly send: (signal: AbortSignal) => Asked<BatchAnswer>
  readonly verdictOf: (item: ResolvedItem) => Asked<Verdict<Echoed>>
  /** What an outcome becomes that only a composed operation can mend. */
  readonly mended: (item: ResolvedItem, outcome: RawOutcome<Echoed>) => Asked<RawOutcome<Echoed>>
  readonly echo: boolean
}

const undecided: RawOutcome<never> = {
  status: 'failed',
  attempted: true,
  fault: indeterminate({ check: 'source and target of this item; a task of the service may still be at work' }),
}

/** Half of it done: what is not done yet may be a task's that still runs. Nothing done: it never arrived. */
const seenIn = (verdicts: ReadonlyArray<Verdict<Echoed>>): Seen<Outcomes | Started> => {
  const some = verdicts.some((v) => typeof v !== 'string' && v.status === 'done')
  const none = verdicts.some((v) => v === 'absent') && !verdicts.includes('unknown')
  return !some && none ? 'absent' : E.right(verdicts.map((v) => (typeof v === 'string' ? undecided : v)))
}

const placing = ({ smh, items, call, send, verdictOf, mended, echo }: Placing): Answered<Outcomes | Started> => {
  const { signal } = call
  const completed = (outcomes: Outcomes): Asked<Outcomes> =>
    eachOf(outcomes, (outcome, i) => {
      const item = items[i]
      return item === undefined || outcome.status === 'done' ? TE.right(outcome) : mended(item, outcome)
    })
  const asked = (repeated: boolean) =>
    pipe(
      send(signal),
      TE.flatMap((answer): Asked<Outcomes | Started> => {
        const task = taskIdOf(answer)
        if (answer.result !== null && answer.result !== undefined)
          return pipe(
            placedOutcomes(items, answer.result, echo),
            namedExactly(smh, items, signal),
            TE.flatMap((outcomes) => (repeated ? claimed(items, outcomes, verdictOf) : TE.right(outcomes))),
            TE.flatMap(completed),
          )
        return task === undefined
          ? TE.left(missingTask)
          : TE.right({ state: placingTask(task, items, { echo, repeated }) })
      }),
    )
  const look = pipe(eachOf(items, verdictOf), TE.map(seenIn))
  return once(smh, { call: asked, look, check: 'source and target of each item', signal })
}

const moveItem =
  (authorityOf: AuthorityOf) =>
  (item: ResolvedItem): MoveRequestItem => {
    const moveAuthority = authorityOf(item)
    return {
      from: item.from,
      to: item.to,
      ...(item.fromSpace === undefined ? {} : { fromSpaceId: item.fromSpace }),
      conflictResolutionStrategy: fileWord(item.conflict),
      ...(moveAuthority === undefined ? {} : { moveAuthority }),
    }
  }

const copyItem = ({ from, to, conflict, fromSpace }: ResolvedItem): CopyRequestItem => ({
  copyFrom: from,
  to,
  ...(fromSpace === undefined ? {} : { copyFromSpaceId: fromSpace }),
  conflictResolutionStrategy: fileWord(conflict),
})

/** SMH does not move over a file that has history: then the move is composed (docs/wire/tencent-smh.md, strategies). */
const isForbiddenByHistory = (outcome: RawOutcome<Echoed>): boolean =>
  outcome.status === 'failed' && outcome.fault.code === 'OverwriteFileNotAllowed'

export const batchMoveWith =
  (smh: Smh, authorityOf: AuthorityOf, echo: boolean): Optional['batchMove'] =>
  (items, call) =>
    placing({
      smh,
      items,
      call,
      echo,
      send: (signal) => smh.api.batchMove(items.map(moveItem(authorityOf)), signal),
      verdictOf: (item) => moveVerdict(smh, item, call.signal),
      mended: (item, outcome) =>
        isForbiddenByHistory(outcome) && item.fromSpace === undefined
          ? replaceByMove(smh, item, call.signal)
          : TE.right(outcome),
    })

export const batchMove = (smh: Smh): Optional['batchMove'] => batchMoveWith(smh, () => undefined, false)

export const batchCopy =
  (smh: Smh): Optional['batchCopy'] =>
  (items, call) =>
    placing({
      smh,
      items,
      call,
      echo: false,
      send: (signal) => smh.api.batchCopy(items.map(copyItem), signal),
      verdictOf: (item) => copyVerdict(smh, item, call.signal),
      mended: (_, outcome) => TE.right(outcome),
    })
