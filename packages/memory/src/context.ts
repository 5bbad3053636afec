// What the operations of one memory drive share.
import type {
  Capabilities,
  ConflictOptions,
  ConflictStrategy,
  TaskOperation,
  TaskResults,
  Accepted,
} from '@anydrive/core'
import type { Clock } from './call'
import { looksOf, type MemorySettings } from './settings'
import type { How, Times } from './spots'
import type { MemoryStore } from './store'

export interface Context {
  readonly store: MemoryStore
  readonly settings: MemorySettings
  readonly capabilities: Capabilities
  readonly clock: Clock
  readonly now: () => number
}

export const howOf = (
  { capabilities, settings, now }: Context,
  options: ConflictOptions,
  own?: ConflictStrategy,
): How => ({
  conflict: own ?? options.conflict ?? 'ask',
  parents: options.parents ?? 'create',
  naming: capabilities.naming,
  capacity: settings.capacity,
  keepsVersions: settings.versions === true,
  now: now(),
})

/** A time that is not given, or is no time, is the drive's own. */
export const timesOf = (
  given: { readonly createdAt?: Date | undefined; readonly modifiedAt?: Date | undefined },
  now: number,
): Times => {
  const timeOf = (date: Date | undefined): number => {
    const time = date?.getTime() ?? NaN
    return Number.isNaN(time) ? now : time
  }
  return { createdAt: timeOf(given.createdAt), modifiedAt: timeOf(given.modifiedAt) }
}

/** The result itself; or, where the caller does not wait and the drive works in the background, a task that tells it later. */
export const resultOf = <Op extends TaskOperation>(
  { store, settings }: Context,
  operation: Op,
  wait: boolean | undefined,
  result: TaskResults[Op],
): TaskResults[Op] | Accepted<Op> => {
  const looks = looksOf(settings)
  if (wait !== false || looks === undefined) return result
  const id = store.nextId()
  store.tasks.set(id, { operation, result, looks, left: looks })
  return { task: { vendor: 'memory', operation, state: { task: id } } }
}
