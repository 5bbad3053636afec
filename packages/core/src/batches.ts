// A batch, for all vendors: outcomes in request order, items that touch each other in successive waves, long waves in chunks.
import * as E from 'fp-ts/Either'
import type { BatchOutcome, BatchSettled } from './batch'
import { aborted, indeterminate, locate, unavailable, type DriveError, type Fault, type Operation } from './errors'
import type { Call, RawOutcome, Started } from './operations'
import type { DrivePath } from './path'
import { settle, type Scope } from './scope'
import type { Accepted, Json, TaskOperation, TaskRef } from './task'
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

type Slot<A> = RawOutcome<A> | undefined
const failed = (fault: Bad, attempted: boolean): RawOutcome<never> => ({ status: 'failed', fault, attempted })

/** A left that says the request was refused as a whole; anything else may have changed something. */
const leavesDoubt = (fault: Bad): boolean =>
  fault._tag === 'Indeterminate' ||
  fault._tag === 'TaskFailed' ||
  fault._tag === 'Network' ||
  fault._tag === 'Timeout' ||
  fault._tag === 'UnexpectedResponse' ||
  (fault._tag === 'Aborted' && fault.effect === 'unknown')

const inDoubt = (fault: Bad): Bad =>
  fault._tag === 'Indeterminate' || fault._tag === 'TaskFailed'
    ? fault
    : indeterminate({
        check: 'source and target of this item',
        ...(fault.said === undefined ? {} : { said: fault.said }),
        ...(fault.http === undefined ? {} : { http: fault.http }),
      })

const isMissingParent = (o: Slot<unknown>): o is Extract<RawOutcome<unknown>, { status: 'failed' }> =>
  o?.status === 'failed' && o.fault._tag === 'NotFound' && o.fault.what === 'parent'

/** The answer to one batch. Left only while nothing was changed. */
export const runBatch = async <I, R, A>(
  job: BatchJob<I, R, A>,
  scope: Scope,
): Promise<E.Either<Bad, BatchSettled<I, A> | Accepted>> => {
  const slots: Array<Slot<A>> = job.items.map(({ fault }) => (fault === undefined ? undefined : failed(fault, false)))
  const open = job.items.map((_, i) => i).filter((i) => slots[i] === undefined)
  const waves = wavesOf(open.map((i) => job.items[i]?.touches ?? []))
  const last = Math.max(-1, ...waves)
  const call: Call = { signal: scope.signal, wait: job.wait }
  let changed = false

  const resolvedAt = (i: number): R => (job.items[i] as Planned<I, R>).resolved
  const collect = (indices: ReadonlyArray<number>, outcomes: ReadonlyArray<RawOutcome<A>>): void => {
    indices.forEach((i, n) => {
      slots[i] =
        outcomes[n] ?? failed(unavailable({ said: 'the service answered for fewer items than were sent' }), true)
    })
  }
  const restFails = (fault: Bad): void => {
    for (const i of open) slots[i] ??= failed(fault, false)
  }

  /** Undefined: go on. */
  const sendChunk = async (indices: ReadonlyArray<number>): Promise<E.Either<Bad, TaskRef | undefined>> => {
    const answered = await settle(() => job.send(indices.map(resolvedAt), call))
    if (E.isLeft(answered)) {
      const fault = answered.left
      if (leavesDoubt(fault))
        collect(
          indices,
          indices.map(() => failed(inDoubt(fault), true)),
        )
      else if (!changed) return E.left(fault)
      restFails(fault)
      return E.right(undefined)
    }
    changed = true
    if (!('state' in answered.right)) {
      collect(indices, answered.right)
      return E.right(undefined)
    }
    const ref = job.refOf(
      indices.map((i) => (job.items[i] as Planned<I, R>).item),
      answered.right.state,
    )
    if (!job.wait && indices.length === job.items.length) return E.right(ref)
    const settled = await job.settled(answered.right.state, ref, scope.signal)
    collect(indices, E.isRight(settled) ? settled.right : indices.map(() => failed(settled.left, true)))
    return E.right(undefined)
  }

  const mendParents = async (indices: ReadonlyArray<number>): Promise<ReadonlyArray<number>> => {
    const again: Array<number> = []
    for (const i of indices) {
      const slot = slots[i]
      if (!isMissingParent(slot)) continue
      const mended = await job.mend?.(resolvedAt(i), slot.fault)
      if (mended === undefined) continue
      if (E.isLeft(mended)) slots[i] = failed(mended.left, true)
      else again.push(i)
    }
    return again
  }

  for (let wave = 0; wave <= last; wave++) {
    const due = open.filter((_, n) => waves[n] === wave)
    const toSend: Array<number> = []
    for (const i of due) {
      const seen = scope.signal.aborted ? undefined : await job.look(resolvedAt(i), call)
      if (seen === undefined) toSend.push(i)
      else slots[i] = seen
    }
    for (let at = 0; at < toSend.length; at += job.chunk) {
      const indices = toSend.slice(at, at + job.chunk).filter((i) => slots[i] === undefined)
      if (indices.length === 0) continue
      if (scope.signal.aborted) {
        const stop = aborted({ effect: 'none' })
        if (!changed) return E.left(stop)
        restFails(stop)
        break
      }
      let next: ReadonlyArray<number> = indices
      for (let round = 0; round < 2 && next.length > 0; round++) {
        const sent = await sendChunk(next)
        if (E.isLeft(sent)) return sent
        if (sent.right !== undefined) return E.right({ task: sent.right })
        next = round === 0 && !scope.signal.aborted ? await mendParents(next) : []
        if (round === 0) for (const i of next) slots[i] = undefined
      }
    }
  }
  return E.right({ outcomes: job.items.map((planned, i) => outcomeOf(job, planned, slots[i])) })
}

/** The raw outcome located at its item, which it carries. */
export const outcomeOf = <I, R, A>(
  job: Pick<BatchJob<I, R, A>, 'vendor' | 'operation'>,
  planned: Pick<Planned<I, R>, 'item' | 'placeOf'>,
  raw: Slot<A>,
): BatchOutcome<I, A> => {
  if (raw?.status === 'done') return { ...raw, item: planned.item }
  const fault = raw?.fault ?? indeterminate({ check: 'source and target of this item' })
  const error = locate({ vendor: job.vendor, operation: job.operation, path: planned.placeOf(fault) })(fault)
  return { status: 'failed', item: planned.item, error, attempted: raw?.attempted ?? true }
}
