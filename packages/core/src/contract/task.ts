// Work that the vendor does later, and the reference by which anyone may ask for it.
import * as t from 'io-ts'
import type { BatchSettled, CopyItem, MoveItem, Placed, RemoveItem, Removed } from './batch'
import type { DriveError } from './errors'
import type * as types from './types'

export interface TaskResults {
  copyDir: Placed
  batchMove: BatchSettled<MoveItem, Placed>
  batchCopy: BatchSettled<CopyItem, Placed>
  batchRemove: BatchSettled<RemoveItem, Removed>
}
export type TaskOperation = types.TaskOperation
export type Json = types.Json

export type TaskRef<Op extends TaskOperation = TaskOperation> = types.TaskRef<Op>

const isJson = (u: unknown): u is Json => {
  if (u === null || typeof u === 'boolean' || typeof u === 'string') return true
  if (typeof u === 'number') return Number.isFinite(u)
  if (Array.isArray(u)) return u.every(isJson)
  return typeof u === 'object' && Object.values(u).every(isJson)
}
export const Json: t.Type<Json> = new t.Type<Json>(
  'Json',
  isJson,
  (u, context) => (isJson(u) ? t.success(u) : t.failure(u, context)),
  (a) => a,
)

/** Of a stored reference; which operation it was is not known to the compiler, so the result is a union. */
export const TaskRef: t.Type<TaskRef, TaskRef> = t.readonly(
  t.strict({
    vendor: t.string,
    operation: t.keyof({ copyDir: null, batchMove: null, batchCopy: null, batchRemove: null }),
    state: Json,
  }),
  'TaskRef',
)

export type TaskState<Op extends TaskOperation = TaskOperation> =
  | { readonly status: 'running'; readonly done?: number; readonly total?: number }
  | { readonly status: 'settled'; readonly result: TaskResults[Op] }
  | { readonly status: 'failed'; readonly error: DriveError }

/** The vendor took the work and does it later. */
export interface Accepted<Op extends TaskOperation = TaskOperation> {
  readonly task: TaskRef<Op>
}
export const isAccepted = <Op extends TaskOperation>(r: TaskResults[Op] | Accepted<Op>): r is Accepted<Op> =>
  'task' in r
