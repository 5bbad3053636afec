// The entries of one source directory, each with what stands in its place and what takes its name.
import { type DrivePath, type DriveError, type DriveProvider, type Entry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { NameProblem } from '../names/encode'
import type { NamesOnTheirWay } from '../names/names-for'
import type { MigrateOptions } from '../options'
import type { OwnFiles } from '../own-files'
import type { ScratchError } from '../temp-file'
import { siblings, type Reading } from '../siblings'
import type { OneName } from './one-name'

/** A source entry on its way to a name. */
export interface Candidate {
  readonly entry: Entry
  /** A directory that is made with the first file in it. */
  readonly ifUsed: boolean
  /** As the destination is to have it. */
  readonly name: E.Either<NameProblem, string>
  /** What stands at the destination under this name, or one that it takes for this. */
  readonly existing: Entry | undefined
  /** What stands there under a name that it may take for this. */
  readonly similar: Entry | undefined
  /** Another source entry that was to get this name before; `isSure`: the destination takes the two for one. */
  readonly duplicate: { readonly other: Candidate; readonly isSure: boolean } | undefined
  /** Where it goes, once that is decided. */
  landed: DrivePath | undefined
  /** Free names given to entries of names like this one. */
  readonly given: Set<string>
}
export type Failure = DriveError | ScratchError

export interface BothSides {
  readonly from: { readonly drive: DriveProvider; readonly dir: DrivePath }
  /** Undefined where there is none yet. */
  readonly to: { readonly drive: DriveProvider; readonly dir: DrivePath } | undefined
  /** Files of the migration itself, which are no part of it. */
  readonly own: { readonly from: OwnFiles; readonly to: OwnFiles }
  readonly include: NonNullable<MigrateOptions['include']>
  readonly names: NamesOnTheirWay
  /** Whether names change on their way. */
  readonly respells: boolean
  readonly one: OneName
  readonly reading: Reading
  readonly onPage: (side: 'from' | 'to') => void
  readonly onSkipped: (name: string) => void
}

type Lister = Pick<DriveProvider, 'list' | 'vendor' | 'capabilities'>

/** A listing that tells how many pages were asked for, and which names it left out. */
const watched = (drive: DriveProvider, onPage: () => void, onSkipped?: (name: string) => void): Lister => ({
  vendor: drive.vendor,
  capabilities: drive.capabilities,
  list: (path, options) => async () => {
    onPage()
    const page = await drive.list(path, options)()
    if (E.isRight(page) && onSkipped !== undefined) for (const name of page.right.skipped ?? []) onSkipped(name)
    return page
  },
})

const keysOf = ({ one: { key }, names, respells }: BothSides) => {
  if (key === undefined && !respells) return { from: undefined, to: undefined }
  const plain = key ?? ((name: string) => name)
  const spelled = (name: string): string => {
    const it = names.toDestination(name)
    return E.isRight(it) ? it.right : name
  }
  return { from: (name: string) => plain(spelled(name)), to: key }
}

interface Included {
  readonly entry: Entry
  readonly ifUsed: boolean
}
const byName = ({ entry: a }: Included, { entry: b }: Included): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0

/** Entries whose names may be one at the destination. */
const matched = (
  { names, one }: BothSides,
  sources: ReadonlyArray<Included>,
  standing: ReadonlyArray<Entry>,
): ReadonlyArray<Candidate> => {
  const all: Array<Candidate> = []
  const given = new Set<string>()
  for (const { entry, ifUsed } of [...sources].sort(byName)) {
    const name = names.toDestination(entry.name)
    const wanted = E.isRight(name) ? name.right : entry.name
    const nameIn = (it: Candidate): string => (E.isRight(it.name) ? it.name.right : it.entry.name)
    const existing = standing.find((it) => it.name === wanted) ?? standing.find((it) => one.isSure(it.name, wanted))
    const other = all.find((it) => one.isSure(nameIn(it), wanted)) ?? all[0]
    all.push({
      entry,
      ifUsed,
      name,
      existing,
      similar: existing === undefined ? standing[0] : undefined,
      duplicate: other === undefined ? undefined : { other, isSure: one.isSure(nameIn(other), wanted) },
      landed: undefined,
      given,
    })
  }
  return all
}

/** In the order of the names, as the destination has them; those that may be one there stand together. A left ends it. */
export async function* candidates(sides: BothSides): AsyncGenerator<E.Either<Failure, Candidate>, void> {
  const { from, to, include, reading, onPage, onSkipped } = sides
  const keys = keysOf(sides)
  const a = {
    drive: watched(from.drive, () => onPage('from'), onSkipped),
    dir: from.dir,
    nameOf: keys.from,
    own: sides.own.from,
  }
  const b =
    to === undefined
      ? undefined
      : { drive: watched(to.drive, () => onPage('to')), dir: to.dir, nameOf: keys.to, own: sides.own.to }
  let key: string | undefined
  let sources: Array<Included> = []
  let standing: Array<Entry> = []
  for await (const pair of siblings(a, b, reading)) {
    if (E.isLeft(pair)) {
      yield pair
      return
    }
    if (pair.right.name !== key) {
      for (const one of matched(sides, sources, standing)) yield E.right(one)
      key = pair.right.name
      sources = []
      standing = []
    }
    const included = pair.right.a === undefined ? false : include(pair.right.a)
    if (pair.right.a !== undefined && included !== false)
      sources.push({ entry: pair.right.a, ifUsed: included === 'if-used' })
    if (pair.right.b !== undefined) standing.push(pair.right.b)
  }
  for (const one of matched(sides, sources, standing)) yield E.right(one)
}
