// The drive: what each operation is made of, and how it is opened.
import type { DrivePath, DriveProvider, Environment, VerbsOf } from '@anydrive/core'
import { defineAdapter, defineDrive, requireSettings } from '@anydrive/core/adapter'
import { capabilities } from './capabilities'
import { createDir } from './changes'
import { openContext, vendor, type Context } from './client'
import { batchCopy, copyDir } from './copy'
import { list, stat } from './entries'
import { membersOf, type KooDriveMembers } from './members'
import { batchMove } from './move'
import { createLinks, readFile } from './read'
import { batchRemove, task } from './remove'
import { downloadUrl, search } from './search'
import { Settings, type KooDriveInput, type KooDriveSettings } from './settings'
import type { Spaces } from './spaces'
import { emptyTrash, listTrash, purge, restore } from './trash'
import { abandonUpload, writeFile } from './write'

/** A drive of KooDrive, and what only KooDrive has. */
export type KooDrive = DriveProvider &
  VerbsOf<Declared> & {
    readonly capabilities: Declared
    readonly kooDrive: KooDriveMembers
  }
type Declared = ReturnType<typeof capabilities>

const operationsOf = (context: Context, spaces: Spaces) => {
  const links = createLinks(context.api)
  return {
    stat: stat(context),
    list: list(context),
    createDir: createDir(context),
    copyDir: copyDir(context),
    batchMove: batchMove(context),
    batchCopy: batchCopy(context),
    batchRemove: batchRemove(context),
    readFile: readFile(context, links),
    writeFile: writeFile(context),
    abandonUpload: abandonUpload(context),
    task: task(context),
    usage: ({ signal }: { readonly signal: AbortSignal }) => spaces.usage(signal),
    listTrash: listTrash(context),
    restore: restore(context),
    purge: purge(context),
    emptyTrash: emptyTrash(context),
    search: search(context),
    downloadUrl: downloadUrl(context, links),
  }
}

const open = (settings: KooDriveSettings, environment: Environment = {}): KooDrive => {
  const { context, spaces } = openContext(settings, environment)
  const operations = operationsOf(context, spaces)
  const { delay } = context.timers
  const describing = (path: DrivePath, description: string | undefined): DriveProvider['createDir'] => {
    const described = createDir(context, (its) => (its === path ? description : undefined))
    return defineDrive(vendor, capabilities(settings), { ...operations, createDir: described }, { delay }).createDir
  }
  const members = membersOf(context, spaces, describing)
  return defineDrive(vendor, capabilities(settings), operations, { delay, members })
}

/** Synchronous; sends nothing. Secrets may be plain strings. Throws a `TypeError` with the `issues` of settings that are wrong. */
export const openKooDrive = (settings: KooDriveInput, environment?: Environment): KooDrive =>
  open(requireSettings(Settings, settings, vendor), environment)

export const kooDrive = defineAdapter({ type: vendor, settings: Settings, capabilities, open })
