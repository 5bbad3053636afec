// task: what has become of work that the vendor does later.
import * as E from 'fp-ts/Either'
import type { BatchSettled, Placed, Removed } from '../contract/batch'
import { outcomeOf } from './batch'
import type { Defined } from './define'
import { locate, notFound, type DriveError, type Fault, type Where } from '../contract/errors'
import type { RawOutcome, RawTaskState } from './operations'
import type { DrivePath } from '../contract/path'
import type { DriveProvider } from '../contract/provider'
import { CopyDirState, PlacingState, RemovingState } from './refs'
import { placeOf } from './rules'
import { settle, within } from './scope'
import type { Json, TaskOperation, TaskRef, TaskState } from '../contract/task'

type Bad = Fault | DriveError

interface Known {
  readonly task: Json
  /** Of a settled task: the operation's result. */
  readonly result: (
    raw: Placed | ReadonlyArray<RawOutcome<Placed | Removed>>,
  ) => Placed | BatchSettled<unknown, Placed | Removed>
  readonly placeOf: (fault: Bad) => DrivePath | undefined
}

const batchResult =
  <I>(
    vendor: string,
    operation: Exclude<TaskOperation, 'copyDir'>,
    items: ReadonlyArray<I>,
    place: (item: I) => (fault: Bad) => DrivePath,
  ) =>
  (raw: Placed | ReadonlyArray<RawOutcome<Placed | Removed>>): BatchSettled<I, Placed | Removed> => {
    const outcomes = Array.isArray(raw) ? (raw as ReadonlyArray<RawOutcome<Placed | Removed>>) : []
    return {
      outcomes: items.map((item, i) => outcomeOf({ vendor, operation }, { item, placeOf: place(item) }, outcomes[i])),
    }
  }

/** Undefined: not a reference that this core wrote. */
const knownOf = (vendor: string, { operation, state }: TaskRef): Known | undefined => {
  if (operation === 'copyDir') {
    const decoded = CopyDirState.decode(state)
    if (E.isLeft(decoded)) return undefined
    const { from, to, task } = decoded.right
    return { task, result: (raw) => raw as Placed, placeOf: placeOf(from, to) }
  }
  if (operation === 'batchRemove') {
    const decoded = RemovingState.decode(state)
    if (E.isLeft(decoded)) return undefined
    const { items, task } = decoded.right
    const place = (item: (typeof items)[number]) => () => (typeof item === 'string' ? item : item.path)
    return { task, result: batchResult(vendor, operation, items, place), placeOf: () => undefined }
  }
  const decoded = PlacingState.decode(state)
  if (E.isLeft(decoded)) return undefined
  const { items, task } = decoded.right
  return {
    task,
    result: batchResult(vendor, operation, items, ({ from, to }) => placeOf(from, to)),
    placeOf: () => undefined,
  }
}

const stateOf = (known: Known, where: Where, raw: RawTaskState): TaskState => {
  if (raw.status === 'running') return raw
  if (raw.status === 'settled') return { status: 'settled', result: known.result(raw.result) } as TaskState
  const path = known.placeOf(raw.fault)
  return { status: 'failed', error: locate({ ...where, ...(path === undefined ? {} : { path }) })(raw.fault) }
}

export const taskVerb = (defined: Defined): Pick<DriveProvider, 'task'> => {
  const { vendor, capabilities, polling } = defined
  const task = (ref: TaskRef, options?: Parameters<DriveProvider['task']>[1]) =>
    within(
      { where: { vendor, operation: 'task' }, changes: false, options },
      async ({ signal }): Promise<E.Either<Bad, TaskState>> => {
        const known = ref.vendor === vendor && capabilities.features.background ? knownOf(vendor, ref) : undefined
        if (known === undefined) return E.left(notFound({ what: 'task' }))
        const looked = await settle(polling.task(ref.operation, known.task, { signal, wait: false }))
        return E.map((raw: RawTaskState) => stateOf(known, { vendor, operation: ref.operation }, raw))(looked)
      },
    )
  return { task: task as DriveProvider['task'] }
}
