// The settings of a memory drive, and the capabilities that follow from them.
import * as t from 'io-ts'
import {
  asAsk,
  native,
  supportOf,
  type Capabilities,
  type ChecksumAlgorithm,
  type Naming,
  type SupportRow,
} from '@anydrive/core'
import type { SameNames } from './names'

const numberWhere = (name: string, holds: (n: number) => boolean): t.Type<number> => {
  const is = (u: unknown): u is number => typeof u === 'number' && holds(u)
  return new t.Type(name, is, (u, context) => (is(u) ? t.success(u) : t.failure(u, context)), t.identity)
}
const Positive = numberWhere('a positive whole number', (n) => Number.isSafeInteger(n) && n > 0)
const Count = numberWhere('a whole number', (n) => Number.isSafeInteger(n) && n >= 0)

const PartialNaming = t.partial(
  {
    maxLength: Positive,
    lengthUnit: t.keyof({ bytes: null, utf16: null, codepoints: null }),
    forbidden: t.string,
    reserved: t.readonlyArray(t.string),
    maxDepth: Positive,
    maxPath: Positive,
    case: t.keyof({ sensitive: null, insensitive: null }),
    normalisation: t.keyof({ 'as-is': null, nfc: null, nfd: null }),
  },
  'Naming',
)

/** Everything has a default: nothing is limited, removed entries are erased, work is done at once. */
export const MemorySettings = t.exact(
  t.partial({
    naming: t.exact(PartialNaming),
    /** `page` 1000 entries, `batch` 1000 items, `fileSize` unlimited, `part` 16 MiB of an upload that can be resumed. */
    limits: t.exact(t.partial({ page: Positive, batch: Positive, fileSize: Count, part: Positive })),
    /** Bytes that the drive holds; the bin is not counted. */
    capacity: Count,
    trash: t.boolean,
    /** With `wait: false` the answer is a task, which runs for so many looks (2 unless given). */
    background: t.union([t.boolean, t.exact(t.type({ looks: Count }))]),
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
} satisfies Record<keyof Capabilities['conflict'], SupportRow>

export const capabilitiesOf = (settings: MemorySettings): Capabilities => ({
  operations: { copyDir: true, batchMove: true, batchCopy: true, batchRemove: true, usage: true },
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
