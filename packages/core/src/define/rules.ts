// What every drive refuses before anything is sent.
import { has, type Feature } from '../contract/capabilities'
import type { ConflictStrategy } from '../contract/conflict'
import type { Defined } from './define'
import { nameConflict, nestedTarget, unsupported, type DriveError, type Fault } from '../contract/errors'
import { namingFault } from './naming'
import type { ResolvedItem } from './operations'
import { isInside, root, type DrivePath } from '../contract/path'

type Bad = Fault | DriveError
const rootEntry = { kind: 'directory', path: root, name: '' } as const

/** Nothing can be placed where the root is. */
const rootIsTaken = (): Fault => nameConflict({ existing: rootEntry })

const strategyFault = (
  defined: Defined,
  rows: ReadonlyArray<keyof Defined['capabilities']['conflict']>,
  strategy: ConflictStrategy,
) => {
  const features = rows.map((row): Feature => `conflict.${row}.${strategy}`)
  const [first] = features
  return first !== undefined && features.every((feature) => !has(defined.capabilities, feature))
    ? unsupported({ feature: first })
    : undefined
}

export const createDirFault = (defined: Defined, path: DrivePath, strategy: ConflictStrategy): Bad | undefined =>
  path === root
    ? rootIsTaken()
    : (namingFault(defined.capabilities.naming, path, 'directory') ?? strategyFault(defined, ['createDir'], strategy))

export const copyDirFault = (
  defined: Defined,
  from: DrivePath,
  to: DrivePath,
  strategy: ConflictStrategy,
): Bad | undefined => {
  if (from === root || (isInside(from, to) && from !== to)) return nestedTarget()
  if (to === root) return rootIsTaken()
  return namingFault(defined.capabilities.naming, to, 'directory') ?? strategyFault(defined, ['copyDir'], strategy)
}

export const writeFileFault = (defined: Defined, path: DrivePath, strategy: ConflictStrategy): Bad | undefined =>
  path === root
    ? rootIsTaken()
    : (namingFault(defined.capabilities.naming, path, 'file') ?? strategyFault(defined, ['writeFile'], strategy))

/** Of a move or copy; the kind of the source is not known yet, so depth is judged as for a file. */
export const placingFault = (
  defined: Defined,
  operation: 'batchMove' | 'batchCopy',
  { from, to, conflict, fromSpace }: ResolvedItem,
): Bad | undefined => {
  const crossing = operation === 'batchMove' ? 'features.crossSpaceMove' : 'features.crossSpaceCopy'
  if (fromSpace !== undefined && !has(defined.capabilities, crossing)) return unsupported({ feature: crossing })
  const here = fromSpace === undefined
  if (from === root && operation === 'batchMove') return unsupported({ feature: 'operations.batchMove' })
  if (here && from !== to && isInside(from, to)) return nestedTarget()
  if (here && from === root) return nestedTarget()
  if (to === root) return rootIsTaken()
  if (here && from === to && operation === 'batchMove') return undefined
  const rows = operation === 'batchMove' ? (['moveFile', 'moveDir'] as const) : (['copyFile', 'copyDir'] as const)
  return namingFault(defined.capabilities.naming, to, 'file') ?? strategyFault(defined, rows, conflict)
}

/** Of two paths that an operation has, the one that a fault is about. */
export const placeOf =
  (from: DrivePath, to: DrivePath) =>
  (fault: Bad): DrivePath => {
    switch (fault._tag) {
      case 'NameConflict':
      case 'InvalidPath':
      case 'LimitExceeded':
      case 'NestedTarget':
        return to
      case 'NotFound':
        return fault.what === 'parent' ? to : from
      default:
        return from
    }
  }
