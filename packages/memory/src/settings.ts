// The settings of a memory drive, and the capabilities that follow from them.
import * as t from 'io-ts'
import type { Capabilities, ChecksumAlgorithm, Naming, SupportRow } from '@anydrive/core'
import { asAsk, defineCapabilities, native, supportOf } from '@anydrive/core/adapter'
import type { SameNames } from './names'

const numberWhere = (name: string, holds: (n: number) => boolean): t.Type<number> => {
  const is = (u: unknown): u is number => typeof u === 'number' && holds(u)
  return new t.Type(name, is, (u, context) => (is(u) ? t.success(u) : t.failure(u, context)), t.identity)
}
const Positive = numberWhere('a positive whole number', (n) => Number.isSafeInteger(n) && n > 0)
const Count = numberWhere('a whole number', (n) => Number.isSafeInteger(n) && n >= 0)

const PartialNaming = t.partial(
  {
    /** The longest name, in `lengthUnit`s; 255 unless given. */
    maxLength: Positive,
    /** What `maxLength` and `maxPath` count; `bytes` unless given. */
    lengthUnit: t.keyof({ bytes: null, utf16: null, codepoints: null }),
    /** Characters that are refused in a name; none unless given. */
    forbidden: t.string,
    /** Names that are refused as a whole; none unless given. */
    reserved: t.readonlyArray(t.string),
    /** Levels of directories; unlimited unless given. */
    maxDepth: Positive,
    /** The longest path, in `lengthUnit`s; unlimited unless given. */
    maxPath: Positive,
    /** Whether names that differ only in case are different names; `sensitive` unless given. */
    case: t.keyof({ sensitive: null, insensitive: null }),
    /** The Unicode form that names are stored in; `as-is` unless given. */
    normalisation: t.keyof({ 'as-is': null, nfc: null, nfd: null }),
  },
  'Naming',
)

/** Everything has a default: nothing is limited, removed entries are erased, work is done at once. */
export const MemorySettings = t.exact(
  t.partial({
    /** The names that the drive takes. */
    naming: t.exact(PartialNaming),
    /** What the drive takes at once. */
    limits: t.exact(
      t.partial({
        /** Entries of a page; 1000 unless given. */
        page: Positive,
        /** Items of a batch; 1000 unless given. */
        batch: Positive,
        /** Bytes of a file; unlimited unless given. */
        fileSize: Count,
        /** Bytes of a part of an upload that can be resumed; 16 MiB unless given. */
        part: Positive,
      }),
    ),
    /** Bytes that the drive holds, the bin not counted; unlimited unless given. */
    capacity: Count,
    /** Whether removed entries go to a trash; `false` unless given. */
    trash: t.boolean,
    /** Whether a file that is overwritten keeps its earlier contents as versions; `false` unless given. */
    versions: t.boolean,
    /** How many of the latest changes the change feed keeps; no feed unless given. */
    changeFeed: Positive,
    /** With `wait: false` the answer is a task, which runs for so many looks (2 unless given). */
    background: t.union([
      t.boolean,
      t.exact(
        t.type({
          /** Requests for the state of a task that find it running. */
          looks: Count,
        }),
      ),
    ]),
    /** What uploads are checked with and entries show; `sha256` and `md5` unless given. */
    checksums: t.readonlyArray(t.keyof({ sha256: null, sha1: null, md5: null })),
    /** Milliseconds before each call, and before each item of a batch. */
    latency: Count,
  }),
  'MemorySettings',
)
export type MemorySettings = t.TypeOf<typeof MemorySettings>

const unlimited: Naming = {
  maxLength: 255,
  lengthUnit: 'bytes',
  forbidden: '',
  reserved: [],
  case: 'sensitive',
  normalisation: 'as-is',
}

const namingOf = (settings: MemorySettings): Naming => ({ ...unlimited, ...settings.naming })

export const sameOf = ({ naming }: MemorySettings): SameNames => ({
  case: naming?.case ?? 'sensitive',
  normalisation: naming?.normalisation ?? 'as-is',
})

const own = native(undefined)
const directories = supportOf({ ask: own, rename: own, overwrite: asAsk(undefined) }, 'documented')
const files = supportOf({ ask: own, rename: own, overwrite: own }, 'documented')
const kept = { createdAt: 'kept', modifiedAt: 'kept' } as const

export const checksumsOf = (settings: MemorySettings): ReadonlyArray<Exclude<ChecksumAlgorithm, 'crc64xz'>> =>
  settings.checksums ?? ['sha256', 'md5']

export const partOf = (settings: MemorySettings): number => settings.limits?.part ?? 16 * 1024 * 1024

export const looksOf = (settings: MemorySettings): number | undefined => {
  if (typeof settings.background === 'object') return settings.background.looks
  return settings.background === true ? 2 : undefined
}

const conflict = {
  createDir: directories,
  copyDir: directories,
  moveDir: directories,
  moveFile: files,
  copyFile: files,
  writeFile: files,
  restore: files,
} satisfies Record<keyof Capabilities['conflict'], SupportRow>

export const capabilitiesOf = (settings: MemorySettings): Capabilities =>
  defineCapabilities({
    operations: {
      copyDir: true,
      batchMove: true,
      batchCopy: true,
      batchRemove: true,
      usage: true,
      listTrash: settings.trash === true,
      restore: settings.trash === true,
      purge: settings.trash === true,
      emptyTrash: settings.trash === true,
      search: true,
      listVersions: settings.versions === true,
      restoreVersion: settings.versions === true,
      downloadUrl: true,
      setTimes: true,
      changes: settings.changeFeed !== undefined,
    },
    conflict,
    naming: namingOf(settings),
    limits: {
      page: settings.limits?.page ?? 1000,
      batch: settings.limits?.batch ?? 1000,
      ...(settings.limits?.fileSize === undefined ? {} : { fileSize: settings.limits.fileSize }),
    },
    checksums: { given: checksumsOf(settings), checked: checksumsOf(settings) },
    upload: { instant: false, resume: 'part', parts: 'sequential' },
    times: { directory: kept, file: kept },
    features: {
      background: looksOf(settings) !== undefined,
      trash: settings.trash === true,
      copyDirInBatch: true,
      crossSpaceMove: false,
      crossSpaceCopy: false,
      ranges: true,
      sortedList: true,
      etags: true,
      ifVersion: true,
    },
    consistency: { staleness: 0 },
  })
