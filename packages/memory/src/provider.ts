// The reference provider. It shares no code with `defineDrive`, so that the two share no mistake.
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import type {
  DriveProvider,
  Fault,
  Environment,
  OptionalVerbs,
  TaskRef,
  TaskState,
  VersionedReads,
} from '@anydrive/core'
import { defineAdapter, delay, notFound } from '@anydrive/core/adapter'
import { runCall } from './call'
import type { Context } from './context'
import { contentVerbs } from './contents'
import { optionalVerbs } from './optional'
import { capabilitiesOf, MemorySettings, sameOf } from './settings'
import { createStore, type MemoryStore } from './store'
import { at, batchVerbs, entryVerbs, step } from './verbs'

/** What the settings do not allow is `Unsupported`. */
export interface MemoryDrive extends DriveProvider, OptionalVerbs {
  readonly readFile: VersionedReads['readFile']
  /** Give it to another `openMemory`: that is a second client of the same drive. */
  readonly store: MemoryStore
}

export interface OpenMemory extends MemorySettings {
  /** A drive that is there already; a new one unless given. Its own rules of case and normalisation hold, and its own change feed. */
  readonly store?: MemoryStore | undefined
}

const TaskOwnState = t.strict({ task: t.string })

const looked = (store: MemoryStore, ref: TaskRef): E.Either<Fault, TaskState> => {
  const state = TaskOwnState.decode(ref.state)
  const task = ref.vendor !== 'memory' || E.isLeft(state) ? undefined : store.tasks.get(state.right.task)
  if (task?.operation !== ref.operation) return E.left(notFound({ what: 'task' }))
  if (task.left === 0) return E.right({ status: 'settled', result: task.result })
  const done = task.looks - task.left
  task.left -= 1
  return E.right({ status: 'running', done, total: task.looks })
}

export const openMemory = ({ store: given, ...own }: OpenMemory = {}, environment: Environment = {}): MemoryDrive => {
  const now = environment.now ?? Date.now
  const store = given ?? createStore(sameOf(own), now, own.changeFeed)
  const { same, feedKeeps } = store.tree
  const { changeFeed: _, ...withoutFeed } = own
  const feed = feedKeeps === 0 ? {} : { changeFeed: feedKeeps }
  const settings: MemorySettings = { ...withoutFeed, ...feed, naming: { ...own.naming, ...same } }
  const capabilities = capabilitiesOf(settings)
  const clock = { delay: environment.delay ?? delay, latency: settings.latency ?? 0 }
  const context: Context = { store, settings, capabilities, clock, now }
  const task = (ref: TaskRef, options = {}) =>
    runCall(clock, at('task'), options, (call) => step(call, undefined, () => looked(store, ref)))
  const { capacity } = settings
  return {
    vendor: 'memory',
    capabilities,
    store,
    ...entryVerbs(context),
    ...batchVerbs(context),
    ...contentVerbs(context),
    ...optionalVerbs(context),
    usage: (options = {}) =>
      runCall(clock, at('usage'), options, (call) =>
        step(call, undefined, () =>
          E.right({ used: store.tree.used, ...(capacity === undefined ? {} : { capacity }) }),
        ),
      ),
    task: task as DriveProvider['task'],
  }
}

export const memory = defineAdapter({
  type: 'memory',
  settings: MemorySettings,
  capabilities: capabilitiesOf,
  open: (settings: MemorySettings, environment?: Environment) => openMemory(settings, environment),
})
