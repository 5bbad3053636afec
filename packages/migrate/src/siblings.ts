// The entries of one directory on both sides, paired by name.
import { pages, type DriveError, type DrivePath, type DriveProvider, type Entry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { entryOf } from './entry-lines'
import { createSorter, type Scratch } from './external-sort'
import type { OwnFiles } from './own-files'
import type { ScratchError } from './temp-file'

/** Two entries of one name, or the one that has no counterpart. */
export type Pair = { readonly name: string } & (
  | { readonly a: Entry; readonly b: Entry }
  | { readonly a: Entry; readonly b: undefined }
  | { readonly a: undefined; readonly b: Entry }
)
type Lister = Pick<DriveProvider, 'list' | 'vendor' | 'capabilities'>

interface Listed {
  readonly drive: Lister
  readonly dir: DrivePath
  /** By which name one of this side is compared; its own unless given. */
  readonly nameOf?: ((name: string) => string) | undefined
  /** Called with each name that the listing skipped, since no path can hold it. */
  readonly onSkipped?: ((name: string) => void) | undefined
  /** Entries that are left out. */
  readonly own?: OwnFiles | undefined
}
/** A directory on one side, of which `undefined` has nothing. */
export type Side = Listed | undefined

export interface Reading {
  readonly signal?: AbortSignal | undefined
  readonly scratch?: Scratch | undefined
}

/** An entry under the name by which it is compared. */
interface Keyed {
  readonly key: string
  readonly entry: Entry
}
type Found = E.Either<DriveError | ScratchError, Keyed>

async function* listed(
  side: Listed,
  signal: AbortSignal | undefined,
): AsyncGenerator<E.Either<DriveError, Keyed>, void> {
  const { drive, dir, nameOf, onSkipped, own } = side
  for await (const page of pages(drive, dir, { signal })) {
    if (E.isLeft(page)) {
      yield page
      continue
    }
    for (const name of page.right.skipped ?? []) onSkipped?.(name)
    for (const entry of page.right.items)
      if (own?.(entry.path) !== true)
        yield E.right({ key: nameOf === undefined ? entry.name : nameOf(entry.name), entry })
  }
}

const lines = {
  keyOf: ({ key }: Keyed) => key,
  toLine: (it: Keyed) => JSON.stringify(it),
  fromLine: (line: string): Keyed => {
    const { key, entry } = JSON.parse(line) as { readonly key: string; readonly entry: unknown }
    return { key, entry: entryOf(entry) }
  },
}

/** In ascending order of names: a page at a time where the drive lists so, else after the whole directory was read. A left ends it. */
async function* sorted(side: Listed, { signal, scratch }: Reading): AsyncGenerator<Found, void> {
  const all = listed(side, signal)
  if (side.drive.capabilities.features.sortedList && side.nameOf === undefined) {
    yield* all
    return
  }
  const sorter = createSorter<Keyed>({ ...lines, ...scratch })
  try {
    for await (const found of all) {
      const added: E.Either<DriveError | ScratchError, unknown> | undefined = E.isLeft(found)
        ? found
        : await sorter.add(found.right)
      if (added === undefined || E.isRight(added)) continue
      yield added
      return
    }
    yield* sorter.sorted()
  } finally {
    await sorter.close()
  }
}

async function* nothing(): AsyncGenerator<Found, void> {
  // No side, no entries.
}

const rightOf = (side: Found | undefined): Keyed | undefined =>
  side !== undefined && E.isRight(side) ? side.right : undefined

/** The next of two ascending sequences: both where they bear one name, else the lesser. */
const pairOf = (a: Keyed | undefined, b: Keyed | undefined): Pair | undefined => {
  if (a === undefined) return b === undefined ? undefined : { name: b.key, a: undefined, b: b.entry }
  if (b === undefined || a.key < b.key) return { name: a.key, a: a.entry, b: undefined }
  return { name: b.key, a: a.key === b.key ? a.entry : undefined, b: b.entry }
}

/** A left ends it; whatever ends it, nothing is left on the disk. */
export async function* siblings(
  a: Side,
  b: Side,
  reading: Reading,
): AsyncGenerator<E.Either<DriveError | ScratchError, Pair>, void> {
  const open = (side: Side) => (side === undefined ? nothing() : sorted(side, reading))
  const left = open(a)
  const right = open(b)
  try {
    let [x, y] = await Promise.all([left.next(), right.next()])
    for (;;) {
      const one = x.done === true ? undefined : x.value
      const two = y.done === true ? undefined : y.value
      const broken = [one, two].find((side) => side !== undefined && E.isLeft(side))
      if (broken !== undefined && E.isLeft(broken)) {
        yield broken
        return
      }
      const pair = pairOf(rightOf(one), rightOf(two))
      if (pair === undefined) return
      yield E.right(pair)
      if (pair.a !== undefined) x = await left.next()
      if (pair.b !== undefined) y = await right.next()
    }
  } finally {
    await Promise.all([left.return(), right.return()])
  }
}
