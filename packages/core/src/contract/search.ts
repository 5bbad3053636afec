// What a search asks for, and whether an entry answers it.
import type { Entry, EntryKind } from './entry'
import { isInside, root, type DrivePath } from './path'

/** An entry must meet every condition that is given. */
export interface SearchQuery {
  /** Entries below this directory, at any depth; the whole drive unless given. */
  readonly below?: DrivePath | undefined
  /** A part of the entry's name; upper and lower case are the same. */
  readonly name?: string | undefined
  readonly kind?: EntryKind | undefined
  /** Bytes of a file, bounds included. A file of unknown size meets none. */
  readonly size?: { readonly min?: number | undefined; readonly max?: number | undefined } | undefined
  /** The time of the last change, bounds included. An entry without one meets none. */
  readonly modifiedAt?: { readonly from?: Date | undefined; readonly to?: Date | undefined } | undefined
}

const folded = (text: string): string => text.normalize('NFC').toLowerCase()

const within = (value: number | undefined, min = -Infinity, max = Infinity): boolean =>
  value !== undefined && value >= min && value <= max

/** Whether an entry meets the conditions of a query. */
export const matchesQuery =
  ({ below = root, name = '', kind, size, modifiedAt }: SearchQuery) =>
  (entry: Entry): boolean =>
    entry.path !== below &&
    isInside(below, entry.path) &&
    folded(entry.name).includes(folded(name)) &&
    (kind === undefined || entry.kind === kind) &&
    (size === undefined || within(entry.kind === 'file' ? entry.size : undefined, size.min, size.max)) &&
    (modifiedAt === undefined ||
      within(entry.modifiedAt?.getTime(), modifiedAt.from?.getTime(), modifiedAt.to?.getTime()))
