// The drive: what each operation is made of, what only KooDrive has, and how it is opened.
import type { CallOptions, DirEntry, DrivePath, DriveProvider, Made, Result, Environment } from '@anydrive/core'
import { defineAdapter, defineDrive, invalidPath, locate, neverAborted, requireSettings } from '@anydrive/core/adapter'
import { attempt } from '@anydrive/kit'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { capabilities } from './capabilities'
import { createDir } from './changes'
import { openContext, vendor, type Context } from './client'
import { batchCopy, copyDir } from './copy'
import { list, stat } from './entries'
import { batchMove } from './move'
import { createLinks, readFile } from './read'
import { batchRemove, task } from './remove'
import { Settings, type KooDriveInput, type KooDriveSettings } from './settings'
import type { KnownSpace, Spaces } from './spaces'
import type { JobState } from './tasks'
import { abandonUpload, writeFile } from './write'

type Signalled = Pick<CallOptions, 'signal'>
type CreateDirOptions = NonNullable<Parameters<DriveProvider['createDir']>[1]> & {
  /** At most 512 characters, no emoji. */
  readonly description?: string | undefined
}

/** What KooDrive has and other vendors have not. */
export interface KooDriveExtras {
  /** As the drive's `createDir`, with a description for the folder itself; missing parents get none. */
  readonly createDir: (path: DrivePath, options?: CreateDirOptions) => Result<Made<DirEntry>>
  /** The user's own spaces, where the settings name the user, and the team spaces that the caller sees. */
  readonly spaces: (options?: Signalled) => Result<ReadonlyArray<KnownSpace>>
  /** What the service says of a job, by the id that a task's reference or an `Indeterminate` names. */
  readonly job: (jobId: string, options?: Signalled) => Result<Pick<JobState, 'status'>>
  /** Ends a job that is not over; items that are done stay done. */
  readonly cancelJob: (jobId: string, options?: Signalled) => Result<void>
}
export interface KooDrive extends DriveProvider {
  readonly koodrive: KooDriveExtras
}

const operationsOf = (context: Context, spaces: Spaces) => ({
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
  usage: ({ signal }: { readonly signal: AbortSignal }) => spaces.usage(signal),
})

const longestDescription = 512
const emoji = /\p{Extended_Pictographic}|\p{Regional_Indicator}/u

const descriptionFault = (description: string) => {
  if (Array.from(description).length > longestDescription)
    return invalidPath({ reason: `a description has at most ${longestDescription} characters` })
  return emoji.test(description) ? invalidPath({ reason: 'a description holds no emoji' }) : undefined
}

const extrasOf = (context: Context, spaces: Spaces, define: Define): KooDriveExtras => {
  const { api, jobs, timers } = context
  const signalOf = (options: Signalled | undefined): AbortSignal => options?.signal ?? neverAborted
  return {
    createDir: (path, { description, ...options } = {}) => {
      const fault = description === undefined ? undefined : descriptionFault(description)
      if (fault !== undefined) return TE.left(locate({ vendor, operation: 'createDir', path })(fault))
      const descriptionOf = (its: DrivePath) => (its === path ? description : undefined)
      return define({ createDir: createDir(context, descriptionOf) }).createDir(path, options)
    },
    spaces: (options) => () =>
      pipe(spaces.list(signalOf(options)), TE.mapLeft(locate({ vendor, operation: 'list' })))(),
    job: (jobId, options) =>
      pipe(() => jobs.state(jobId, signalOf(options)), TE.mapLeft(locate({ vendor, operation: 'task' }))),
    cancelJob: (jobId, options) => () => {
      const signal = signalOf(options)
      const send = () =>
        pipe(
          api.cancelJob(jobId, signal),
          TE.map(() => undefined),
        )
      return pipe(
        attempt({ send, repeat: 'always', check: `the job ${jobId}`, signal, timers }),
        TE.mapLeft(locate({ vendor, operation: 'task' })),
      )()
    },
  }
}

type Define = (changed?: Partial<ReturnType<typeof operationsOf>>) => DriveProvider

const open = (settings: KooDriveSettings, environment: Environment = {}): KooDrive => {
  const { context, spaces } = openContext(settings, environment)
  const operations = operationsOf(context, spaces)
  const define: Define = (changed) =>
    defineDrive(vendor, capabilities(settings), { ...operations, ...changed }, { delay: context.timers.delay })
  return { ...define(), koodrive: extrasOf(context, spaces, define) }
}

/** Synchronous; sends nothing. Secrets may be plain strings. Throws a `TypeError` with the `issues` of settings that are wrong. */
export const openKooDrive = (settings: KooDriveInput, environment?: Environment): KooDrive =>
  open(requireSettings(Settings, settings, vendor), environment)

export const kooDrive = defineAdapter({ type: vendor, settings: Settings, capabilities, open })
