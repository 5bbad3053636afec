export * from './contract/batch'
export * from './contract/capabilities'
export * from './contract/conflict'
export * from './contract/decode'
export * from './contract/entry'
export * from './contract/errors'
export { DriveException } from './contract/exception'
export { locate, printable, visible } from './contract/explain'
export * from './contract/path'
export * from './contract/provider'
export * from './contract/secret'
export * from './contract/source'
export * from './contract/task'
export * from './contract/temporary'
export * from './contract/time'
export type * from './define/context'
export { defineDrive } from './define/define'
export { nameFault, nameLength } from './define/rules'
export * from './use/conveniences'
export * from './use/layer'
export * from './use/leftovers'
export * from './use/promised'
export * from './use/registry'
export * from './use/settings'
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
