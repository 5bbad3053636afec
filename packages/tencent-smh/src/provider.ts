// The drive: what it can do, and where each operation is written.
import {
  defineAdapter,
  defineDrive,
  strategyWords,
  supportOf,
  type Capabilities,
  type DefineOptions,
  type DriveProvider,
  type Surroundings,
} from '@anydrive/core'
import { smhApi } from './api'
import { transportOf } from './auth'
import { batchCopy, batchMove } from './batches'
import type { Smh } from './context'
import { copyDir, createDir, list, stat } from './directories'
import { readFile } from './download'
import { looksOf } from './looks'
import { batchRemove } from './removal'
import { bounds, TencentSmhSettings, toSettings, type TencentSmhInput } from './settings'
import { smhMembers, type SmhMembers } from './smh'
import { task } from './tasks'
import { abandonUpload, writeFile } from './upload'
import { usage } from './usage'

const vendor = 'tencent-smh'
const directory = supportOf(strategyWords.directory, 'documented')
const file = supportOf(strategyWords.file, 'documented')

export const capabilities = ({ recycleBin = true, upload = {} }: TencentSmhSettings) =>
  ({
    operations: { copyDir: true, batchMove: true, batchCopy: true, batchRemove: true, usage: true },
    conflict: {
      createDir: directory,
      copyDir: directory,
      moveDir: directory,
      moveFile: file,
      copyFile: file,
      writeFile: file,
    },
    naming: {
      maxLength: 255,
      lengthUnit: 'utf16',
      forbidden: '\\/:*?"<>|',
      reserved: [],
      case: 'unknown',
      normalisation: 'unknown',
    },
    limits: { page: bounds.page, batch: bounds.batch, fileSize: bounds.partMax * bounds.parts },
    checksums: { given: ['crc64xz'], checked: ['crc64xz'] },
    upload: {
      instant: upload.instant ?? true,
      resume: 'part',
      parts: 'parallel',
      partSize: { min: bounds.partMin, max: bounds.partMax },
      maxParts: bounds.parts,
    },
    times: {
      directory: { createdAt: 'kept', modifiedAt: 'kept' },
      file: { createdAt: 'kept', modifiedAt: 'kept' },
    },
    features: {
      background: true,
      trash: recycleBin,
      copyDirInBatch: true,
      crossSpaceMove: true,
      crossSpaceCopy: true,
      ranges: true,
      sortedList: false,
      versions: true,
      ifVersion: false,
    },
    consistency: { staleness: 0 },
  }) as const satisfies Capabilities

/** A drive of SMH, and what only SMH has. */
export interface TencentSmhDrive extends DriveProvider {
  readonly capabilities: ReturnType<typeof capabilities>
  readonly smh: SmhMembers
}

/** Directories bring their missing parents along; files do not. */
const impliedParents = ['createDir', 'copyDir', 'batchMove', 'batchCopy'] as const

const open = (settings: TencentSmhSettings, surroundings: Surroundings = {}): TencentSmhDrive => {
  const transport = transportOf(settings, surroundings)
  const api = smhApi(settings, transport.smh)
  const smh: Smh = {
    settings,
    surroundings,
    transport,
    api,
    looks: looksOf(api),
    now: surroundings.now ?? Date.now,
    log: surroundings.log ?? (() => undefined),
  }
  const options: DefineOptions = {
    impliedParents,
    taskTimeout: settings.taskTimeout,
    now: surroundings.now,
    delay: surroundings.delay,
  }
  const able = capabilities(settings)
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
  return {
    ...defineDrive(vendor, able, operations, options),
    smh: smhMembers(smh, (batchMoveOther) =>
      defineDrive(vendor, able, { ...operations, batchMove: batchMoveOther }, options),
    ),
  }
}

/** Synchronous; sends nothing. Secrets may be plain strings. */
export const openTencentSmh = (settings: TencentSmhInput, surroundings?: Surroundings): TencentSmhDrive =>
  open(toSettings(settings), surroundings)

export const tencentSmh = defineAdapter({ type: vendor, settings: TencentSmhSettings, capabilities, open })
