// One line of a plan: what is to be done with one entry, and what must still be so when it is done.
import { DrivePath, parsePath, root, showPath, type Checksums, type Entry, type EntryKind } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'

/** What a line says of a file, or of what stands in its place. */
export interface Stated {
  /** Bytes. */
  readonly size?: number
  readonly modifiedAt?: Date
  readonly checksums?: Checksums
  readonly version?: string
}
export interface Existing extends Stated {
  readonly path: DrivePath
  readonly kind: EntryKind
}

/**
 * Of a directory: `mkdir` where there is none, `merge` into one that stands. Of a file: `copy` to where nothing stands, `overwrite` what stands. Of both: `rename`, to
 * another name because the one wanted is taken; `replace`, in a sync, an entry of another kind. Of what only the target has, in a sync: `remove`. `skip` is omitted by decision; `refuse` cannot or may not be transferred.
 */
export const actions = ['mkdir', 'merge', 'copy', 'overwrite', 'replace', 'rename', 'remove', 'skip', 'refuse'] as const
export type Action = (typeof actions)[number]

/** Each of what is stated must still hold; what is left out is not asked for. */
export interface PlanLine extends Stated {
  readonly do: Action
  readonly kind: EntryKind
  readonly from: DrivePath
  readonly to: DrivePath
  /** What stood in its way; `null`: nothing. */
  readonly existing: Existing | null
  /** Each begins with the name of a finding. */
  readonly why: ReadonlyArray<string>
}

/** What of an entry is kept in a plan. */
export const stated = (entry: Entry): Stated => ({
  ...(entry.kind === 'file' && entry.size !== undefined ? { size: entry.size } : {}),
  ...(entry.modifiedAt === undefined ? {} : { modifiedAt: entry.modifiedAt }),
  ...(entry.kind === 'file' && Object.keys(entry.checksums).length > 0 ? { checksums: entry.checksums } : {}),
  ...(entry.kind === 'file' && entry.version !== undefined ? { version: entry.version } : {}),
})
export const existingOf = (entry: Entry): Existing => ({ path: entry.path, kind: entry.kind, ...stated(entry) })

const Shown = new t.Type<DrivePath, string>(
  'a path such as "/reports/2026"',
  DrivePath.is,
  (u, context) => {
    const parsed = typeof u === 'string' ? parsePath(u) : undefined
    return parsed !== undefined && E.isRight(parsed) ? t.success(parsed.right) : t.failure(u, context)
  },
  showPath,
)
const Moment = new t.Type<Date, string>(
  'a moment such as "2026-01-31T12:00:00.000Z"',
  (u): u is Date => u instanceof Date,
  (u, context) => {
    const moment = typeof u === 'string' && /^\d{4}-\d{2}-\d{2}T/.test(u) ? new Date(u) : new Date(NaN)
    return Number.isNaN(moment.getTime()) ? t.failure(u, context) : t.success(moment)
  },
  (moment) => moment.toISOString(),
)
const isSize = (u: unknown): u is number => typeof u === 'number' && Number.isSafeInteger(u) && u >= 0
const Size = new t.Type<number>(
  'a whole number of bytes',
  isSize,
  (u, context) => (isSize(u) ? t.success(u) : t.failure(u, context)),
  t.identity,
)
const keys = <K extends string>(names: ReadonlyArray<K>, name: string): t.Type<K> => {
  const is = (u: unknown): u is K => names.some((one) => one === u)
  return new t.Type(name, is, (u, context) => (is(u) ? t.success(u) : t.failure(u, context)), t.identity)
}
const Kind = keys(['file', 'directory', 'other'], 'file, directory or other')

