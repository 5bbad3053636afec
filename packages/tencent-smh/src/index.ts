export { capabilities } from './capabilities'
export {
  openTencentSmh,
  tencentSmh,
  type SmhMembers,
  type SmhMoved,
  type SmhMoveItem,
  type TencentSmhDrive,
} from './drive'
export type { SmhPlaced } from './outcomes'
export { TencentSmhSettings, type TencentSmhInput } from './settings'
export { smhStrategies } from './translate'
