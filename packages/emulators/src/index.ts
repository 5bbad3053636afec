/// <reference types="node" preserve="true" />
// The public face: one function per vendor, and the types of what they take and give.
export { type Emulator, type EmulatorOptions, type Json, type JsonObject } from './common/emulator'
export { type FaultControl, type FaultKind, type FaultSpec, type Latency } from './common/faults'
export { type RequestLog, type RequestRecord } from './common/requests'
export {
  startKooDrive,
  type Behaviour as KooDriveBehaviour,
  type KooDriveConfig,
  type KooDriveEmulator,
  type KooDriveOptions,
} from './koodrive'
export {
  startTencentSmh,
  type LibraryConfig,
  type SpaceConfig,
  type TencentSmhBehaviour,
  type TencentSmhConfig,
  type TencentSmhEmulator,
  type TencentSmhOptions,
  type TokenConfig,
} from './tencent-smh'
