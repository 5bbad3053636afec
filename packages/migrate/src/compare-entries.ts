// Two entries of one relative path, compared.
import { isSized, type ChecksumAlgorithm, type DriveError, type DrivePath, type FileEntry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import type { CompareOptions, Comparison } from './comparison'
import type { End } from './options'
import { maySameSize, sameFile } from './proof'
import { digestsOf } from './send'
import type { Pair } from './siblings'

type Answer = E.Either<DriveError, Comparison>
type Files = readonly [FileEntry, FileEntry]

const byContent = async (a: End, b: End, [x, y]: Files, path: DrivePath, signal: AbortSignal): Promise<Answer> => {
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

const byReport = ([x, y]: Files, path: DrivePath): Comparison => {
  const same = sameFile(x, y)
  if (same !== undefined) return { status: 'same', path, a: x, b: y, by: same }
  const algorithms = Object.keys(x.checksums) as Array<ChecksumAlgorithm>
  const wrong = algorithms.find((k) => y.checksums[k] !== undefined && x.checksums[k] !== y.checksums[k])
  return { status: 'different', path, a: x, b: y, by: maySameSize(x, y) && wrong !== undefined ? wrong : 'size' }
}

const bySize = ([a, b]: Files, path: DrivePath): Comparison => ({
  status: a.size === b.size ? 'same' : 'different',
  path,
  a,
  b,
  by: 'size',
})

/** Where an entry stands below both ends, and what stands there. */
export interface At {
  readonly path: DrivePath
  readonly pair: Pair
}

export const compared = (
  a: End,
  b: End,
  { content = false, sizeOnly = false, signal }: CompareOptions,
  { path, pair }: At,
): Promise<Answer> | Answer => {
  if (pair.a === undefined) return E.right({ status: 'extra', path, b: pair.b })
  if (pair.b === undefined) return E.right({ status: 'missing', path, a: pair.a })
  const { a: x, b: y } = pair
  const kinds = (status: 'same' | 'different'): Answer => E.right({ status, path, a: x, b: y, by: 'kind' })
  if (x.kind !== y.kind) return kinds('different')
  if (x.kind === 'other' || y.kind === 'other')
    return E.right({ status: 'skipped', path, side: 'both', reason: 'it is neither a file nor a directory' })
  if (x.kind !== 'file' || y.kind !== 'file') return kinds('same')
  const reported = byReport([x, y], path)
  // Where a size is unknown and no checksum is shared, only the bytes tell.
  const isUnknown = !isSized(x) || !isSized(y)
  if (sizeOnly && !content && !isUnknown) return E.right(bySize([x, y], path))
  return maySameSize(x, y) && (content || (isUnknown && reported.status === 'different' && reported.by === 'size'))
    ? byContent(a, b, [x, y], path, signal ?? new AbortController().signal)
    : E.right(reported)
}
