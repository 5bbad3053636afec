// Work that the service does later: references that any process can use, polling, and the results of a finished task.
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import type { BatchOutcome, BatchSettled, Placed, Purged, Removed } from '../contract/batch'
import { ConflictStrategy } from '../contract/conflict'
import { defined } from '../contract/decode'
import { indeterminate, mayHaveHappened, notFound, retryAdvice, withoutEffect } from '../contract/errors'
import { locate } from '../contract/explain'
import { DrivePath } from '../contract/path'
import type { DriveProvider, TaskState } from '../contract/provider'
import { Json as JsonCodec, type Json, type TaskOperation, type TaskRef } from '../contract/task'
import type { DriveContext, RawOutcome, RawTaskState } from './context'
import { errorPath, TrashItem, type Failure } from './rules'
import { catchDefects, runScoped } from './scope'

// --- references: beside the adapter's own state they hold what the whole result needs

const Item = t.intersection([
  t.type({ from: DrivePath, to: DrivePath }),
  t.partial({ conflict: ConflictStrategy, fromSpace: t.string }),
])
const Removal = t.union([DrivePath, t.intersection([t.type({ path: DrivePath }), t.partial({ ifVersion: t.string })])])
const CopyDirState = t.type({ from: DrivePath, to: DrivePath, task: JsonCodec })
const TransferState = t.type({ items: t.readonlyArray(Item), task: JsonCodec })
const RemovalState = t.type({ items: t.readonlyArray(Removal), task: JsonCodec })
const TrashState = t.type({ items: t.readonlyArray(TrashItem), task: JsonCodec })

/** The reference of a task: `about` is its source and target, or its items, as plain JSON. */
export const taskRef = <Op extends TaskOperation>(
  vendor: string,
  operation: Op,
  about: object,
  task: Json,
): TaskRef<Op> => ({ vendor, operation, state: JSON.parse(JSON.stringify({ ...about, task })) as Json })

/** The fields of an item that its task's reference keeps. */
export const stored = (item: unknown, { options: { itemFields = [] } }: DriveContext): unknown => {
  const fields = ['from', 'to', 'conflict', 'fromSpace', 'path', 'ifVersion', 'trashId', ...itemFields]
  return typeof item === 'string'
    ? item
    : Object.fromEntries(Object.entries(item as object).filter(([field]) => fields.includes(field)))
}

// --- polling

/** What the service said with a fault. */
const saidOf = ({ said, code, http, requestId }: Partial<Failure>) => defined({ said, code, http, requestId })

type Settled = Extract<RawTaskState, { readonly status: 'settled' }>['result']

const tenMinutes = 600_000
const firstWait = 300
const longestWait = 5000

/**
 * Polls the task until it has ended; the first request is sent at once. A passing fault of a poll does not end it; any other fault, an abort,
 * or the end of `taskTimeout` leaves the outcome unknown: `Indeterminate` with the reference.
 */
export const poll = async (
  { operations, options, now, delay }: DriveContext,
  ref: TaskRef,
  state: Json,
  signal: AbortSignal,
): Promise<E.Either<Failure, Settled>> => {
  const deadline = now() + (options.taskTimeout ?? tenMinutes)
  const unknown = (fault: Partial<Failure> = {}) =>
    E.left(indeterminate({ task: ref, check: 'the task', ...saidOf(fault) }))
  const { task } = operations
  if (task === undefined) return unknown()
  for (let wait = firstWait; ; wait = Math.min(longestWait, wait * 1.5)) {
    const polled = await catchDefects(() => task(ref.operation, state, { signal, wait: true }))
    if (E.isRight(polled)) {
      if (polled.right.status === 'settled') return E.right(polled.right.result)
      if (polled.right.status === 'failed') return E.left(polled.right.fault)
    } else if (!signal.aborted && retryAdvice(withoutEffect(polled.left)) !== 'later') return unknown(polled.left)
    if (signal.aborted || now() >= deadline) return unknown()
    await delay(wait, signal)
  }
}

// --- results

const itemCheck = 'source and target of this item'

