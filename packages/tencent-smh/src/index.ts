export { capabilities, openTencentSmh, tencentSmh, type TencentSmhDrive } from './provider'
export { TencentSmhSettings, type TencentSmhInput } from './settings'
export type { SmhMembers, SmhMoved, SmhMoveItem, SmhPlaced } from './smh'
