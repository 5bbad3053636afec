// cleanup: removes or restores the temporary files that an interrupted operation left behind.
import { leftovers, nameOf, remove, walk, type DrivePath, type Leftover } from '@anydrive/core'
import { stemOf } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import type { Add } from '../add'
import { locateTree, type Answer, type Context } from '../context'
import { locationText, type Location } from '../location'
import { exits, interrupted, ofDrive } from '../problem'
import { nameText } from '../text'

interface Options {
  readonly recursive?: boolean
}

const lineOf = (place: Location, { done, path, target, error }: Leftover): string => {
  const text = nameText(locationText(place, path))
  switch (done) {
    case 'restored':
      return `restored  ${text} → ${nameText(locationText(place, target ?? path))}`
    case 'removed':
      return `removed   ${text}`
    case 'kept':
      return `kept      ${text}  (${nameText(error?.message ?? 'its name does not show which file it belongs to')})`
  }
}

/** On a directory of this machine a temporary without the name of a file holds a copy that was not finished, and never anything else. */
const isUnfinishedCopy = ({ drive }: Location, { done, path, target, error }: Leftover): boolean =>
  drive.vendor === 'local' &&
  done === 'kept' &&
  target === undefined &&
  error === undefined &&
  stemOf(nameOf(path)) === ''

const removed = async (place: Location, one: Leftover, signal: AbortSignal): Promise<Leftover> => {
  const ended = await remove(place.drive, one.path, { signal })()
  return E.isRight(ended) ? { ...one, done: 'removed' } : { ...one, error: ended.left }
}

/** The directory itself, then those below it. A left: one could not be listed. */
async function* directories({ drive, path }: Location, isRecursive: boolean, { signal }: Context) {
  yield E.right(path)
  if (!isRecursive) return
  for await (const entry of walk(drive, path, { signal })) {
    if (E.isLeft(entry)) yield entry
    else if (entry.right.kind === 'directory') yield E.right(entry.right.path)
  }
}

const cleanUp = async (context: Context, place: Location, isRecursive: boolean): Promise<Answer> => {
  const { out, signal } = context
  const counts = { found: 0, failed: 0 }
  const fail = (message: string): void => {
    counts.failed += 1
    out.message(`failed ${nameText(message)}`)
  }
  const repair = async (dir: DrivePath): Promise<Answer | undefined> => {
    const repaired = await leftovers(place.drive, dir, { signal })()
    if (E.isLeft(repaired)) {
      if (dir === place.path) return E.left(ofDrive(repaired.left))
      fail(repaired.left.message)
      return undefined
    }
    for (const leftover of repaired.right) {
      const one = isUnfinishedCopy(place, leftover) ? await removed(place, leftover, signal) : leftover
      counts.found += 1
      if (one.done === 'kept') counts.failed += 1
      await (out.json ? out.jsonLine(one) : out.line(lineOf(place, one)))
    }
    return undefined
  }
  for await (const dir of directories(place, isRecursive, context)) {
    if (signal.aborted) return E.left(interrupted)
    if (E.isLeft(dir)) {
      fail(dir.left.message)
      continue
    }
    const failed = await repair(dir.right)
    if (failed !== undefined) return failed
  }
  if (counts.found + counts.failed === 0) out.message('nothing to clean up')
  return E.right(counts.failed === 0 ? exits.done : exits.partly)
}

export const addCleanup: Add = (program, run) => {
  program
    .command('cleanup')
    .argument('<place>')
    .description(
      'remove or restore the temporary files that an interrupted operation left in a directory; run it while nothing else writes there',
    )
    .option('-r, --recursive', 'also in all directories below it')
    .action(
      run(async (context, [text], { recursive = false }: Options) => {
        const place = locateTree(context, text)
        return E.isLeft(place) ? place : cleanUp(context, place.right, recursive)
      }),
    )
}
