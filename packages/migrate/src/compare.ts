// Two trees compared: what is missing, what is extra, what differs, and what bears another name.
import { root, type DriveError } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { compared } from './compare-entries'
import type { CompareOptions, Comparison } from './comparison'
import type { End } from './options'
import { mapOrdered } from './ordered'
import { isFinal, pairs, type SkippedName } from './pairs'
import { createRenames, type Renames } from './renames'
import type { ScratchError } from './temp-file'

type Answer = E.Either<DriveError | ScratchError, Comparison>

const skippedName = ({ path, skippedIn }: SkippedName): Comparison => ({
  status: 'skipped',
  path,
  side: skippedIn,
  reason: 'no path can hold this name',
})

const isReported = (one: Comparison, { same = false, oneWay = false }: CompareOptions): boolean => {
  if (one.status === 'same') return same
  const isOfTarget = one.status === 'extra' || (one.status === 'skipped' && one.side === 'target')
  return !(isOfTarget && oneWay)
}

async function* answers(a: End, b: End, options: CompareOptions): AsyncGenerator<Answer, void> {
  const call = { signal: options.signal }
  const [x, y] = await Promise.all([a.drive.stat(a.path ?? root, call)(), b.drive.stat(b.path ?? root, call)()])
  if (E.isLeft(x)) yield x
  else if (E.isLeft(y)) yield y
  else if (x.right.kind !== 'directory' || y.right.kind !== 'directory')
    yield await compared(a, b, options, { path: root, pair: { name: '', a: x.right, b: y.right } })
  else
    yield* mapOrdered(pairs(a, b, options), options.concurrency ?? 4, (found): Promise<Answer> | Answer => {
      if (E.isLeft(found)) return found
      return 'pair' in found.right ? compared(a, b, options, found.right) : E.right(skippedName(found.right))
    })
}

/** What may prove to be renamed is kept back; a left of the scratch file ends it. */
async function* withRenames(all: AsyncIterable<Answer>, renames: Renames): AsyncGenerator<Answer, void> {
  try {
    for await (const answer of all) {
      if (E.isLeft(answer)) {
        yield answer
        if (isFinal(answer.left)) return
        continue
      }
      const taken = renames.take(answer.right)
      if (taken === false) yield answer
      const added = taken === false ? undefined : await taken
      if (added !== undefined && E.isLeft(added)) {
        yield added
        return
      }
    }
    yield* renames.told()
  } finally {
    await renames.close()
  }
}

/**
 * Compares what is below two directories, or two files. Memory does not grow with the trees: where a drive lists in no order, or is compared by other names, a directory is
 * sorted, beyond `scratch.limit` entries on the disk. A directory that cannot be read is a left, an entry whose name no path can hold is `skipped`, and the rest is still compared; a
 * `ScratchError` or an abort ends it. Whatever ends it, an early `return` as well, nothing stays on the disk.
 */
export async function* compareTrees(a: End, b: End, options: CompareOptions = {}): AsyncGenerator<Answer, void> {
  const { renames = false, scratch = {} } = options
  const all = answers(a, b, options)
  const told = renames ? withRenames(all, createRenames(a.drive.capabilities, b.drive.capabilities, scratch)) : all
  for await (const answer of told) if (E.isLeft(answer) || isReported(answer.right, options)) yield answer
}
