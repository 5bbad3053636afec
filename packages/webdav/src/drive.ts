// The drive: its capabilities, and where each operation is written.
import type { DriveProvider, Environment, OptionalVerbs } from '@anydrive/core'
import { defineAdapter, defineDrive, requireSettings, unsupported } from '@anydrive/core/adapter'
import * as TE from 'fp-ts/TaskEither'
import { capabilities } from './capabilities'
import { setTimes } from './changes'
import { davOf } from './client'
import { createDir } from './directories'
import { stat, usage } from './entries'
import { createList } from './listing'
import { readFile } from './read'
import { abandonUpload, batchRemove } from './remove'
import { WebDavSettings, type WebDavInput } from './settings'
import { batchCopy, batchMove, copyDir } from './transfer'
import { writeFile } from './write'

const vendor = 'webdav'

/** `setTimes` is `Unsupported` unless the server `setsTime`. */
export interface WebDavDrive extends DriveProvider, Pick<OptionalVerbs, 'setTimes'> {
  readonly capabilities: ReturnType<typeof capabilities>
}

const open = (settings: WebDavSettings, environment: Environment = {}): WebDavDrive => {
  const dav = davOf(settings, environment)
  const able = capabilities(settings)
  return defineDrive(
    vendor,
    able,
    {
      stat: stat(dav),
      list: createList(dav),
      createDir: createDir(dav),
      copyDir: copyDir(dav),
      batchMove: batchMove(dav),
      batchCopy: batchCopy(dav),
      batchRemove: batchRemove(dav),
      readFile: readFile(dav),
      writeFile: writeFile(dav),
      abandonUpload: abandonUpload(dav),
      setTimes: setTimes(dav),
      usage: able.operations.usage ? usage(dav) : () => TE.left(unsupported({ feature: 'operations.usage' })),
    },
    { ...environment, impliedParents: settings.server?.makesParents === true ? ['batchMove'] : [] },
  )
}

/** Synchronous; sends nothing. Secrets may be plain strings. Throws a `TypeError` with the `issues` of settings that are wrong. */
export const openWebDav = (settings: WebDavInput, environment?: Environment): WebDavDrive =>
  open(requireSettings(WebDavSettings, settings, vendor), environment)

export const webDav = defineAdapter({ type: vendor, settings: WebDavSettings, capabilities, open })
