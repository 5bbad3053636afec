// What a drive can do, as data: a pure function of its settings.
import * as E from 'fp-ts/Either'
import type { ConflictStrategy, SupportRow } from './conflict'
import type { ChecksumAlgorithm } from './entry'
import { locate, unsupported, type DriveError } from './errors'

export interface Naming {
  /** Of one name, in `lengthUnit`s. */
  readonly maxLength: number
  readonly lengthUnit: 'bytes' | 'utf16' | 'codepoints'
  /** Each character of this string is refused in a name. */
  readonly forbidden: string
  /** Each character of this string is refused at the beginning of a name; none unless given. */
  readonly forbiddenFirst?: string
  /** As `forbiddenFirst`, at the end. */
  readonly forbiddenLast?: string
  /** Names refused as a whole. */
  readonly reserved: ReadonlyArray<string>
  /** Levels of directories; files may lie in the deepest. */
  readonly maxDepth?: number
  /** Of a whole path, in `lengthUnit`s. */
  readonly maxPath?: number
  readonly case: 'sensitive' | 'insensitive' | 'unknown'
  readonly normalisation: 'as-is' | 'nfc' | 'nfd' | 'unknown'
}

/** `kept`: the caller's time comes back; `vendor`: only the vendor's own; `none`: not reported. */
export type TimeKeeping = 'kept' | 'vendor' | 'none'
export interface KeptTimes {
  readonly createdAt: TimeKeeping
  readonly modifiedAt: TimeKeeping
}

export interface Uploading {
  /** A file whose content the vendor holds already is not sent. */
  readonly instant: boolean
  /** What `resume` saves after a crash: the parts sent, or nothing. */
  readonly resume: 'part' | 'restart'
  readonly parts: 'parallel' | 'sequential' | 'none'
  /** Bytes. */
  readonly partSize?: { readonly min: number; readonly max: number }
  readonly maxParts?: number
}

export interface Capabilities {
  readonly operations: {
    readonly copyDir: boolean
    readonly batchMove: boolean
    readonly batchCopy: boolean
    readonly batchRemove: boolean
    readonly usage: boolean
  }
  readonly conflict: {
    readonly createDir: SupportRow
    readonly copyDir: SupportRow
    readonly moveDir: SupportRow
    readonly moveFile: SupportRow
    readonly copyFile: SupportRow
    readonly writeFile: SupportRow
  }
  readonly naming: Naming
  readonly limits: {
    /** Entries a page. */
    readonly page: number
    /** Items a request; longer batches are sent in chunks. */
    readonly batch: number
    /** Bytes. */
    readonly fileSize?: number
  }
  readonly checksums: {
    readonly given: ReadonlyArray<ChecksumAlgorithm>
    readonly checked: ReadonlyArray<ChecksumAlgorithm>
  }
  readonly upload: Uploading
  readonly times: { readonly directory: KeptTimes; readonly file: KeptTimes }
  readonly features: {
    /** `wait: false` may answer with a task. */
    readonly background: boolean
    /** Removed entries go to a bin. */
    readonly trash: boolean
    /** `batchCopy` takes directories. */
    readonly copyDirInBatch: boolean
    readonly crossSpaceMove: boolean
    readonly crossSpaceCopy: boolean
    readonly ranges: boolean
    /** `list` answers in ascending order of names, by UTF-16 code units. */
    readonly sortedList: boolean
    /** Entries carry a `version`. */
    readonly versions: boolean
    /** The vendor itself checks `ifVersion`; without it, a look precedes the call, and a race stays open. */
    readonly ifVersion: boolean
  }
  readonly consistency: {
    /** Milliseconds during which another client's rename of an ancestor may go unnoticed; 0: never. */
    readonly staleness: number
  }
}

type Section = 'operations' | 'features'
type Dotted<S extends Section> = S extends Section ? `${S}.${keyof Capabilities[S] & string}` : never
/** The dotted names that `Unsupported`, a law's needs, `requires` and `compareCapabilities` speak in. */
export type Feature =
  Dotted<Section> | 'upload.instant' | `conflict.${keyof Capabilities['conflict']}.${ConflictStrategy}`

