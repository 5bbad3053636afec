// The drive: what each operation is made of, in the order of the contract, and how it is opened.
import {
  defineAdapter,
  defineDrive,
  locate,
  type CallOptions,
  type DriveProvider,
  type Result,
  type Surroundings,
} from '@anydrive/core'
import { axiosHttp, withLimits, withRetry } from '@anydrive/http'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { setTimeout } from 'node:timers/promises'
import { openApi, spaceApi } from './api'
import { withAuthorization, withSignature } from './auth'
import { createCache } from './cache'
import { capabilities } from './capabilities'
import { vendor, type Clock, type Context } from './context'
import { batchCopy } from './copy'
import { copyDir } from './copy-dir'
import { createDir } from './create-dir'
import { createLinks, readFile } from './download'
import { createIds, rootNode } from './ids'
import { createJobs, type JobState } from './jobs'
import { list, stat } from './look'
import { batchMove } from './move'
import { batchRemove, task } from './remove'
import { sessionApi } from './session-api'
import { complete, Settings, toSettings, type KooDriveInput, type KooDriveSettings } from './settings'
import { createSpaces, type KnownSpace, type Spaces } from './space'
import { abandonUpload, writeFile } from './write-file'

type Signalled = Pick<CallOptions, 'signal'>

/** What KooDrive has and other vendors have not. */
export interface KooDriveExtras {
  /** The user's own spaces, where the settings tell the user, and the team spaces that the caller sees. */
  readonly spaces: (options?: Signalled) => Result<ReadonlyArray<KnownSpace>>
  /** What the service says of a job, by the id that a task's reference or an `Indeterminate` names. */
  readonly job: (jobId: string, options?: Signalled) => Result<Pick<JobState, 'status'>>
  /** Ends a job that is not over; items that are done stay done. */
  readonly cancelJob: (jobId: string, options?: Signalled) => Result<void>
}
export interface KooDrive extends DriveProvider {
  readonly koodrive: KooDriveExtras
}

const pause: Clock['delay'] = (ms, signal) => setTimeout(ms, undefined, { signal }).catch(() => undefined)

const clockOf = ({ now, random, delay }: Surroundings): Clock => ({
  now: now ?? Date.now,
  random: random ?? Math.random,
  delay: delay ?? pause,
})

/** How many requests at once: no limit is published, so few unless the settings say otherwise. */
const concurrency = 4

const contextOf = (
  given: KooDriveSettings,
  surroundings: Surroundings,
): { readonly context: Context; readonly spaces: Spaces } => {
  const settings = complete(given)
  const clock = clockOf(surroundings)
  const { now } = clock
  const limits = { concurrency, ...settings.http }
  const sent = pipe(axiosHttp(limits, surroundings), withSignature(settings, now))
  const limited = withLimits(limits, surroundings)
  const retried = withRetry(limits, surroundings)
  const plain = pipe(axiosHttp(limits, surroundings), limited, retried)
  const http = pipe(sent, limited, retried, withAuthorization(settings, sessionApi(settings, plain, now), surroundings))
  const spaces = createSpaces(settings, spaceApi({ settings, http, now }))
  const api = openApi({ settings, http, plain, now, container: spaces.containerId })
  const cache = createCache(settings.idCache)
  const ids = createIds({ api, cache, now, idTrust: settings.idTrust })
  const jobs = createJobs(api, settings, clock)
  const targetId: Context['targetId'] = (id, signal) =>
    id === rootNode.id ? spaces.rootId(ids.rootId(), signal) : TE.right(id)
  return { spaces, context: { settings, clock, api, cache, ids, jobs, targetId } }
}

const extrasOf = (context: Context, spaces: Spaces): KooDriveExtras => {
  const never = new AbortController().signal
  const signalOf = (options: Signalled | undefined): AbortSignal => options?.signal ?? never
  return {
    spaces: (options) => () =>
      pipe(spaces.list(signalOf(options)), TE.mapLeft(locate({ vendor, operation: 'list' })))(),
    job: (jobId, options) => () =>
      pipe(context.jobs.look(jobId, signalOf(options)), TE.mapLeft(locate({ vendor, operation: 'task' })))(),
    cancelJob: (jobId, options) => () =>
      pipe(
        context.api.cancelJob(jobId, signalOf(options)),
        TE.map(() => undefined),
        TE.mapLeft(locate({ vendor, operation: 'task' })),
      )(),
  }
}

const open = (settings: KooDriveSettings, surroundings: Surroundings = {}): KooDrive => {
  const { context, spaces } = contextOf(settings, surroundings)
  const drive = defineDrive(
    vendor,
    capabilities(settings),
    {
      stat: stat(context),
      list: list(context),
      createDir: createDir(context),
      copyDir: copyDir(context),
      batchMove: batchMove(context),
      batchCopy: batchCopy(context),
      batchRemove: batchRemove(context),
      readFile: readFile(context, createLinks(context.api)),
      writeFile: writeFile(context),
      abandonUpload: abandonUpload(context),
      task: task(context),
      usage: ({ signal }) => spaces.usage(signal),
    },
    { delay: context.clock.delay },
  )
  return { ...drive, koodrive: extrasOf(context, spaces) }
}

/** Synchronous; sends nothing. Secrets may be plain strings. */
export const openKooDrive = (settings: KooDriveInput, surroundings?: Surroundings): KooDrive =>
  open(toSettings(settings), surroundings)

export const kooDrive = defineAdapter({ type: vendor, settings: Settings, capabilities, open })
