// Listings that leave nothing out: entries, and what a listing could not represent as an entry.
import { pages, type DriveError, type DrivePath, type DriveProvider, type Entry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { exits, interrupted } from './problem'
import type { Answer, Context } from './context'
import { nameText } from './text'

/** A name that cannot be a segment of a path. */
interface SkippedName {
  readonly kind: 'skipped'
  readonly name: string
  readonly reason: string
}
export type Listed = Entry | SkippedName

const reason = 'no path can hold this name'

/** Every entry of one directory, and every name that was skipped; a left ends it. */
export async function* listed(
  drive: Pick<DriveProvider, 'list' | 'vendor'>,
  path: DrivePath,
  signal: AbortSignal,
): AsyncGenerator<E.Either<DriveError, Listed>, void> {
  for await (const page of pages(drive, path, { signal })) {
    if (E.isLeft(page)) {
      yield page
      continue
    }
    for (const entry of page.right.items) yield E.right(entry)
    for (const name of page.right.skipped ?? []) yield E.right({ kind: 'skipped', name, reason })
  }
}

/** What follows a name in a listing: a slash for a directory, and what anything but a file is. */
export const suffixOf = (item: Listed): string => {
  if (item.kind === 'directory') return '/'
  if (item.kind === 'other') return `  (${nameText(item.what)})`
  return item.kind === 'skipped' ? `  (skipped: ${item.reason})` : ''
}

/** The answer of a listing that was stopped: a reader that has seen enough ends it without an error. */
export const stoppedListing = ({ out }: Context, isComplete: boolean): Answer =>
  out.isClosed() ? E.right(isComplete ? exits.done : exits.partly) : E.left(interrupted)