/** Whether a drive has a feature; a conflict row counts unless it is unsupported. */
export const has = (capabilities: Capabilities, feature: Feature): boolean => {
  const [section, name, strategy] = feature.split('.') as [string, string, ConflictStrategy | undefined]
  if (section === 'conflict' && strategy !== undefined) {
    return capabilities.conflict[name as keyof Capabilities['conflict']][strategy].support !== 'unsupported'
  }
  if (section === 'upload') return capabilities.upload.instant
  return section === 'operations'
    ? capabilities.operations[name as keyof Capabilities['operations']]
    : capabilities.features[name as keyof Capabilities['features']]
}

/** The drive itself, or `Unsupported` naming the first feature that it lacks. */
export const requires =
  (...features: ReadonlyArray<Feature>) =>
  <D extends { readonly vendor: string; readonly capabilities: Capabilities }>(drive: D): E.Either<DriveError, D> => {
    const missing = features.find((feature) => !has(drive.capabilities, feature))
    return missing === undefined
      ? E.right(drive)
      : E.left(locate({ vendor: drive.vendor, operation: 'requires' })(unsupported({ feature: missing })))
  }

/** Something that a copy from one drive to the other would lose. */
export interface Loss {
  readonly feature: string
  readonly source: string
  readonly destination: string
}

const lengthOf = (n: Naming): string => `${n.maxLength} ${n.lengthUnit}`
const narrower = (source: number | undefined, destination: number | undefined): boolean =>
  destination !== undefined && (source === undefined || destination < source)

/** What a migration from `source` to `destination` cannot carry over, from the capabilities alone. */
export const compareCapabilities = (source: Capabilities, destination: Capabilities): ReadonlyArray<Loss> => {
  const losses: Array<Loss> = []
  const lose = (feature: string, from: string, to: string) => losses.push({ feature, source: from, destination: to })
  const shown = (n: number | undefined) => (n === undefined ? 'unlimited' : String(n))
  const a = source.naming
  const b = destination.naming
  if (b.maxLength < a.maxLength || b.lengthUnit !== a.lengthUnit) lose('naming.maxLength', lengthOf(a), lengthOf(b))
  for (const rule of ['forbidden', 'forbiddenFirst', 'forbiddenLast'] as const) {
    const refused = Array.from(b[rule] ?? '').filter((c) => !(a[rule] ?? '').includes(c) && !a.forbidden.includes(c))
    if (refused.length > 0) lose(`naming.${rule}`, 'allowed', refused.join(''))
  }
  if (narrower(a.maxDepth, b.maxDepth)) lose('naming.maxDepth', shown(a.maxDepth), shown(b.maxDepth))
  if (narrower(a.maxPath, b.maxPath)) lose('naming.maxPath', shown(a.maxPath), shown(b.maxPath))
  if (a.case !== b.case && b.case !== 'sensitive') lose('naming.case', a.case, b.case)
  if (a.normalisation !== b.normalisation && b.normalisation !== 'as-is')
    lose('naming.normalisation', a.normalisation, b.normalisation)
  if (narrower(source.limits.fileSize, destination.limits.fileSize))
    lose('limits.fileSize', shown(source.limits.fileSize), shown(destination.limits.fileSize))
  const algorithms = source.checksums.given.filter((x) => !destination.checksums.given.includes(x))
  if (algorithms.length > 0)
    lose('checksums.given', algorithms.join(', '), destination.checksums.given.join(', ') || 'none')
  for (const kind of ['directory', 'file'] as const)
    for (const time of ['createdAt', 'modifiedAt'] as const)
      if (source.times[kind][time] !== 'none' && destination.times[kind][time] !== 'kept')
        lose(`times.${kind}.${time}`, source.times[kind][time], destination.times[kind][time])
  for (const feature of ['versions', 'trash'] as const)
    if (source.features[feature] && !destination.features[feature]) lose(`features.${feature}`, 'yes', 'no')
  return losses
}
