// The drive: where each operation is written, and what only SMH has.
import type {
  Waited,
  BatchOutcome,
  CallOptions,
  ConflictOptions,
  DriveProvider,
  Environment,
  MoveItem,
  Result,
  WaitOptions,
} from '@anydrive/core'
import { defineAdapter, defineDrive, requireSettings, type MemberDrive } from '@anydrive/core/adapter'
import { capabilities } from './capabilities'
import { clientOf, type Smh } from './client'
import { createDir, list, stat, usage } from './entries'
import type { SmhPlaced } from './outcomes'
import { readFile } from './read'
import { batchRemove } from './remove'
import { TencentSmhSettings, type TencentSmhInput } from './settings'
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
  readonly batchMove: <W extends boolean | undefined = true>(
    items: ReadonlyArray<SmhMoveItem>,
    options?: ConflictOptions & WaitOptions<W>,
  ) => Result<Waited<SmhMoved, 'batchMove', W>>
  /** Extends the token in use to its full period; `expiresIn` in seconds. */
  readonly renewToken: (options?: CallOptions) => Result<{ readonly expiresIn: number }>
}

/** A drive of SMH, and what only SMH has. */
export interface TencentSmhDrive extends DriveProvider {
  readonly capabilities: ReturnType<typeof capabilities>
  readonly smh: SmhMembers
}

/** The vendor's members of a drive: of this one, or of one that wraps it. */
const membersOf =
  (smh: Smh) =>
  (drive: MemberDrive): { readonly smh: SmhMembers } => ({
    smh: {
      batchMove: drive.batchMove,
      renewToken: (options) =>
        drive.vendorCall({ operation: 'smh.renewToken', changes: true }, options, ({ signal }) =>
          smh.renewToken(signal),
        ),
    },
  })

/** Operations on directories create missing parents; those on files do not. */
const impliedParents = ['createDir', 'copyDir', 'batchMove', 'batchCopy'] as const

const open = (settings: TencentSmhSettings, environment: Environment = {}): TencentSmhDrive => {
  const smh = clientOf(settings, environment)
  const options = {
    impliedParents,
    taskTimeout: settings.taskTimeout,
    space: settings.spaceId ?? '-',
    itemFields: ['moveAuthority'],
    members: membersOf(smh),
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
  return defineDrive(vendor, capabilities(settings), operations, options)
}

/** Synchronous; sends nothing. Secrets may be plain strings. Throws a `TypeError` with the `issues` of settings that are wrong. */
export const openTencentSmh = (settings: TencentSmhInput, environment?: Environment): TencentSmhDrive =>
  open(requireSettings(TencentSmhSettings, settings, vendor), environment)

export const tencentSmh = defineAdapter({ type: vendor, settings: TencentSmhSettings, capabilities, open })
