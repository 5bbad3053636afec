// What is refused before the tree is looked at: the root, what lies in itself, names.
import { isInside, root, type CopyItem, type DrivePath, type Fault, type Naming } from '@anydrive/core'
import { limitExceeded, nameConflict, nestedTarget, sourceFailed, unsupported } from '@anydrive/core/adapter'
import type { Bad } from './call'
import { creationFault } from './names'

const rootIsTaken = (): Fault => nameConflict({ existing: { kind: 'directory', path: root, name: '' } })

export const createDirFault = (naming: Naming, path: DrivePath): Fault | undefined =>
  path === root ? rootIsTaken() : creationFault(naming, path, 'directory')

export const copyDirFault = (naming: Naming, from: DrivePath, to: DrivePath): Fault | undefined => {
  if (from === root) return nestedTarget()
  if (from !== to && isInside(from, to)) return nestedTarget()
  return createDirFault(naming, to)
}

export const writeFileFault = (
  naming: Naming,
  fileSize: number | undefined,
  path: DrivePath,
  size: number,
): Fault | undefined => {
  if (path === root) return rootIsTaken()
  const refused = creationFault(naming, path, 'file')
  if (refused !== undefined) return refused
  if (!Number.isSafeInteger(size) || size < 0)
    return sourceFailed({ reason: 'unreadable', said: 'its size is not a whole number of bytes' })
  return fileSize !== undefined && size > fileSize ? limitExceeded({ limit: 'size', max: fileSize }) : undefined
}

export const moveFault = (naming: Naming, { from, to, fromSpace }: CopyItem): Fault | undefined => {
  if (fromSpace !== undefined) return unsupported({ feature: 'features.crossSpaceMove' })
  if (from === root) return unsupported({ feature: 'operations.batchMove' })
  if (from === to) return undefined
  if (isInside(from, to)) return nestedTarget()
  return to === root ? rootIsTaken() : creationFault(naming, to, 'file')
}

export const copyFault = (naming: Naming, { from, to, fromSpace }: CopyItem): Fault | undefined => {
  if (fromSpace !== undefined) return unsupported({ feature: 'features.crossSpaceCopy' })
  if (from === root || (from !== to && isInside(from, to))) return nestedTarget()
  return to === root ? rootIsTaken() : creationFault(naming, to, 'file')
}

export const removeFault = (path: DrivePath): Fault | undefined =>
  path === root ? unsupported({ feature: 'operations.batchRemove' }) : undefined

/** Of the two paths that an operation has, the one that a fault is about. */
export const placeOf = (from: DrivePath, to: DrivePath, fault: Bad): DrivePath => {
  const aboutTarget =
    fault._tag === 'NameConflict' ||
    fault._tag === 'InvalidPath' ||
    fault._tag === 'LimitExceeded' ||
    fault._tag === 'NestedTarget' ||
    (fault._tag === 'NotFound' && fault.what === 'parent')
  return aboutTarget ? to : from
}