/** What an item ends with after this fault: `Indeterminate` where it may have happened, an abort of the caller's excepted. */
const settledFault = (fault: Failure): Failure =>
  !mayHaveHappened(fault) || ['Indeterminate', 'TaskFailed', 'Aborted'].includes(fault._tag)
    ? fault
    : indeterminate({ check: itemCheck, ...saidOf(fault) })

/** The raw outcome of an item, with its item, and its fault located there; an item without an outcome is `Indeterminate`. */
export const outcomeOf = <I, A>(
  about: { readonly vendor: string; readonly operation: TaskOperation },
  item: I,
  pathOf: (fault: Failure) => DrivePath | undefined,
  raw: RawOutcome<A> | undefined,
  conflict?: ConflictStrategy,
): BatchOutcome<I, A> => {
  if (raw?.status === 'done') return { ...raw, item }
  const fault = settledFault(raw?.fault ?? indeterminate({ check: `${itemCheck}: the service reported no outcome` }))
  const error = locate({ ...about, ...defined({ path: pathOf(fault) }) }, conflict)(fault)
  return { status: 'failed', item, error, attempted: raw?.attempted ?? true }
}

interface Known {
  readonly task: Json
  /** The operation's result, of a task that has ended. */
  readonly result: (raw: Settled) => Placed | BatchSettled<unknown, Placed | Removed | Purged>
  readonly path?: (fault: Failure) => DrivePath
}

const batchResult =
  <I>(
    vendor: string,
    operation: TaskOperation,
    items: ReadonlyArray<I>,
    pathOf: (item: I) => (fault: Failure) => DrivePath | undefined,
  ): Known['result'] =>
  (raw) => {
    const outcomes = Array.isArray(raw) ? (raw as ReadonlyArray<RawOutcome<Placed | Removed | Purged>>) : []
    return { outcomes: items.map((item, i) => outcomeOf({ vendor, operation }, item, pathOf(item), outcomes[i])) }
  }

/** Undefined where no drive wrote this reference. */
const knownOf = (vendor: string, { operation, state }: TaskRef): Known | undefined => {
  if (operation === 'copyDir') {
    if (!CopyDirState.is(state)) return undefined
    return { task: state.task, result: (raw) => raw as Placed, path: errorPath(state.from, state.to) }
  }
  if (operation === 'batchRemove') {
    if (!RemovalState.is(state)) return undefined
    const pathOf = (item: (typeof state.items)[number]) => () => (typeof item === 'string' ? item : item.path)
    return { task: state.task, result: batchResult(vendor, operation, state.items, pathOf) }
  }
  if (operation === 'restore' || operation === 'purge') {
    if (!TrashState.is(state)) return undefined
    return { task: state.task, result: batchResult(vendor, operation, state.items, () => () => undefined) }
  }
  if (!TransferState.is(state)) return undefined
  const pathOf = ({ from, to }: (typeof state.items)[number]) => errorPath(from, to)
  return { task: state.task, result: batchResult(vendor, operation, state.items, pathOf) }
}

const stateOf = (known: Known, { vendor, operation }: TaskRef, raw: RawTaskState): TaskState => {
  if (raw.status === 'running') return raw
  if (raw.status === 'settled') return { status: 'settled', result: known.result(raw.result) } as TaskState
  return {
    status: 'failed',
    error: locate({ vendor, operation, ...defined({ path: known.path?.(raw.fault) }) })(raw.fault),
  }
}

export const taskVerb = ({ vendor, capabilities, operations }: DriveContext): Pick<DriveProvider, 'task'> => ({
  task: ((ref: TaskRef, options = {}) =>
    runScoped(
      { vendor, verb: 'task', inputs: { ref, options } },
      async ({ ref }, { signal }): Promise<E.Either<Failure, TaskState>> => {
        const known = ref.vendor === vendor && capabilities.features.background ? knownOf(vendor, ref) : undefined
        const { task } = operations
        if (known === undefined || task === undefined) return E.left(notFound({ what: 'task' }))
        const polled = await catchDefects(() => task(ref.operation, known.task, { signal, wait: false }))
        return E.map((raw: RawTaskState) => stateOf(known, ref, raw))(polled)
      },
    )) as DriveProvider['task'],
})
