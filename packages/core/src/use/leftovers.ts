// Temporary entries that a composed operation left when its process ended early: found and repaired.
import * as E from 'fp-ts/Either'
import { move, remove } from './conveniences'
import { child } from '../contract/decode'
import type { DriveError } from '../contract/errors'
import type { DrivePath } from '../contract/path'
import type { CallOptions, DriveProvider, Result } from '../contract/provider'
import { isTemporary, stemOf, useOf, type TemporaryUse } from '../contract/temporary'
import { pages } from './walk'

export interface Leftover {
  /** Of the temporary itself. */
  readonly path: DrivePath
  /** The entry that it is a temporary of; absent where its name no longer says so. */
  readonly target?: DrivePath
  readonly use?: TemporaryUse
  /**
   * `restored`: an entry set aside is back under its name, or a move is finished. `removed`: content whose operation did not finish,
   * or an old file that was replaced, is removed (to the trash where there is one). `kept`: it is unclear what it should be.
   */
  readonly done: 'restored' | 'removed' | 'kept'
  /** Why it was kept, where something failed. */
  readonly error?: DriveError
}

interface Found {
  readonly path: DrivePath
  readonly target?: DrivePath
  readonly use?: TemporaryUse
}

const found = (dir: DrivePath, path: DrivePath, name: string): Found => {
  const target = child(dir, stemOf(name) ?? '')
  const use = E.isRight(target) ? useOf(name, target.right) : undefined
  return E.isRight(target) && use !== undefined ? { path, target: target.right, use } : { path }
}

const repair = async (drive: DriveProvider, it: Found, taken: boolean, options: CallOptions): Promise<Leftover> => {
  if (it.target === undefined) return { ...it, done: 'kept' }
  const back = it.use === 'old' || it.use === 'move'
  if (it.use === 'move' && taken) return { ...it, done: 'kept' }
  if (back && !taken) {
    const moved = await move(drive, it.path, it.target, { ...options, conflict: 'ask' })()
    return E.isRight(moved) ? { ...it, done: 'restored' } : { ...it, done: 'kept', error: moved.left }
  }
  const removed = await remove(drive, it.path, options)()
  return E.isRight(removed) ? { ...it, done: 'removed' } : { ...it, done: 'kept', error: removed.left }
}

/**
 * Repairs the temporaries of one directory. Old files that nothing replaced are put back before unfinished new content is removed. To be
 * called while no operation is under way there.
 */
export const leftovers =
  (drive: DriveProvider, dir: DrivePath, options: CallOptions = {}): Result<ReadonlyArray<Leftover>> =>
  async () => {
    const names = new Set<string>()
    const all: Array<Found> = []
    for await (const page of pages(drive, dir, { ...options, temporaries: 'show' })) {
      if (E.isLeft(page)) return page
      for (const entry of page.right.items) {
        if (isTemporary(entry.name)) all.push(found(dir, entry.path, entry.name))
        else names.add(entry.path)
      }
    }
    const order: ReadonlyArray<TemporaryUse | undefined> = ['old', 'move', 'new', undefined]
    const repaired: Array<Leftover> = []
    for (const it of all.sort((a, b) => order.indexOf(a.use) - order.indexOf(b.use))) {
      const one = await repair(drive, it, it.target !== undefined && names.has(it.target), options)
      if (one.done === 'restored' && one.target !== undefined) names.add(one.target)
      repaired.push(one)
    }
    return E.right(repaired)
  }
