// Types that several files of the contract need, so that no two of them import each other.

declare const pathBrand: unique symbol
/**
 * The path of an entry in a drive: segments joined by `/`, without a slash at either end; the root is the empty string.
 * A plain string at run time, so JSON, `Map` keys and `===` work. Unicode is kept as given.
 */
export type DrivePath = string & { readonly [pathBrand]: true }

export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

export type TaskOperation = 'copyDir' | 'batchMove' | 'batchCopy' | 'batchRemove'

/** A task of the service, as plain JSON without secrets: any process that opens the same drive can ask for it later. */
export type TaskRef<Op extends TaskOperation = TaskOperation> = {
  [O in Op]: { readonly vendor: string; readonly operation: O; readonly state: Json }
}[Op]

/** The same object type, whose values may be missing but are never `undefined`. */
export type Defined<T extends object> = {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
} & { readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K] }

/** A copy without the keys whose value is `undefined`: `{ a, ...defined({ b, c }) }` for optional `b` and `c`. */
export const defined = <T extends object>(value: T): Defined<T> =>
  Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as Defined<T>
