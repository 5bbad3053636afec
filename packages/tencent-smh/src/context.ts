// What the operations of one drive share.
import type { LogEvent, Surroundings } from '@anydrive/core'
import type { SmhApi } from './api'
import type { Transport } from './auth'
import type { Looks } from './looks'
import type { TencentSmhSettings } from './settings'

export interface Smh {
  readonly settings: TencentSmhSettings
  readonly api: SmhApi
  readonly looks: Looks
  readonly transport: Transport
  readonly surroundings: Surroundings
  readonly now: () => number
  readonly log: (event: LogEvent) => void
}
