// Replacing a file: the old one is moved aside, the new one into place, and only then the old one is removed.
import { nameConflict, taskFailed, unavailable, type Answered, type DrivePath, type Placed } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { lasting, ownSignal, type Dav } from './context'
import { defaultDelay } from './delay'
import { mayPass, type Bad } from './faults'
import { asideName, newTemporary } from './names'
import { moveTo, removeQuietly, type Tried } from './tries'

/** Others who take the name at the same time, so often. */
const patience = 20
/** Refusals that nothing explains, so often. */
const few = 3
const briefly = 50

const pause = async ({ surroundings }: Dav, signal: AbortSignal): Promise<void> => {
  await (surroundings.delay ?? defaultDelay)(briefly, signal)
}

type Answer<A> = Promise<E.Either<Bad, A>>

/** Undefined: nothing stands there any more. */
const setAside = async (dav: Dav, path: DrivePath, signal: AbortSignal): Answer<DrivePath | undefined> => {
  for (const name of [asideName(path), newTemporary(path), newTemporary(path)]) {
    const moved = await moveTo(dav, { path, directory: false }, name, signal)()
    if (E.isLeft(moved)) {
      const missing = moved.left._tag === 'NotFound' && moved.left.what === 'source'
      return missing ? E.right(undefined) : moved
    }
    if (moved.right === 'done') return E.right(name)
  }
  return E.left(unavailable({ said: 'no temporary name is free' }))
}

/** What was set aside last goes back, what was set aside before it had been replaced by others; a fault says where it stands if it cannot. */
const undone = async (dav: Dav, asides: ReadonlyArray<DrivePath>, path: DrivePath, fault: Bad): Answer<never> => {
  const last = asides.at(-1)
  if (last === undefined) return E.left(fault)
  for (const older of asides.slice(0, -1)) await removeQuietly(dav, older, ownSignal())
  const back = await moveTo(dav, { path: last, directory: false }, path, ownSignal())()
  if (E.isRight(back) && back.right === 'done') return E.left(fault)
  return E.left(taskFailed({ partial: last, said: `${fault._tag}; the old file could not be put back` }))
}

/**
 * RFC 4918, 9.9.3: MOVE with `Overwrite: T` deletes the target first, a directory with all its content, and a failure after that
 * has lost it. So the name is free for the length of one request instead, and whatever fails before the last step is undone.
 */
export const replaceFile =
  (dav: Dav, from: DrivePath, path: DrivePath, signal: AbortSignal): Answered<Placed> =>
  async (): Answer<Placed> => {
    const asides: Array<DrivePath> = []
    let refusals = 0
    for (let tries = 0; tries < patience; tries++) {
      const its = asides.length === 0 ? signal : ownSignal()
      const taken: E.Either<Bad, Tried> = await moveTo(dav, { path: from, directory: false }, path, its)()
      if (E.isLeft(taken) && (!mayPass(taken.left) || refusals++ >= few)) return undone(dav, asides, path, taken.left)
      if (E.isLeft(taken)) {
        await pause(dav, its)
        continue
      }
      if (taken.right === 'done') {
        for (const aside of asides) await removeQuietly(dav, aside, ownSignal())
        return E.right({ path, how: 'as-asked', replaced: asides.length > 0 })
      }
      const there = await dav.looks.find(path, lasting(its))()
      if (E.isLeft(there)) return undone(dav, asides, path, there.left)
      if (there.right === undefined) continue
      if (there.right.kind !== 'file') return undone(dav, asides, path, nameConflict({ existing: there.right }))
      const aside = await setAside(dav, path, its)
      if (E.isLeft(aside) && (!mayPass(aside.left) || refusals++ >= few)) return undone(dav, asides, path, aside.left)
      if (E.isLeft(aside)) {
        await pause(dav, its)
        continue
      }
      if (aside.right === undefined) continue
      asides.push(aside.right)
      // Between the look and the move a directory may have come to stand there: it goes back, whole.
      const what = await dav.looks.find(aside.right, ownSignal())()
      if (E.isRight(what) && what.right !== undefined && what.right.kind !== 'file')
        return undone(dav, asides, path, nameConflict({ existing: { ...what.right, path } }))
    }
    return undone(dav, asides, path, unavailable({ said: 'others keep taking the name' }))
  }
