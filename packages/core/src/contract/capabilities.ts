// What a drive can do, as data: a pure function of its settings.
import type { ConflictStrategy, SupportRow } from './conflict'
import type { ChecksumAlgorithm } from './entry'

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
  /** The version of the contract that the drive keeps. */
  readonly contract?: '1.0'
  readonly operations: {
    readonly copyDir: boolean
    readonly batchMove: boolean
    readonly batchCopy: boolean
    readonly batchRemove: boolean
    readonly usage: boolean
    /** These are members of a drive's type only where its type does not say `false`; `requires` narrows the type of any other. */
    readonly listTrash: boolean
    readonly restore: boolean
    readonly purge: boolean
    readonly emptyTrash: boolean
    readonly search: boolean
    /** `readFile` takes a `version`, too. */
    readonly listVersions: boolean
    readonly restoreVersion: boolean
    readonly downloadUrl: boolean
    readonly setTimes: boolean
    readonly changes: boolean
  }
  readonly conflict: {
    readonly createDir: SupportRow
    readonly copyDir: SupportRow
    readonly moveDir: SupportRow
    readonly moveFile: SupportRow
    readonly copyFile: SupportRow
    readonly writeFile: SupportRow
    readonly restore: SupportRow
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
    /** Removed entries go to the trash. */
    readonly trash: boolean
    /** `batchCopy` takes directories. */
    readonly copyDirInBatch: boolean
    readonly crossSpaceMove: boolean
    readonly crossSpaceCopy: boolean
    readonly ranges: boolean
    /** `list` answers in ascending order of names, by UTF-16 code units. */
    readonly sortedList: boolean
    /** Entries have an etag, as their `version`. */
    readonly etags: boolean
    /** The vendor itself checks `ifVersion`; otherwise a lookup precedes the call, and a race remains possible. */
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
export const has = ({ conflict, features, operations, upload }: Capabilities, feature: Feature): boolean => {
  const [section, name, strategy] = feature.split('.') as [string, string, ConflictStrategy | undefined]
  if (section === 'conflict' && strategy !== undefined)
    return conflict[name as keyof typeof conflict][strategy].support !== 'unsupported'
  if (section === 'upload') return upload.instant
  if (section === 'operations') return operations[name as keyof typeof operations]
  return features[name as keyof typeof features]
}

const cannot = { support: 'unsupported', basis: 'documented' } as const
const row = { ask: cannot, rename: cannot, overwrite: cannot } as const
const noTimes = { createdAt: 'none', modifiedAt: 'none' } as const

/** A drive that can do nothing. */
const nothing = {
  contract: '1.0',
  operations: {
    copyDir: false,
    batchMove: false,
    batchCopy: false,
    batchRemove: false,
    usage: false,
    listTrash: false,
    restore: false,
    purge: false,
    emptyTrash: false,
    search: false,
    listVersions: false,
    restoreVersion: false,
    downloadUrl: false,
    setTimes: false,
    changes: false,
  },
  conflict: { createDir: row, copyDir: row, moveDir: row, moveFile: row, copyFile: row, writeFile: row, restore: row },
  naming: { forbidden: '', reserved: [], case: 'unknown', normalisation: 'unknown' },
  limits: { batch: 1 },
  checksums: { given: [], checked: [] },
  upload: { instant: false, resume: 'restart', parts: 'none' },
  times: { directory: noTimes, file: noTimes },
  features: {
    background: false,
    trash: false,
    copyDirInBatch: false,
    crossSpaceMove: false,
    crossSpaceCopy: false,
    ranges: false,
    sortedList: false,
    etags: false,
    ifVersion: false,
  },
  consistency: { staleness: 0 },
} as const
type Nothing = typeof nothing

/** What an author names; `naming.maxLength`, `naming.lengthUnit` and `limits.page` must be. */
export type GivenCapabilities = {
  readonly [S in Exclude<keyof Capabilities, 'contract' | 'naming' | 'limits'>]?: Partial<Capabilities[S]>
} & {
  readonly naming: Partial<Naming> & Pick<Naming, 'maxLength' | 'lengthUnit'>
  readonly limits: Partial<Capabilities['limits']> & Pick<Capabilities['limits'], 'page'>
}
type Filled<S extends keyof Nothing, C> = S extends keyof C ? Omit<Nothing[S], keyof C[S]> & C[S] : Nothing[S]
export type FullCapabilities<C> = { readonly [S in Exclude<keyof Nothing, 'contract'>]: Filled<S, C> } & {
  readonly contract: '1.0'
}

/** The capabilities with every key that is not named filled with "cannot", so that a new key breaks no adapter. The types keep what was given. */
export const defineCapabilities = <const C extends GivenCapabilities>(given: C): FullCapabilities<C> => {
  const filled = Object.entries(nothing).map(([section, none]) => {
    const own: unknown = given[section as keyof GivenCapabilities]
    return [section, typeof none === 'string' ? none : { ...none, ...(own as object | undefined) }]
  })
  return Object.fromEntries(filled) as FullCapabilities<C>
}
