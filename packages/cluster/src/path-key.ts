// How paths are stored in PostgreSQL: as text with escapes where it cannot be text, under a key of fixed length.
import { createHash } from 'node:crypto'

const halfSurrogate = /\p{Surrogate}/u

/** The text of the column: a path with half a surrogate pair, which is no text for PostgreSQL, is written with escapes. */
export const storedPath = (path: string): string =>
  halfSurrogate.test(path) ? JSON.stringify(path).slice(1, -1) : path

/** The key of a path: an index row of PostgreSQL has no room for more than 2.7 kB. */
export const pathKey = (path: string): Buffer =>
  createHash('sha256')
    .update(halfSurrogate.test(path) ? JSON.stringify(path) : path)
    .digest()

/** The same in SQL, of a text that holds no half surrogate. */
export const pathKeySql = (path: string): string => `sha256(convert_to(${path}, 'UTF8'))`

/** A column as it is sorted by, in part from an index: `path` has the collation "C". */
export const pathOrder = (path: string): string => `left(${path}, 255)`

/** Compares `path` with a parameter, in the order of `pathOrder`, then `path`. */
const compareSql = (path: string, operator: '<' | '>', parameter: string): string =>
  `${pathOrder(path)} ${operator}= ${pathOrder(parameter)} AND (${pathOrder(path)}, ${path}) ${operator} (${pathOrder(parameter)}, ${parameter})`

/** Conditions of SQL. */
export const isAfterSql = (path: string, parameter: string): string => compareSql(path, '>', parameter)
export const isBeforeSql = (path: string, parameter: string): string => compareSql(path, '<', parameter)
