// The public names of the Tencent SMH emulator.
export { startTencentSmh, type TencentSmhEmulator } from './start'
export {
  type Behaviour as TencentSmhBehaviour,
  type LibraryConfig,
  type SpaceConfig,
  type TencentSmhConfig,
  type TencentSmhOptions,
  type TokenConfig,
} from './options'
