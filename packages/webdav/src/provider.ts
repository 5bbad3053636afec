// The drive: what it can do, and where each operation is written.
import { defineAdapter, defineDrive, unsupported, type DriveProvider, type Surroundings } from '@anydrive/core'
import * as TE from 'fp-ts/TaskEither'
import { createAlone } from './alone'
import { davApi } from './api'
import { transportOf } from './auth'
import { capabilities } from './capabilities'
import type { Dav } from './context'
import { createDir, list, stat, usage } from './directories'
import { readFile } from './download'
import { createListings } from './listing'
import { entryAsking, looksOf } from './looks'
import { batchRemove } from './removal'
import { toSettings, WebDavSettings, type WebDavInput } from './settings'
import { batchCopy, batchMove, copyDir } from './transfer'
import { abandonUpload, writeFile } from './upload'

const vendor = 'webdav'

export interface WebDavDrive extends DriveProvider {
  readonly capabilities: ReturnType<typeof capabilities>
}

export const davOf = (settings: WebDavSettings, surroundings: Surroundings): Dav => {
  const { url, server = {} } = settings
  const api = davApi(transportOf(settings, surroundings), url)
  const looks = looksOf(api, server)
  const listings = createListings({ api, looks, base: url, asking: entryAsking(server) })
  return {
    api,
    looks,
    listings,
    server,
    surroundings,
    alone: createAlone(url),
    log: surroundings.log ?? (() => undefined),
  }
}

const open = (settings: WebDavSettings, surroundings: Surroundings = {}): WebDavDrive => {
  const dav = davOf(settings, surroundings)
  const able = capabilities(settings)
  return defineDrive(
    vendor,
    able,
    {
      stat: stat(dav),
      list: list(dav),
      createDir: createDir(dav),
      copyDir: copyDir(dav),
      batchMove: batchMove(dav),
      batchCopy: batchCopy(dav),
      batchRemove: batchRemove(dav),
      readFile: readFile(dav),
      writeFile: writeFile(dav),
      abandonUpload: abandonUpload(dav),
      usage: able.operations.usage ? usage(dav) : () => TE.left(unsupported({ feature: 'operations.usage' })),
    },
    { ...surroundings, impliedParents: settings.server?.makesParents === true ? ['batchMove'] : [] },
  )
}

/** Synchronous; sends nothing. Secrets may be plain strings. */
export const openWebDav = (settings: WebDavInput, surroundings?: Surroundings): WebDavDrive =>
  open(toSettings(settings), surroundings)

export const webDav = defineAdapter({ type: vendor, settings: WebDavSettings, capabilities, open })
