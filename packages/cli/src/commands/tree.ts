// tree: everything below a directory, drawn.
import type { DriveError, DriveProvider } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { count, type Add } from '../add'
import { locateTree, type Answer, type Context } from '../context'
import { listed, stoppedListing, suffixOf, type Listed } from '../listing'
import { locationText, type Location } from '../location'
import { exits, ofDrive } from '../problem'
import { countText, nameText } from '../text'

interface Options {
  readonly depth?: number
}
interface Step {
  readonly item: Listed
  readonly depth: number
  /** It is the last entry of its directory. */
  readonly last: boolean
}

type Listing = AsyncGenerator<E.Either<DriveError, Listed>, void>
interface Level {
  readonly all: Listing
  next: IteratorResult<E.Either<DriveError, Listed>, void>
}

const level = async (all: Listing): Promise<Level> => ({ all, next: await all.next() })

/** Depth first; one entry is read ahead, to know which one is the last of its directory. */
async function* steps(
  drive: DriveProvider,
  top: Location['path'],
  depth: number,
  signal: AbortSignal,
): AsyncGenerator<E.Either<DriveError, Step>, void> {
  const open = [await level(listed(drive, top, signal))]
  for (let deepest = open.at(-1); deepest !== undefined; deepest = open.at(-1)) {
    if (deepest.next.done === true) {
      open.pop()
      continue
    }
    const found = deepest.next.value
    deepest.next = await deepest.all.next()
    if (E.isLeft(found)) {
      yield found
      continue
    }
    yield E.right({ item: found.right, depth: open.length, last: deepest.next.done === true })
    if (found.right.kind === 'directory' && open.length < depth)
      open.push(await level(listed(drive, found.right.path, signal)))
  }
}

const counted = { directory: 'directories', file: 'files', other: 'others', skipped: 'skipped' } as const

const totalText = (counts: Readonly<Record<(typeof counted)[Listed['kind']], number>>): string =>
  [
    countText(counts.directories, 'directory', 'directories'),
    countText(counts.files, 'file'),
    ...(counts.others > 0 ? [countText(counts.others, 'other')] : []),
    ...(counts.skipped > 0 ? [`${counts.skipped} skipped`] : []),
  ].join(', ')

const draw = async (context: Context, place: Location, depth: number): Promise<Answer> => {
  const { out, signal } = context
  const counts = { directories: 0, files: 0, others: 0, skipped: 0 }
  let failures = 0
  let above: ReadonlyArray<boolean> = []
  for await (const step of steps(place.drive, place.path, depth, signal)) {
    if (signal.aborted) return stoppedListing(context, failures + counts.skipped === 0)
    if (E.isLeft(step)) {
      if (step.left.path === place.path) return E.left(ofDrive(step.left))
      failures += 1
      out.message(`failed ${nameText(step.left.message)}`)
      continue
    }
    const { item, last } = step.right
    counts[counted[item.kind]] += 1
    above = above.slice(0, step.right.depth - 1)
    if (out.json) await out.jsonLine(item)
    else {
      const lines = above.map((ended) => (ended ? '    ' : '│   ')).join('')
      await out.line(`${lines}${last ? '└── ' : '├── '}${nameText(item.name)}${suffixOf(item)}`)
    }
    above = [...above, last]
  }
  if (!out.json) await out.line(`\n${totalText(counts)}`)
  return E.right(failures + counts.skipped > 0 ? exits.partly : exits.done)
}

export const addTree: Add = (program, run) => {
  program
    .command('tree')
    .argument('<place>')
    .description('list everything below a directory; with --json one entry a line')
    .option('--depth <levels>', 'go no deeper than this many levels', count)
    .action(
      run(async (context, [text], { depth = Infinity }: Options) => {
        const place = locateTree(context, text)
        if (E.isLeft(place)) return place
        if (!context.out.json) await context.out.line(nameText(locationText(place.right, place.right.path)))
        return draw(context, place.right, depth)
      }),
    )
}
