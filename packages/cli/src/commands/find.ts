// find: the entries below a directory that meet conditions, by the search of the service or by a walk.
import {
  matchesQuery,
  pagesOf,
  requires,
  type DriveError,
  type Entry,
  type EntryKind,
  type Page,
  type SearchQuery,
} from '@anydrive/core'
import { Option } from 'commander'
import * as E from 'fp-ts/Either'
import type { Add } from '../add'
import { locateTree, type Answer, type Context } from '../context'
import { listed, stoppedListing, suffixOf, type Listed } from '../listing'
import { locationText, type Location } from '../location'
import { exits, ofDrive, usage } from '../problem'
import { nameText } from '../text'
import { momentOf, sizeOf } from '../units'

interface Options {
  readonly name?: string
  readonly kind?: 'file' | 'dir'
  readonly minSize?: number
  readonly maxSize?: number
  readonly newerThan?: Date
  readonly olderThan?: Date
  readonly walk?: boolean
}

const kinds: Readonly<Record<'file' | 'dir', EntryKind>> = { file: 'file', dir: 'directory' }

const queryOf = ({ path }: Location, options: Options): SearchQuery => {
  const { name, kind, minSize: min, maxSize: max, newerThan: from, olderThan: to } = options
  return {
    below: path,
    name,
    kind: kind === undefined ? undefined : kinds[kind],
    size: min === undefined && max === undefined ? undefined : { min, max },
    modifiedAt: from === undefined && to === undefined ? undefined : { from, to },
  }
}

/** Depth first; what cannot be listed is a left, and the walk goes on. */
async function* walked({ drive, path }: Location, query: SearchQuery, signal: AbortSignal) {
  const matches = matchesQuery(query)
  const open = [listed(drive, path, signal)]
  for (let deepest = open.at(-1); deepest !== undefined; deepest = open.at(-1)) {
    const { done, value: found } = await deepest.next()
    if (done === true) open.pop()
    else {
      if (E.isLeft(found) || found.right.kind === 'skipped' || matches(found.right)) yield found
      if (E.isRight(found) && found.right.kind === 'directory') open.push(listed(drive, found.right.path, signal))
    }
  }
}

async function* searched(
  pages: AsyncIterable<E.Either<DriveError, Page<Entry>>>,
): AsyncGenerator<E.Either<DriveError, Listed>, void> {
  for await (const page of pages) {
    if (E.isLeft(page)) yield page
    else {
      for (const entry of page.right.items) yield E.right(entry)
      for (const name of page.right.skipped ?? [])
        yield E.right({ kind: 'skipped', name, reason: 'no path can hold this name' })
    }
  }
}

const foundIn = (place: Location, query: SearchQuery, byWalk: boolean, signal: AbortSignal) => {
  const able = requires('operations.search')(place.drive)
  if (byWalk || E.isLeft(able)) return walked(place, query, signal)
  const where = { vendor: place.drive.vendor, operation: 'search', path: place.path } as const
  return searched(pagesOf((cursor) => able.right.search(query, { cursor, signal }), where))
}

const find = async (context: Context, place: Location, options: Options): Promise<Answer> => {
  const { out, signal } = context
  const { drive, path } = place
  const self = await drive.stat(path, { signal })()
  if (E.isLeft(self)) return E.left(ofDrive(self.left))
  if (self.right.kind !== 'directory')
    return E.left(usage(`${nameText(locationText(place, path))} is not a directory`, 'Name the directory to search.'))
  let isComplete = true
  for await (const item of foundIn(place, queryOf(place, options), options.walk === true, signal)) {
    if (signal.aborted) return stoppedListing(context, isComplete)
    if (E.isLeft(item)) {
      if (item.left.operation === 'search' || item.left.path === path) return E.left(ofDrive(item.left))
      isComplete = false
      out.message(`failed ${nameText(item.left.message)}`)
      continue
    }
    const found = item.right
    isComplete &&= found.kind !== 'skipped'
    const text = found.kind === 'skipped' ? found.name : locationText(place, found.path)
    await (out.json ? out.jsonLine(found) : out.line(`${nameText(text)}${suffixOf(found)}`))
  }
  return E.right(isComplete ? exits.done : exits.partly)
}

export const addFind: Add = (program, run) => {
  const moment = momentOf(() => Date.now())
  program
    .command('find')
    .argument('<place>')
    .description('find entries below a directory; with --json one entry a line')
    .option('--name <text>', 'whose name holds this text, in upper or lower case')
    .addOption(new Option('--kind <kind>', 'only files, or only directories').choices(['file', 'dir']))
    .option('--min-size <size>', 'only files of at least this many bytes, such as 10M', sizeOf)
    .option('--max-size <size>', 'only files of at most this many bytes, such as 2G', sizeOf)
    .option('--newer-than <when>', 'only what changed since a date, or within an age such as 7d', moment)
    .option('--older-than <when>', 'only what has not changed since', moment)
    .option('--walk', 'list every directory, even where the service has a search')
    .addHelpText(
      'after',
      `
The search of the service is used where it has one (tencent-smh and koodrive); it may not know the latest changes.
On other drives, and with --walk, every directory below is listed. A file of unknown size, or an entry of unknown
time, meets no condition about it.`,
    )
    .action(
      run(async (context, [text], options: Options) => {
        const place = locateTree(context, text)
        return E.isLeft(place) ? place : find(context, place.right, options)
      }),
    )
}
