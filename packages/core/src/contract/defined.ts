// Leaves out the keys that have no value.

/** The same object type, whose values may be missing but are never `undefined`. */
export type Defined<T extends object> = {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
} & { readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K] }

/** A copy without the keys whose value is `undefined`: `{ a, ...defined({ b, c }) }` for optional `b` and `c`. */
export const defined = <T extends object>(value: T): Defined<T> =>
  Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as Defined<T>
