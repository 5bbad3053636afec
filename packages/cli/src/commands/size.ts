// size: counts the files, directories and bytes below a directory.
import type { DriveError } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Add } from '../add'
import { locateTree, type Answer, type Context } from '../context'
import { below, createFilters, reportUnmatched, reportWarnings, withPatterns, type Filters } from '../filters'
import { listed, stoppedListing, type Listed } from '../listing'
import type { Location } from '../location'
import { filterOptions, filterOptionsOf, type Policy } from '../policy'
import { exits, ofDrive } from '../problem'
import { filesText, lineEvery } from '../progress'
import { nameText, sizeText, tableText } from '../text'

interface Counts {
  files: number
  directories: number
  bytes: number
  unknown: number
  others: number
  skipped: number
  failed: number
}

const add = (counts: Counts, item: Listed): void => {
  if (item.kind === 'directory') counts.directories += 1
  else if (item.kind === 'other') counts.others += 1
  else if (item.kind === 'skipped') counts.skipped += 1
  else {
    counts.files += 1
    counts.bytes += item.size ?? 0
    if (item.size === undefined) counts.unknown += 1
  }
}

/** What the filters take below the directory; an excluded directory is not read. */
async function* included(
  { drive, path }: Location,
  filters: Filters,
  signal: AbortSignal,
): AsyncGenerator<E.Either<DriveError, Listed>, void> {
  const test = below(filters, path)
  const open = [listed(drive, path, signal)]
  for (let deepest = open.at(-1); deepest !== undefined; deepest = open.at(-1)) {
    const { done, value: found } = await deepest.next()
    if (done === true) {
      open.pop()
      continue
    }
    if (E.isLeft(found) || found.right.kind === 'skipped') {
      yield found
      continue
    }
    const is = test(found.right)
    if (is === true) yield found
    if (is !== false && found.right.kind === 'directory') open.push(listed(drive, found.right.path, signal))
  }
}

const count = async (context: Context, place: Location, filters: Filters): Promise<Answer> => {
  const { options, out, signal } = context
  const { drive, path } = place
  const counts: Counts = { files: 0, directories: 0, bytes: 0, unknown: 0, others: 0, skipped: 0, failed: 0 }
  const self = await drive.stat(path, { signal })()
  if (E.isLeft(self)) return E.left(ofDrive(self.left))
  const timer = setInterval(() => {
    if (!out.json) out.message(`${filesText(counts.files, counts.bytes)} so far`)
  }, options.stats ?? lineEvery)
  try {
    for await (const item of self.right.kind === 'directory' ? included(place, filters, signal) : [self]) {
      if (signal.aborted) return stoppedListing(context, false)
      if (E.isRight(item)) {
        add(counts, item.right)
        continue
      }
      if (item.left.path === path) return E.left(ofDrive(item.left))
      counts.failed += 1
      out.message(`failed ${nameText(item.left.message)}`)
    }
  } finally {
    clearInterval(timer)
  }
  const { files, directories, bytes, unknown, others, skipped, failed } = counts
  if (out.json) await out.document(counts)
  else
    for (const line of tableText([
      ['files', String(files)],
      ['directories', String(directories)],
      ['bytes', `${bytes} (${sizeText(bytes)})`],
      ...(unknown === 0 ? [] : [['files of unknown size', String(unknown)]]),
      ...(others === 0 ? [] : [['other entries', String(others)]]),
      ...(skipped === 0 ? [] : [['skipped names', String(skipped)]]),
      ...(failed === 0 ? [] : [['unreadable', String(failed)]]),
    ]))
      await out.line(line)
  const isAllFound = reportUnmatched(context, filters)
  return E.right(failed + skipped === 0 && isAllFound ? exits.done : exits.partly)
}

export const addSize: Add = (program, run) => {
  const command = program
    .command('size')
    .argument('<place>')
    .description('count the files, directories and bytes below a directory')
    .action(
      run(async (context, [text], options: Policy) => {
        const place = locateTree(context, text)
        if (E.isLeft(place)) return place
        const filters = createFilters(filterOptionsOf(options), context.io.cwd)
        if (E.isLeft(filters)) return filters
        reportWarnings(context, filters.right)
        return count(context, place.right, filters.right)
      }),
    )
  withPatterns(command)
  for (const option of filterOptions()) command.addOption(option)
}
