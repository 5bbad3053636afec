// Two trees compared: what is missing, what is extra, and what differs.
import {
  root,
  type ChecksumAlgorithm,
  type DriveError,
  type DrivePath,
  type Entry,
  type FileEntry,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { mapOrdered } from './ordered'
import type { End } from './options'
import { sameFile } from './proof'
import { digestsOf } from './send'
import { siblings, type Pair, type Side } from './siblings'

/** Two entries of one relative path, or the one that has no counterpart. */
export type Comparison =
  | { readonly status: 'missing'; readonly path: DrivePath; readonly a: Entry }
  | { readonly status: 'extra'; readonly path: DrivePath; readonly b: Entry }
  | {
      readonly status: 'different'
      readonly path: DrivePath
      readonly a: Entry
      readonly b: Entry
      readonly by: 'kind' | 'size' | ChecksumAlgorithm | 'content'
    }
  | {
      readonly status: 'same'
      readonly path: DrivePath
      readonly a: Entry
      readonly b: Entry
      /** `size`: nothing more is known of the two files. */
      readonly by: 'kind' | 'size' | ChecksumAlgorithm | 'content'
    }
export interface CompareOptions {
  /** Both files are read, whatever is reported of them. */
  readonly content?: boolean | undefined
  /** What is the same is told as well. */
  readonly same?: boolean | undefined
  /** False leaves an entry out, on either side; a directory with all below it. */
  readonly include?: ((entry: Entry) => boolean) | undefined
  /** Files read at once, on each side; 4. */
  readonly concurrency?: number | undefined
  readonly signal?: AbortSignal | undefined
}

type Answer = E.Either<DriveError, Comparison>

const read = async (
  a: End,
  b: End,
  [x, y]: readonly [FileEntry, FileEntry],
  path: DrivePath,
  signal: AbortSignal,
): Promise<Answer> => {
  const [one, two] = await Promise.all([
    digestsOf(a.drive, x, ['sha256'], signal),
    digestsOf(b.drive, y, ['sha256'], signal),
  ])
  return pipe(
    one,
    E.flatMap((left) =>
      E.map((right: typeof left): Comparison => ({
        status: left.sha256 === right.sha256 ? 'same' : 'different',
        path,
        a: x,
        b: y,
        by: 'content',
      }))(two),
    ),
  )
}

const byReport = (x: FileEntry, y: FileEntry, path: DrivePath): Comparison => {
  const same = sameFile(x, y)
  if (same !== undefined) return { status: 'same', path, a: x, b: y, by: same }
  const algorithms = Object.keys(x.checksums) as Array<ChecksumAlgorithm>
  const wrong = algorithms.find((k) => y.checksums[k] !== undefined && x.checksums[k] !== y.checksums[k])
  return { status: 'different', path, a: x, b: y, by: x.size === y.size && wrong !== undefined ? wrong : 'size' }
}

interface At {
  readonly path: DrivePath
  readonly pair: Pair
}

const compared = (
  a: End,
  b: End,
  { content, signal }: CompareOptions,
  { path, pair }: At,
): Promise<Answer> | Answer => {
  if (pair.a === undefined) return E.right({ status: 'extra', path, b: pair.b })
  if (pair.b === undefined) return E.right({ status: 'missing', path, a: pair.a })
  const { a: x, b: y } = pair
  if (x.kind !== y.kind) return E.right({ status: 'different', path, a: x, b: y, by: 'kind' })
  if (x.kind !== 'file' || y.kind !== 'file') return E.right({ status: 'same', path, a: x, b: y, by: 'kind' })
  return content === true && x.size === y.size
    ? read(a, b, [x, y], path, signal ?? new AbortController().signal)
    : E.right(byReport(x, y, path))
}

const below = (end: End, entry: Entry | undefined): Side =>
  entry?.kind === 'directory' ? { drive: end.drive, dir: entry.path } : undefined

const eitherOf = (pair: Pair): Entry => pair.a ?? pair.b

/** All pairs, depth first, a directory before what it holds; one that cannot be listed is a left, and the walk goes on. */
async function* pairs(a: End, b: End, options: CompareOptions): AsyncGenerator<E.Either<DriveError, At>, void> {
  const { signal, include } = options
  const top = (end: End): Side => ({ drive: end.drive, dir: end.path ?? root })
  const open = [{ at: '', all: siblings(top(a), top(b), signal) }]
  for (let deepest = open.at(-1); deepest !== undefined; deepest = open.at(-1)) {
    const next = await deepest.all.next()
    if (next.done === true) {
      open.pop()
      continue
    }
    if (E.isLeft(next.value)) {
      yield next.value
      if (signal?.aborted === true) return
      continue
    }
    const pair = next.value.right
    const one = eitherOf(pair)
    if (include?.(one) === false) continue
    const path = `${deepest.at}${one.name}` as DrivePath
    yield E.right({ path, pair })
    const [x, y] = [below(a, pair.a), below(b, pair.b)]
    const descends =
      (x ?? y) !== undefined && (pair.a === undefined || pair.b === undefined || (x !== undefined && y !== undefined))
    if (descends) open.push({ at: `${path}/`, all: siblings(x, y, signal) })
  }
}

/**
 * Compares what is below two directories, or two files. Memory holds a page a level where both drives list in order, else one whole directory
 * a level. By size and by the checksums that both report; with `content` by reading both. A directory that cannot be read is a left, and the rest is
 * still compared.
 */
export async function* compareTrees(a: End, b: End, options: CompareOptions = {}): AsyncGenerator<Answer, void> {
  const tell = (answer: Answer): boolean => E.isLeft(answer) || options.same === true || answer.right.status !== 'same'
  const call = { signal: options.signal }
  const tops = await Promise.all([a.drive.stat(a.path ?? root, call)(), b.drive.stat(b.path ?? root, call)()])
  for (const top of tops)
    if (E.isLeft(top)) {
      yield top
      return
    }
  const [x, y] = tops
  if (E.isLeft(x) || E.isLeft(y)) return
  if (x.right.kind !== 'directory' || y.right.kind !== 'directory') {
    const answer = await compared(a, b, options, { path: root, pair: { a: x.right, b: y.right } })
    if (tell(answer)) yield answer
    return
  }
  const answers = mapOrdered(pairs(a, b, options), options.concurrency ?? 4, (found) =>
    E.isLeft(found) ? found : compared(a, b, options, found.right),
  )
  for await (const answer of answers) if (tell(answer)) yield answer
}
