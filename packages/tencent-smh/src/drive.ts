// The drive: where each operation is written, and what only SMH has.
import type { DriveProvider, Environment, VerbsOf } from '@anydrive/core'
import { defineAdapter, defineDrive, requireSettings } from '@anydrive/core/adapter'
import { capabilities } from './capabilities'
import { clientOf } from './client'
import { createDir, list, stat, usage } from './entries'
import { membersOf, type SmhMembers } from './members'
import { readFile } from './read'
import { batchRemove } from './remove'
import { changes, search } from './search'
import { TencentSmhSettings, type TencentSmhInput } from './settings'
import { task } from './tasks'
import { emptyTrash, listTrash, purge, restore } from './trash'
import { batchCopy, batchMove, copyDir } from './transfer'
import { downloadUrl, listVersions, restoreVersion, setTimes } from './versions'
import { abandonUpload, writeFile } from './write'

const vendor = 'tencent-smh'

/** A drive of SMH, and what only SMH has. */
export type TencentSmhDrive = DriveProvider &
  VerbsOf<Declared> & {
    readonly capabilities: Declared
    readonly smh: SmhMembers
  }
type Declared = ReturnType<typeof capabilities>

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
    listTrash: listTrash(smh),
    restore: restore(smh),
    purge: purge(smh),
    emptyTrash: emptyTrash(smh),
    search: search(smh),
    listVersions: listVersions(smh),
    restoreVersion: restoreVersion(smh),
    downloadUrl: downloadUrl(smh),
    setTimes: setTimes(smh),
    changes: changes(smh),
    task: task(smh),
  }
  return defineDrive(vendor, capabilities(settings), operations, options)
}

/** Synchronous; sends nothing. Secrets may be plain strings. Throws a `TypeError` with the `issues` of settings that are wrong. */
export const openTencentSmh = (settings: TencentSmhInput, environment?: Environment): TencentSmhDrive =>
  open(requireSettings(TencentSmhSettings, settings, vendor), environment)

export const tencentSmh = defineAdapter({ type: vendor, settings: TencentSmhSettings, capabilities, open })
