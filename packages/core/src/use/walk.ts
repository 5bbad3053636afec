// Whole listings and whole trees, a page at a time.
import * as E from 'fp-ts/Either'
import type { Entry, Page } from '../contract/entry'
import { unexpectedResponse, type DriveError } from '../contract/errors'
import { locate } from '../contract/explain'
import { root, type DrivePath } from '../contract/path'
import type { CallOptions, DriveProvider, ListOptions } from '../contract/provider'

type Lister = Pick<DriveProvider, 'list' | 'vendor'>

const repeated = (drive: Lister, path: DrivePath): DriveError =>
  locate({ vendor: drive.vendor, operation: 'list', path })(
    unexpectedResponse({
      effect: 'none',
      issues: [{ at: 'cursor', expected: 'another cursor', got: 'the same again' }],
    }),
  )

/** Each page until the last; after a left the listing has ended. */
export async function* pages(
  drive: Lister,
  path: DrivePath,
  options: ListOptions = {},
): AsyncGenerator<E.Either<DriveError, Page<Entry>>, void> {
  let cursor = options.cursor
  for (;;) {
    const page = await drive.list(path, { ...options, cursor })()
    yield page
    if (E.isLeft(page) || page.right.next === undefined) return
    if (page.right.next === cursor) {
      yield E.left(repeated(drive, path))
      return
    }
    cursor = page.right.next
  }
}

/** Every entry of one directory; a left ends it. */
export async function* entries(
  drive: Lister,
  path: DrivePath,
  options?: ListOptions,
): AsyncGenerator<E.Either<DriveError, Entry>, void> {
  for await (const page of pages(drive, path, options)) {
    if (E.isLeft(page)) yield page
    else for (const entry of page.right.items) yield E.right(entry)
  }
}

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
