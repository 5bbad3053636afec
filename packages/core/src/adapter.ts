/// <reference types="node" preserve="true" />
// What authors of adapters use; programs need only `@anydrive/core`.
export { defineCapabilities, type FullCapabilities, type GivenCapabilities } from './contract/capabilities'
export {
  asAsk,
  emulated,
  native,
  supportOf,
  unsupportedStrategy,
  vendorValueFor,
  type Handling,
  type Race,
  type Row,
  type StrategyMapping,
} from './contract/conflict'
export { defined, issuesOf, jsonType, showIssues, type Defined } from './contract/decode'
export {
  aborted,
  ambiguous,
  checksumMismatch,
  forbidden,
  indeterminate,
  invalidArgument,
  invalidPath,
  isLocated,
  limitExceeded,
  nameConflict,
  nestedTarget,
  network,
  notFound,
  preconditionFailed,
  quotaExceeded,
  rangeNotSatisfiable,
  rateLimited,
  rejected,
  sourceFailed,
  taskFailed,
  timeout,
  unauthenticated,
  unavailable,
  unexpectedResponse,
  unsupported,
  withoutEffect,
  wrongKind,
} from './contract/errors'
export { locate, printable, visible } from './contract/explain'
export { bytesHeld, mostHeld, streamOfBytes } from './contract/held'
export * from './contract/temporary'
export * from './contract/time'
export type * from './define/context'
export { defineDrive } from './define/define'
export { nameFault, nameLength } from './define/rules'
export { defineAdapter } from './use/registry'
export { decodeSettings, invalidSettings, requireSettings, settingKeys } from './use/settings'
