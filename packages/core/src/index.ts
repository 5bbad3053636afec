/// <reference types="node" preserve="true" />
// What programs use. Authors of adapters also use `@anydrive/core/adapter`.
export * from './contract/batch'
export {
  has,
  type Capabilities,
  type Feature,
  type KeptTimes,
  type Naming,
  type TimeKeeping,
  type Uploading,
} from './contract/capabilities'
export { ConflictStrategy, type Basis, type Support, type SupportCell, type SupportRow } from './contract/conflict'
export { child, parsePath } from './contract/decode'
export * from './contract/entry'
export {
  isError,
  matchError,
  matchSome,
  mayHaveHappened,
  retryAdvice,
  type Answer,
  type DriveError,
  type Effect,
  type Fault,
  type FaultTag,
  type Issue,
  type NameConflict,
  type NotFound,
  type Operation,
  type RetryAdvice,
  type Where,
} from './contract/errors'
export { DriveException } from './contract/exception'
export * from './contract/optional'
export * from './contract/path'
export * from './contract/provider'
export * from './contract/search'
export * from './contract/secret'
export * from './contract/source'
export * from './contract/task'
export * from './use/conveniences'
export * from './use/layer'
export * from './use/leftovers'
export * from './use/promised'
export { createRegistry, type Adapter, type AnyAdapter, type Registry } from './use/registry'
export type { ConfigurationError } from './use/settings'
export {
  fromBlob,
  fromBytes,
  fromEntry,
  fromFile,
  readBytes,
  readText,
  spooled,
  type SpoolOptions,
  type Spooled,
} from './use/sources'
export * from './use/walk'
export type { BlobLike, WebStream } from './use/web'
