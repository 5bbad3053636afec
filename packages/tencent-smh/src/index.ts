export type { SmhBeginning } from './browser-upload'
export { capabilities } from './capabilities'
export { openTencentSmh, tencentSmh, type TencentSmhDrive } from './drive'
export type { SmhQuota, SmhSpace, SmhSpaceCounts } from './library'
export type {
  SmhChange,
  SmhChanges,
  SmhDeployment,
  SmhMembers,
  SmhMoved,
  SmhMoveItem,
  SmhStats,
  SmhTask,
} from './members'
export type { SmhPlaced } from './outcomes'
export { TencentSmhSettings, type TencentSmhInput } from './settings'
export { smhStrategies } from './translate'
