// A batch, for all vendors: outcomes in request order, items that touch each other in successive waves, long waves in chunks.
import * as E from 'fp-ts/Either'
import type { BatchOutcome, BatchSettled } from '../contract/batch'
import {
  aborted,
  indeterminate,
  locate,
  mayHaveHappened,
  timeout,
  type DriveError,
  type Fault,
  type Operation,
} from '../contract/errors'
import type { Call, RawFailure, RawOutcome, Started } from './operations'
import type { DrivePath } from '../contract/path'
import { settle, type Scope } from './scope'
import type { Accepted, Json, TaskOperation, TaskRef } from '../contract/task'
import { wavesOf, type Touch } from './waves'

type Bad = Fault | DriveError
export interface Planned<I, R> {
  /** As the caller gave it. */
  readonly item: I
  readonly resolved: R
  readonly touches: ReadonlyArray<Touch>
  /** Known before anything is sent. */
  readonly fault: Bad | undefined
  /** Where a fault of this item is told to have happened. */
  readonly placeOf: (fault: Bad) => DrivePath
}

export interface BatchJob<I, R, A> {
  readonly vendor: string
  readonly operation: TaskOperation & Operation
  readonly items: ReadonlyArray<Planned<I, R>>
  readonly chunk: number
  readonly wait: boolean
  readonly send: (items: ReadonlyArray<R>, call: Call) => Promise<E.Either<Bad, ReadonlyArray<RawOutcome<A>> | Started>>
  readonly settled: (
    state: Json,
    ref: TaskRef,
    signal: AbortSignal,
  ) => Promise<E.Either<Bad, ReadonlyArray<RawOutcome<A>>>>
  /** Looks that an item needs right before its turn: an outcome instead of being sent, or nothing. */
  readonly look: (item: R, call: Call) => Promise<RawOutcome<A> | undefined>
  /** After a missing parent: makes it, or says why not; nothing where parents are required. */
  readonly mend: ((item: R, fault: Bad) => Promise<E.Either<Bad, void>> | undefined) | undefined
  readonly refOf: (items: ReadonlyArray<I>, state: Json) => TaskRef
}

/** An item on its way to its outcome. */
interface Turn<I, R, A> {
  readonly planned: Planned<I, R>
  outcome: RawOutcome<A> | undefined
}
type Turns<I, R, A> = ReadonlyArray<Turn<I, R, A>>

const failed = (fault: Bad, attempted: boolean): RawFailure => ({ status: 'failed', fault, attempted })

const inDoubt = (fault: Bad): Bad =>
  fault._tag === 'Indeterminate' || fault._tag === 'TaskFailed'
    ? fault
    : indeterminate({
        check: 'source and target of this item',
        ...(fault.said === undefined ? {} : { said: fault.said }),
        ...(fault.http === undefined ? {} : { http: fault.http }),
      })

const answerAll = <I, R, A>(turns: Turns<I, R, A>, outcomes: ReadonlyArray<RawOutcome<A>>): void => {
  turns.forEach((turn, n) => {
    turn.outcome =
      outcomes[n] ?? failed(indeterminate({ check: 'this item: the service did not tell its outcome' }), true)
  })
}
const failAll = <I, R, A>(turns: Turns<I, R, A>, fault: Bad, attempted: boolean): void => {
  for (const turn of turns) turn.outcome ??= failed(fault, attempted)
}

/** What one answered chunk means for the rest: a reference ends the batch, `stop` fails all items that are left. */
type Sent = { readonly accepted?: TaskRef; readonly stop?: Bad }

const sendChunk = async <I, R, A>(
  job: BatchJob<I, R, A>,
  turns: Turns<I, R, A>,
  scope: Scope,
): Promise<E.Either<Bad, Sent>> => {
  const call: Call = { signal: scope.signal, wait: job.wait }
  const answered = await settle(() =>
    job.send(
      turns.map(({ planned }) => planned.resolved),
      call,
    ),
  )
  if (E.isLeft(answered)) {
    if (!mayHaveHappened(answered.left)) return answered
    failAll(turns, inDoubt(answered.left), true)
    return E.right({ stop: answered.left })
  }
  if (!('state' in answered.right)) {
    answerAll(turns, answered.right)
    return E.right({})
  }
  const ref = job.refOf(
    turns.map(({ planned }) => planned.item),
    answered.right.state,
  )
  if (!job.wait && turns.length === job.items.length) return E.right({ accepted: ref })
  const settled = await job.settled(answered.right.state, ref, scope.signal)
  if (E.isRight(settled)) answerAll(turns, settled.right)
  else failAll(turns, settled.left, true)
  return E.right({})
}

