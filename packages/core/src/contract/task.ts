// References of work that the service does later, by which any process may ask for it.
import * as t from 'io-ts'

export type TaskOperation = 'copyDir' | 'batchMove' | 'batchCopy' | 'batchRemove' | 'restore' | 'purge'

export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

/** A task of the service, as plain JSON without secrets: any process that opens the same drive can ask for it later. */
export type TaskRef<Op extends TaskOperation = TaskOperation> = {
  [O in Op]: { readonly vendor: string; readonly operation: O; readonly state: Json }
}[Op]

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
    operation: t.keyof({
      copyDir: null,
      batchMove: null,
      batchCopy: null,
      batchRemove: null,
      restore: null,
      purge: null,
    }),
    state: Json,
  }),
  'TaskRef',
)
