// What the operations of one drive share: settings, transport, ids, jobs and clocks.
import { mayHaveHappened, type DrivePath, type Environment } from '@anydrive/core'
import { defined, taskFailed, unavailable, withoutEffect, type RawResult } from '@anydrive/core/adapter'
import { axiosHttp, withLimits, withRetry } from '@anydrive/http'
import {
  serviceClock,
  timersOf,
  unknownOutcome,
  type Failure,
  type NameLimit,
  type ServiceClock,
  type Timers,
} from '@anydrive/kit'
import type * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { openApi, type Api } from './api'
import { createCache, createIds, rootNode, type Cache, type Ids } from './ids'
import { withAuthorization, withSignature } from './session'
import { complete, type Complete, type KooDriveSettings } from './settings'
import { createSpaces, type Spaces } from './spaces'
import { createJobs, type Jobs } from './tasks'

export interface Context {
  readonly settings: Complete
  readonly timers: Timers
  /** The service's clock, as far as its responses have shown it. */
  readonly clock: ServiceClock
  readonly api: Api
  readonly cache: Cache
  readonly ids: Ids
  readonly jobs: Jobs
  readonly nameLimit: NameLimit
  /** The id of a folder as a job's destination: the root's long one. */
  readonly targetId: (folderId: string, signal: AbortSignal) => RawResult<string>
}

export type Signal = AbortSignal
export type Settled<A> = Promise<E.Either<Failure, A>>

export const vendor = 'koodrive' as const

/** Requests at once: no limit is published, so few unless the settings say otherwise. */
export const concurrency = 4

/** For the reader of an `Indeterminate`. */
export const at = (...paths: ReadonlyArray<DrivePath>): string => paths.map((p) => `/${p}`).join(' and ')

/** What failed halfway: the path of what exists, and why it is not what was asked for. */
export const incomplete = (partial: DrivePath, what: string, fault: Failure): Failure =>
  taskFailed({
    partial,
    said: `${what}: ${fault.said ?? fault._tag}`,
    ...defined({ code: fault.code, http: fault.http }),
  })

/** As `incomplete`, after a failed attempt to undo it. If the undo may still have happened, the outcome is unknown. */
export const notUndone = (partial: DrivePath, what: string, fault: Failure, undo: Failure): Failure =>
  mayHaveHappened(undo) ? unknownOutcome(at(partial), fault) : incomplete(partial, what, fault)

/** The same failure, once it is certain that nothing is under the final name. */
export const withoutPlacing = (fault: Failure): Failure =>
  fault._tag === 'Indeterminate'
    ? unavailable({ effect: 'none', ...defined({ http: fault.http, code: fault.code, said: fault.said }) })
    : withoutEffect(fault)

/** Whether an entry of this call's own making may be removed after it could not be given its name: then a late rename finds nothing. */
export const mayRemove = (fault: Failure): boolean =>
  fault._tag === 'Indeterminate' ? fault.likely === 'not-done' : !mayHaveHappened(fault)

export const openContext = (
  given: KooDriveSettings,
  environment: Environment,
): { readonly context: Context; readonly spaces: Spaces } => {
  const settings = complete(given)
  const timers = timersOf(environment)
  const { now } = timers
  const clock = serviceClock()
  const limits = { concurrency, ...settings.http }
  const limited = withLimits(limits, environment)
  const retried = withRetry(limits, environment)
  const plain = pipe(axiosHttp(limits, environment), limited, retried)
  const http = pipe(
    axiosHttp(limits, environment),
    withSignature(settings, now),
    limited,
    retried,
    withAuthorization(settings, plain, now, environment),
  )
  const container: Spaces['containerId'] = (signal) => spaces.containerId(signal)
  const api = openApi({ settings, http, plain, clock, now, container })
  const spaces = createSpaces(settings, api)
  const cache = createCache(settings.idCache)
  const ids = createIds({ api, cache, now, idTrust: settings.idTrust })
  const jobs = createJobs(api, settings, { timers, clock, onChange: cache.changed })
  const targetId: Context['targetId'] = (id, signal) =>
    id === rootNode.id ? spaces.rootId(ids.rootId(), signal) : TE.right(id)
  const nameLimit = { max: settings.nameLimit, unit: 'codepoints' } as const
  return { spaces, context: { settings, timers, clock, api, cache, ids, jobs, nameLimit, targetId } }
}
