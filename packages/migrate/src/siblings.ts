// The entries of one directory on both sides, side by side by name.
import { pages, type DriveError, type DrivePath, type DriveProvider, type Entry } from '@anydrive/core'
import * as E from 'fp-ts/Either'

/** Two entries of one name, or the one that has no counterpart. */
export type Pair =
  | { readonly a: Entry; readonly b: Entry }
  | { readonly a: Entry; readonly b: undefined }
  | { readonly a: undefined; readonly b: Entry }
type Lister = Pick<DriveProvider, 'list' | 'vendor' | 'capabilities'>

const byName = (a: Entry, b: Entry): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

async function* listed(drive: Lister, dir: DrivePath, signal: AbortSignal | undefined) {
  for await (const page of pages(drive, dir, { signal })) {
    if (E.isLeft(page)) yield page
    else for (const entry of page.right.items) yield E.right(entry)
  }
}

/** In ascending order of names: a page at a time where the drive lists so, else after the whole directory was read. A left ends it. */
async function* sorted(
  drive: Lister,
  dir: DrivePath,
  signal: AbortSignal | undefined,
): AsyncGenerator<E.Either<DriveError, Entry>, void> {
  const all = listed(drive, dir, signal)
  if (drive.capabilities.features.sortedList) {
    yield* all
    return
  }
  const known: Array<Entry> = []
  for await (const entry of all) {
    if (E.isLeft(entry)) {
      yield entry
      return
    }
    known.push(entry.right)
  }
  for (const entry of known.sort(byName)) yield E.right(entry)
}

/** A directory on one side, of which `undefined` has nothing. */
export type Side = { readonly drive: Lister; readonly dir: DrivePath } | undefined

async function* nothing(): AsyncGenerator<E.Either<DriveError, Entry>, void> {
  // No side, no entries.
}

const rightOf = (side: E.Either<DriveError, Entry> | undefined): Entry | undefined =>
  side !== undefined && E.isRight(side) ? side.right : undefined

/** The next of two ascending sequences: both where they bear one name, else the lesser. */
const pairOf = (a: Entry | undefined, b: Entry | undefined): Pair | undefined => {
  if (a === undefined) return b === undefined ? undefined : { a, b }
  if (b === undefined) return { a, b }
  const order = byName(a, b)
  if (order === 0) return { a, b }
  return order < 0 ? { a, b: undefined } : { a: undefined, b }
}

export async function* siblings(
  a: Side,
  b: Side,
  signal: AbortSignal | undefined,
): AsyncGenerator<E.Either<DriveError, Pair>, void> {
  const open = (side: Side) => (side === undefined ? nothing() : sorted(side.drive, side.dir, signal))
  const left = open(a)
  const right = open(b)
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
}
