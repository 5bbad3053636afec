// Whole listings and whole trees, a page at a time.
import * as E from 'fp-ts/Either'
import type { Cursor, Entry, Page } from '../contract/entry'
import { unexpectedResponse, type DriveError, type Where } from '../contract/errors'
import { locate } from '../contract/explain'
import { root, type DrivePath } from '../contract/path'
import type { CallOptions, DriveProvider, ListOptions, Result } from '../contract/provider'

type Lister = Pick<DriveProvider, 'list' | 'vendor'>

const repeated = (where: Where): DriveError =>
  locate(where)(
    unexpectedResponse({
      effect: 'none',
      issues: [{ at: 'cursor', expected: 'another cursor', got: 'the same again' }],
    }),
  )

/** Each page that `fetch` gives, from `cursor` to the last; after a left the listing has ended. */
export async function* pagesOf<A>(
  fetch: (cursor: Cursor | undefined) => Result<Page<A>>,
  where: Where,
  cursor?: Cursor,
): AsyncGenerator<E.Either<DriveError, Page<A>>, void> {
  for (;;) {
    const page = await fetch(cursor)()
    yield page
    if (E.isLeft(page) || page.right.next === undefined) return
    if (page.right.next === cursor) {
      yield E.left(repeated(where))
      return
    }
    cursor = page.right.next
  }
}

/** Each item of such pages; a left ends it. */
export async function* itemsOf<A>(
  pages: AsyncIterable<E.Either<DriveError, Page<A>>>,
): AsyncGenerator<E.Either<DriveError, A>, void> {
  for await (const page of pages) {
    if (E.isLeft(page)) yield page
    else for (const item of page.right.items) yield E.right(item)
  }
}

/** Each page until the last; after a left the listing has ended. */
export const pages = (
  drive: Lister,
  path: DrivePath,
  options: ListOptions = {},
): AsyncGenerator<E.Either<DriveError, Page<Entry>>, void> => {
  const where: Where = { vendor: drive.vendor, operation: 'list', path }
  return pagesOf((cursor) => drive.list(path, { ...options, cursor }), where, options.cursor)
}

/** Every entry of one directory; a left ends it. */
export const entries = (
  drive: Lister,
  path: DrivePath,
  options?: ListOptions,
): AsyncGenerator<E.Either<DriveError, Entry>, void> => itemsOf(pages(drive, path, options))

/**
 * Every entry below a directory, depth first, a directory before its children. An unreadable directory is one left, and
 * the walk goes on. Memory is bounded by the depth, a page a level.
 */
export async function* walk(
  drive: Lister,
  path: DrivePath = root,
  options?: CallOptions & Pick<ListOptions, 'temporaries'>,
): AsyncGenerator<E.Either<DriveError, Entry>, void> {
  const open = [entries(drive, path, options)]
  for (let deepest = open.at(-1); deepest !== undefined; deepest = open.at(-1)) {
    const next = await deepest.next()
    if (next.done === true) {
      open.pop()
      continue
    }
    yield next.value
    if (options?.signal?.aborted === true && E.isLeft(next.value)) return
    if (E.isRight(next.value) && next.value.right.kind === 'directory')
      open.push(entries(drive, next.value.right.path, options))
  }
}