/** Makes the parents that items missed; those that may be sent again. */
const mendParents = async <I, R, A>(job: BatchJob<I, R, A>, turns: Turns<I, R, A>): Promise<Turns<I, R, A>> => {
  const again: Array<Turn<I, R, A>> = []
  for (const turn of turns) {
    const outcome = turn.outcome
    if (outcome?.status !== 'failed' || outcome.fault._tag !== 'NotFound' || outcome.fault.what !== 'parent') continue
    const mended = await job.mend?.(turn.planned.resolved, outcome.fault)
    if (mended === undefined) continue
    if (E.isLeft(mended)) turn.outcome = failed(mended.left, true)
    else again.push(turn)
  }
  for (const turn of again) turn.outcome = undefined
  return again
}

const sendAndMend = async <I, R, A>(
  job: BatchJob<I, R, A>,
  turns: Turns<I, R, A>,
  scope: Scope,
): Promise<E.Either<Bad, Sent>> => {
  const first = await sendChunk(job, turns, scope)
  if (E.isLeft(first) || first.right.accepted !== undefined || first.right.stop !== undefined) return first
  if (scope.cause() !== undefined) return first
  const again = await mendParents(job, turns)
  if (again.length === 0) return first
  const second = await sendChunk(job, again, scope)
  if (E.isRight(second)) return second
  failAll(again, second.left, false)
  return E.right({ stop: second.left })
}

/** Items that a look settles are not sent. */
const lookFirst = async <I, R, A>(
  job: BatchJob<I, R, A>,
  turns: Turns<I, R, A>,
  scope: Scope,
): Promise<Turns<I, R, A>> => {
  for (const turn of turns) {
    if (scope.cause() !== undefined) break
    turn.outcome = await job.look(turn.planned.resolved, { signal: scope.signal, wait: job.wait })
  }
  return turns.filter((turn) => turn.outcome === undefined)
}

/** The answer to one batch. Left only while nothing was changed. */
export const runBatch = async <I, R, A>(
  job: BatchJob<I, R, A>,
  scope: Scope,
): Promise<E.Either<Bad, BatchSettled<I, A> | Accepted>> => {
  const turns: Turns<I, R, A> = job.items.map((planned) => ({
    planned,
    outcome: planned.fault === undefined ? undefined : failed(planned.fault, false),
  }))
  const open = turns.filter((turn) => turn.outcome === undefined)
  const waves = wavesOf(open.map(({ planned }) => planned.touches))
  const last = waves.reduce((most, wave) => Math.max(most, wave), -1)
  let changed = false
  const stopped = (fault: Bad): E.Either<Bad, BatchSettled<I, A>> => {
    if (!changed) return E.left(fault)
    failAll(turns, fault, false)
    return E.right(settledBatch(job, turns, scope))
  }
  for (let wave = 0; wave <= last; wave++) {
    const due = await lookFirst(
      job,
      open.filter((_, n) => waves[n] === wave),
      scope,
    )
    for (let at = 0; at < due.length; at += job.chunk) {
      if (scope.cause() !== undefined)
        return stopped(scope.cause() === 'timeout' ? timeout({ effect: 'none' }) : aborted({ effect: 'none' }))
      const sent = await sendAndMend(job, due.slice(at, at + job.chunk), scope)
      if (E.isLeft(sent)) return stopped(sent.left)
      changed = true
      if (sent.right.accepted !== undefined) return E.right({ task: sent.right.accepted })
      if (sent.right.stop !== undefined) return stopped(sent.right.stop)
    }
  }
  return E.right(settledBatch(job, turns, scope))
}

/** An adapter sees its signal abort; that the time ran out, the scope knows. */
const timed = <A>(scope: Scope, outcome: RawOutcome<A> | undefined): RawOutcome<A> | undefined => {
  if (outcome?.status !== 'failed' || outcome.fault._tag !== 'Aborted' || scope.cause() !== 'timeout') return outcome
  const unsent = outcome.fault.effect === 'none'
  return {
    ...outcome,
    fault: unsent ? timeout({ effect: 'none' }) : indeterminate({ check: 'this item: the call timed out' }),
  }
}

const settledBatch = <I, R, A>(job: BatchJob<I, R, A>, turns: Turns<I, R, A>, scope: Scope): BatchSettled<I, A> => ({
  outcomes: turns.map(({ planned, outcome }) => outcomeOf(job, planned, timed(scope, outcome))),
})

/** The raw outcome located at its item, which it carries. */
export const outcomeOf = <I, R, A>(
  job: Pick<BatchJob<I, R, A>, 'vendor' | 'operation'>,
  planned: Pick<Planned<I, R>, 'item' | 'placeOf'>,
  raw: RawOutcome<A> | undefined,
): BatchOutcome<I, A> => {
  if (raw?.status === 'done') return { ...raw, item: planned.item }
  const fault = raw?.fault ?? indeterminate({ check: 'source and target of this item' })
  const error = locate({ vendor: job.vendor, operation: job.operation, path: planned.placeOf(fault) })(fault)
  return { status: 'failed', item: planned.item, error, attempted: raw?.attempted ?? true }
}
