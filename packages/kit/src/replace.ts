// Replacing a file by renames: the old file is renamed to a temporary name, the new one to its final name, then the old one is removed.
import { mayHaveHappened, parentOf, under, type DrivePath, type Entry, type Placed } from '@anydrive/core'
import { defined, nameConflict, taskFailed, unavailable, type RawResult } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { unknownOutcome, type Failure } from './attempt'
import { withGracePeriod } from './time'

/** How a drive does the steps; `H` is its handle for an entry: a path, an id, an open directory. */
export interface ReplaceSteps<H> {
  /** The entry at the target; undefined where there is none. */
  readonly existing: (signal: AbortSignal) => RawResult<{ readonly handle: H; readonly entry: Entry } | undefined>
  /** Renames within the target's folder onto a free name, through `attempt`: `NameConflict` where it is taken, `NotFound('source')` where the entry is gone. */
  readonly rename: (handle: H, from: DrivePath, to: DrivePath, signal: AbortSignal) => RawResult<unknown>
  /** Removes the old file for good, or to the bin. One that is gone counts as removed. */
  readonly remove: (handle: H, path: DrivePath, signal: AbortSignal) => RawResult<unknown>
}

export interface Replacing<H> {
  readonly incoming: { readonly handle: H; readonly path: DrivePath }
  readonly target: DrivePath
  /** Temporary names for the old file in the order in which they are tried: the first is the one that `leftovers` knows. */
  readonly temporaryNames: ReadonlyArray<string>
  readonly signal: AbortSignal
  /** Milliseconds that the steps have after the signal has aborted; `gracePeriod` unless given. */
  readonly grace?: number | undefined
}

/** Others who take or leave the name meanwhile are looked up again, at most this often. */
const tries = 5

const notReplaced = 'not replaced; the old file is still under this temporary name'

type Step<A> = Promise<E.Either<Failure, A>>

const incomplete = (partial: DrivePath, said: string, { code, http }: Failure): Failure =>
  taskFailed({ partial, said, ...defined({ code, http }) })

/**
 * Takes the target's name, replacing the file that has it; a directory there is `NameConflict`. A left means that the target is what it was and the
 * incoming file is still where it was, except `Indeterminate` and `TaskFailed`, which name where the files are. Once a step has begun, an abort lets the
 * rest finish or roll back within the grace period.
 */
export const replaceFile = <H>(
  steps: ReplaceSteps<H>,
  { incoming, target, temporaryNames, signal, grace }: Replacing<H>,
): RawResult<Placed> => {
  const replace =
    (later: AbortSignal): RawResult<Placed> =>
    async () => {
      const sibling = (name: string): DrivePath => under(parentOf(target), name as DrivePath)

      const renameToTemporary = async (handle: H): Step<DrivePath> => {
        let last: Failure = unavailable({ effect: 'none', said: 'no temporary name is free' })
        for (const name of temporaryNames) {
          const renamed = await steps.rename(handle, target, sibling(name), later)()
          if (E.isRight(renamed)) return E.right(sibling(name))
          if (renamed.left._tag !== 'NameConflict') return renamed
          last = renamed.left
        }
        return E.left(last)
      }

      /** Old files whose name another writer took before they could be renamed back: that writer's file is replaced, and they are removed. */
      const superseded: Array<{ readonly handle: H; readonly aside: DrivePath }> = []

      const rollBack = async (handle: H, aside: DrivePath, fault: Failure): Step<never> => {
        const back = await steps.rename(handle, aside, target, later)()
        if (E.isRight(back)) return E.left(fault)
        if (fault._tag !== 'NameConflict' || back.left._tag !== 'NameConflict')
          return E.left(incomplete(aside, notReplaced, fault))
        superseded.push({ handle, aside })
        return E.left(fault)
      }

      const removeOld = async (handle: H, aside: DrivePath): Step<Placed> => {
        const removed = await steps.remove(handle, aside, later)()
        return E.isRight(removed)
          ? E.right({ path: target, how: 'as-asked', replaced: true })
          : E.left(
              incomplete(
                aside,
                'the new file is in place; the old one is still under this temporary name',
                removed.left,
              ),
            )
      }

      /** The result, once the superseded files are removed too. */
      const finish = async (placed: E.Either<Failure, Placed>): Step<Placed> => {
        let result = placed
        for (const { handle, aside } of superseded) {
          if (E.isRight(result)) result = await removeOld(handle, aside)
          else if (result.left._tag === 'Indeterminate') result = E.left(unknownOutcome(`/${aside}`, result.left))
          else if (result.left._tag !== 'TaskFailed') result = E.left(incomplete(aside, notReplaced, result.left))
        }
        return result
      }

      const exchange = async (old: H): Step<Placed> => {
        const aside = await renameToTemporary(old)
        if (E.isLeft(aside))
          return mayHaveHappened(aside.left) ? E.left(unknownOutcome(`/${incoming.path}`, aside.left)) : aside
        const placed = await steps.rename(incoming.handle, incoming.path, target, later)()
        if (E.isLeft(placed)) {
          return mayHaveHappened(placed.left)
            ? E.left(unknownOutcome(`/${target}, /${aside.right} and /${incoming.path}`, placed.left))
            : rollBack(old, aside.right, placed.left)
        }
        return removeOld(old, aside.right)
      }

      for (let n = 1; ; n++) {
        const old = await steps.existing(later)()
        if (E.isLeft(old)) return finish(old)
        if (old.right !== undefined && old.right.entry.kind !== 'file')
          return finish(E.left(nameConflict({ existing: old.right.entry })))
        const placed: E.Either<Failure, Placed> =
          old.right === undefined
            ? E.map((): Placed => ({ path: target, how: 'as-asked', replaced: false }))(
                await steps.rename(incoming.handle, incoming.path, target, later)(),
              )
            : await exchange(old.right.handle)
        if (E.isRight(placed)) return finish(placed)
        // The name was taken meanwhile, or the old file has gone: the target is looked up again.
        const changed =
          placed.left._tag === 'NameConflict' || (placed.left._tag === 'NotFound' && old.right !== undefined)
        if (!changed || n >= tries) return finish(placed)
      }
    }
  return withGracePeriod(signal, replace, grace)
}
