import { createRegistry, walk, type DrivePath } from '@anydrive/core'
import { kooDrive } from '@anydrive/koodrive'
import * as E from 'fp-ts/Either'

/** The files below `to` of a KooDrive with these settings, by path, with their versions: a file that was sent again has another one. */
export const versionsOf = async (settings: unknown): Promise<ReadonlyMap<string, string | undefined>> => {
  const drive = createRegistry([kooDrive]).openUnknown(settings, {})
  if (E.isLeft(drive)) throw new Error(drive.left.message)
  const versions = new Map<string, string | undefined>()
  for await (const entry of walk(drive.right, 'to' as DrivePath)) {
    if (E.isLeft(entry)) throw new Error(entry.left.message)
    if (entry.right.kind === 'file') versions.set(entry.right.path, entry.right.version)
  }
  return versions
}
