// The drive: where each operation is written, and what only SMH has.
import {
  defineAdapter,
  defineDrive,
  locate,
  neverAborted,
  type Accepted,
  type BatchOutcome,
  type CallOptions,
  type ConflictOptions,
  type DefineOptions,
  type DriveProvider,
  type MoveItem,
  type Result,
  type Surroundings,
  type WaitOptions,
} from '@anydrive/core'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { capabilities } from './capabilities'
import { clientOf, type Smh } from './client'
import { createDir, list, stat, usage } from './entries'
import type { SmhPlaced } from './outcomes'
import { readFile } from './read'
import { batchRemove } from './remove'
import { TencentSmhSettings, toSettings, type TencentSmhInput } from './settings'
import { task } from './tasks'
import { batchCopy, batchMove, copyDir } from './transfer'
import { abandonUpload, writeFile } from './write'

const vendor = 'tencent-smh'

export interface SmhMoveItem extends MoveItem {
  /** Whether the permissions (ACLs) of a folder move along; SMH leaves them behind unless this is true. */
  readonly moveAuthority?: boolean | undefined
}
export interface SmhMoved {
  readonly outcomes: ReadonlyArray<BatchOutcome<SmhMoveItem, SmhPlaced>>
}

export interface SmhMembers {
  /** As `batchMove`, with `moveAuthority` for each item, and SMH's repetition of it in the outcomes. */
  readonly batchMove: <W extends boolean = true>(
    items: ReadonlyArray<SmhMoveItem>,
    options?: ConflictOptions & WaitOptions<W>,
  ) => Result<W extends true ? SmhMoved : SmhMoved | Accepted<'batchMove'>>
  /** Extends the token in use to its full period; `expiresIn` in seconds. */
  readonly renewToken: (options?: Pick<CallOptions, 'signal'>) => Result<{ readonly expiresIn: number }>
}

/** A drive of SMH, and what only SMH has. */
export interface TencentSmhDrive extends DriveProvider {
  readonly capabilities: ReturnType<typeof capabilities>
  readonly smh: SmhMembers
  /** Makes the vendor's members for a drive that wraps this one, so that they go through the wrapper, too. */
  readonly members: (drive: DriveProvider) => { readonly smh: SmhMembers }
}

/** The vendor's members on a drive: this one, or one that wraps it. */
const membersOf =
  (smh: Smh) =>
  (drive: DriveProvider): { readonly smh: SmhMembers } => ({
    smh: {
      // Core hands items on as they are, and the adapter reads `moveAuthority` from them.
      batchMove: drive.batchMove,
      renewToken: ({ signal = neverAborted } = {}) =>
        pipe(smh.renewToken(signal), TE.mapLeft(locate({ vendor, operation: 'token' }))),
    },
  })

/** Operations on directories create missing parents; those on files do not. */
const impliedParents = ['createDir', 'copyDir', 'batchMove', 'batchCopy'] as const

const open = (settings: TencentSmhSettings, environment: Surroundings = {}): TencentSmhDrive => {
  const smh = clientOf(settings, environment)
  const options: DefineOptions = {
    impliedParents,
    taskTimeout: settings.taskTimeout,
    now: environment.now,
    delay: environment.delay,
  }
  const operations = {
    stat: stat(smh),
    list: list(smh),
    createDir: createDir(smh),
    copyDir: copyDir(smh),
    batchMove: batchMove(smh),
    batchCopy: batchCopy(smh),
    batchRemove: batchRemove(smh),
    readFile: readFile(smh),
    writeFile: writeFile(smh),
    abandonUpload: abandonUpload(smh),
    usage: usage(smh),
    task: task(smh),
  }
  const drive = defineDrive(vendor, capabilities(settings), operations, options)
  const members = membersOf(smh)
  return { ...drive, ...members(drive), members }
}

/** Synchronous; sends nothing. Secrets may be plain strings. */
export const openTencentSmh = (settings: TencentSmhInput, environment?: Surroundings): TencentSmhDrive =>
  open(toSettings(settings), environment)

export const tencentSmh = defineAdapter({ type: vendor, settings: TencentSmhSettings, capabilities, open })
