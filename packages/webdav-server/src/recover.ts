// Hidden entries that a killed gateway left in the drive: removed, or put back under their names, before the first request is answered.
import { leftovers, nameOf, remove, type DrivePath, type Leftover } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Gateway } from './gateway'

/** On a directory of this machine a temporary without the name of a file holds a copy that was not finished, and never anything else. */
const isUnfinishedCopy = ({ drive }: Gateway, { done, path, target, error }: Leftover): boolean =>
  drive.vendor === 'local' &&
  done === 'kept' &&
  target === undefined &&
  error === undefined &&
  /^\.anydrive-[0-9a-f]{12}$/.test(nameOf(path))

/** True where nothing is left to do. */
const repaired = async (gateway: Gateway, dir: DrivePath): Promise<boolean> => {
  const { drive, log } = gateway
  const found = await leftovers(drive, dir)()
  if (E.isLeft(found)) {
    if (found.left._tag === 'NotFound') return true
    log(`temporary entries of an interrupted change could not be looked for: ${found.left.message}`)
    return false
  }
  for (const one of found.right) {
    if (one.done !== 'kept') continue
    const removed = isUnfinishedCopy(gateway, one) ? await remove(drive, one.path)() : undefined
    if (removed === undefined || E.isLeft(removed))
      log(`a temporary entry of an interrupted change remains at /${one.path}; check it, and remove it`)
  }
  return true
}

/** In the directories that the process before this one was changing; what fails is tried again at the next start. */
export const recover = async (gateway: Gateway): Promise<void> => {
  const { state } = gateway
  for (const dir of state.unfinished) if (await repaired(gateway, dir)) state.repaired(dir)
}
