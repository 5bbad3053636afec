// Two trees walked side by side.
import { root, type DriveError, type DrivePath, type Entry } from '@anydrive/core'
import { aborted, locate } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import type { CompareOptions } from './comparison'
import type { At } from './compare-entries'
import type { End } from './options'
import { ownFilesOf } from './own-files'
import type { ScratchError } from './temp-file'
import { siblings, type Pair, type Side } from './siblings'

type Failed = DriveError | ScratchError

const eitherOf = (pair: Pair): Entry => pair.a ?? pair.b

/** A name of one side that no path can hold. */
export interface SkippedName {
  readonly path: string
  readonly skippedIn: 'source' | 'target'
}

interface Level {
  readonly at: string
  readonly all: ReturnType<typeof siblings>
  /** Met since it was last emptied. */
  readonly skipped: Array<SkippedName>
}

/** Nothing can be compared any more. */
export const isFinal = ({ _tag }: Failed): boolean =>
  _tag === 'Aborted' || _tag === 'ScratchFull' || _tag === 'ScratchFailed'

const levelBelow = (a: End, b: End, options: CompareOptions) => {
  const { renames, oneWay, namesOf, ownFiles = [], ...reading } = options
  const own = new Map([a, b].map(({ drive }) => [drive, ownFilesOf(drive, ownFiles)]))
  return (at: string, x: DrivePath | undefined, y: DrivePath | undefined): Level | undefined => {
    // Nothing of it is told, unless as what became of something that is missing.
    if (x === undefined && (y === undefined || (oneWay === true && renames !== true))) return undefined
    const skipped: Level['skipped'] = []
    const side = (skippedIn: SkippedName['skippedIn'], dir: DrivePath | undefined): Side => {
      if (dir === undefined) return undefined
      const [{ drive }, nameOf] = skippedIn === 'source' ? [a, namesOf?.a] : [b, namesOf?.b]
      const onSkipped = (name: string): void => void skipped.push({ path: `${at}${name}`, skippedIn })
      return { drive, dir, nameOf, onSkipped, own: own.get(drive) }
    }
    return { at, all: siblings(side('source', x), side('target', y), reading), skipped }
  }
}

const dirOf = (entry: Entry | undefined): DrivePath | undefined =>
  entry?.kind === 'directory' ? entry.path : undefined

/** Both are directories, or the one that there is. */
const isEntered = ({ a, b }: Pair): boolean => (a ?? b).kind === 'directory' && (b ?? a).kind === 'directory'

/** All pairs, depth first, a directory before what it holds; one that cannot be listed is a left, and the walk goes on. */
export async function* pairs(
  a: End,
  b: End,
  options: CompareOptions,
): AsyncGenerator<E.Either<Failed, At | SkippedName>, void> {
  const { signal, include } = options
  const below = levelBelow(a, b, options)
  const open = [below('', a.path ?? root, b.path ?? root)]
  try {
    for (let deepest = open.at(-1); deepest !== undefined; deepest = open.at(-1)) {
      if (signal?.aborted === true) {
        yield E.left(locate({ vendor: 'anydrive', operation: 'list' })(aborted({ effect: 'none' })))
        return
      }
      const next = await deepest.all.next()
      for (const name of deepest.skipped.splice(0)) yield E.right(name)
      if (next.done === true) {
        open.pop()
        continue
      }
      if (E.isLeft(next.value)) {
        yield next.value
        if (isFinal(next.value.left)) return
        continue
      }
      const pair = next.value.right
      const path = `${deepest.at}${pair.a?.name ?? pair.name}` as DrivePath
      const included = include?.(eitherOf(pair), path) ?? true
      if (included === false) continue
      if (included === true) yield E.right({ path, pair })
      const inner = isEntered(pair) ? below(`${path}/`, dirOf(pair.a), dirOf(pair.b)) : undefined
      if (inner !== undefined) open.push(inner)
    }
  } finally {
    for (const level of open) await level?.all.return()
  }
}
