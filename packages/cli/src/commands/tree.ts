// tree: everything below a directory, drawn.
import { entries, type DriveError, type DriveProvider, type Entry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { count, type Add } from '../add'
import { locate, type Context } from '../context'
import { locationText, type Location } from '../location'
import { exits, interrupted, ofDrive } from '../problem'
import { countText, nameText } from '../text'
import { mark } from './ls'

interface Options {
  readonly depth?: number
}
interface Step {
  readonly entry: Entry
  readonly depth: number
  /** Nothing follows in its directory. */
  readonly last: boolean
}

type Listing = AsyncGenerator<E.Either<DriveError, Entry>, void>
interface Level {
  readonly all: Listing
  next: IteratorResult<E.Either<DriveError, Entry>, void>
}

const level = async (all: Listing): Promise<Level> => ({ all, next: await all.next() })

/** Depth first; each entry with whether it is the last of its directory, for which one is read ahead. */
async function* steps(
  drive: DriveProvider,
  top: Location['path'],
  depth: number,
  signal: AbortSignal,
): AsyncGenerator<E.Either<DriveError, Step>, void> {
  const open = [await level(entries(drive, top, { signal }))]
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
    yield E.right({ entry: found.right, depth: open.length, last: deepest.next.done === true })
    if (found.right.kind === 'directory' && open.length < depth)
      open.push(await level(entries(drive, found.right.path, { signal })))
  }
}

const draw = async (context: Context, place: Location, depth: number) => {
  const { out, signal } = context
  const counts = { directories: 0, files: 0, others: 0 }
  let failures = 0
  let above: ReadonlyArray<boolean> = []
  for await (const step of steps(place.drive, place.path, depth, signal)) {
    if (E.isLeft(step)) {
      if (signal.aborted) return E.left(interrupted)
      if (step.left.path === place.path) return E.left(ofDrive(step.left))
      failures += 1
      out.tell(`failed ${nameText(step.left.message)}`)
      continue
    }
    const { entry, last } = step.right
    counts[entry.kind === 'directory' ? 'directories' : entry.kind === 'file' ? 'files' : 'others'] += 1
    above = above.slice(0, step.right.depth - 1)
    if (out.json) await out.jsonLine(entry)
    else {
      const lines = above.map((ended) => (ended ? '    ' : '│   ')).join('')
      await out.line(`${lines}${last ? '└── ' : '├── '}${nameText(entry.name)}${mark(entry)}`)
    }
    above = [...above, last]
  }
  if (!out.json)
    await out.line(
      [
        '',
        [
          countText(counts.directories, 'directory', 'directories'),
          countText(counts.files, 'file'),
          ...(counts.others > 0 ? [countText(counts.others, 'other')] : []),
        ].join(', '),
      ].join('\n'),
    )
  return E.right(failures > 0 ? exits.partly : exits.done)
}

export const addTree: Add = (program, run) => {
  program
    .command('tree')
    .argument('<place>')
    .description('list everything below a directory; with --json one entry a line')
    .option('--depth <levels>', 'no deeper than this', count)
    .action(
      run(async (context, [text], { depth = Infinity }: Options) => {
        const place = locate(context, text)
        if (E.isLeft(place)) return place
        if (!context.out.json) await context.out.line(nameText(locationText(place.right, place.right.path)))
        return draw(context, place.right, depth)
      }),
    )
}