const optional = {
  size: Size,
  modifiedAt: Moment,
  checksums: t.exact(
    t.partial({ crc64xz: t.string, md5: t.string, sha1: t.string, sha256: t.string }, 'checksums'),
    'checksums',
  ),
  version: t.string,
}
const there = 'the existing entry'
const ofExisting = { path: Shown, kind: Kind }
const ofLine = {
  do: keys(actions, 'mkdir, merge, copy, overwrite, replace, rename, remove, skip or refuse'),
  kind: Kind,
  from: Shown,
  to: Shown,
  existing: t.union([t.null, t.intersection([t.type(ofExisting, there), t.partial(optional, there)], there)]),
  why: t.readonlyArray(t.string),
}

export const Line: t.Type<PlanLine, unknown> = t.intersection([t.type(ofLine), t.partial(optional)])

const known = {
  line: new Set([...Object.keys(ofLine), ...Object.keys(optional)]),
  existing: new Set([...Object.keys(ofExisting), ...Object.keys(optional)]),
}
/** A field that is misspelled would silently be no precondition. */
export const strangeField = (value: object): string | undefined => {
  const { existing } = value as { readonly existing?: unknown }
  const inExisting = typeof existing === 'object' && existing !== null ? Object.keys(existing) : []
  return Object.keys(value).find((key) => !known.line.has(key)) ?? inExisting.find((key) => !known.existing.has(key))
}

const ofFiles: ReadonlyArray<Action> = ['copy', 'overwrite', 'rename']
const ofDirectories: ReadonlyArray<Action> = ['mkdir', 'merge']

/** What its parts make impossible together, and what to write instead. */
export const contradictionIn = (line: PlanLine): string | undefined => {
  const { kind, existing, to } = line
  const inTheWay = existing?.path === to ? existing : undefined
  if (kind === 'other' && line.do !== 'skip' && line.do !== 'refuse')
    return `what is neither file nor directory cannot be transferred with "do": "${line.do}"; say skip or refuse`
  if (kind === 'directory' && (line.do === 'copy' || line.do === 'overwrite'))
    return `"do": "${line.do}" is for files; say mkdir, merge, rename, skip or refuse`
  if (kind !== 'directory' && ofDirectories.includes(line.do))
    return `"do": "${line.do}" is for directories; say copy, overwrite, rename, skip or refuse`
  if (line.do === 'replace' && (to === root || inTheWay === undefined || inTheWay.kind === kind))
    return '"do": "replace" needs "existing" to be the entry of another kind at "to"; say copy or mkdir where nothing exists'
  if (kind === 'file' && ofFiles.includes(line.do) && to === root) return 'a file needs a name in "to"'
  if (line.do === 'remove' && (to === root || inTheWay?.kind !== kind))
    return '"do": "remove" needs "existing" to be the entry that exists at "to"; say skip'
  if (line.do === 'overwrite' && inTheWay?.kind !== 'file')
    return '"do": "overwrite" needs "existing" to be the file at "to"; say copy where nothing exists'
  if ((line.do === 'copy' || line.do === 'rename') && inTheWay !== undefined)
    return `an entry exists at "to" already; say overwrite, or give another name in "to"`
  return ofDirectories.includes(line.do) && inTheWay !== undefined && inTheWay.kind !== 'directory'
    ? `a ${inTheWay.kind} exists at "to"; give another name in "to", here and in each line below it`
    : undefined
}

const fieldsOf = ({ size, modifiedAt, checksums, version }: Stated) => ({
  size,
  modifiedAt,
  checksums:
    checksums === undefined
      ? undefined
      : { crc64xz: checksums.crc64xz, md5: checksums.md5, sha1: checksums.sha1, sha256: checksums.sha256 },
  version,
})

/** One line without its line feed; the same for the same line, so that two plans can be compared. */
export const lineText = (line: PlanLine): string =>
  JSON.stringify({
    do: line.do,
    kind: line.kind,
    from: showPath(line.from),
    to: showPath(line.to),
    ...fieldsOf(line),
    existing:
      line.existing === null
        ? null
        : { path: showPath(line.existing.path), kind: line.existing.kind, ...fieldsOf(line.existing) },
    why: line.why,
  })
