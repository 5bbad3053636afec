// Temporary entries that a composed operation left when its process ended early: found and repaired.
import * as E from 'fp-ts/Either'
import { move, remove } from './conveniences'
import { child } from '../contract/decode'
import type { Entry } from '../contract/entry'
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

/** What a temporary is of: a name that was too long for it is known only where the entry itself, or the caller, tells it. */
const found = (path: DrivePath, name: string, candidates: Iterable<DrivePath>): Found => {
  for (const target of candidates) {
    const use = useOf(name, target)
    if (use !== undefined) return { path, target, use }
  }
  return { path }
}

const repair = async (drive: DriveProvider, it: Found, taken: boolean, options: CallOptions): Promise<Leftover> => {
  if (it.target === undefined) return { ...it, done: 'kept' }
  const back = it.use !== 'new'
  if (it.use === 'move' && taken) return { ...it, done: 'kept' }
  if (back && !taken) {
    const moved = await move(drive, it.path, it.target, { ...options, conflict: 'ask' })()
    return E.isRight(moved) ? { ...it, done: 'restored' } : { ...it, done: 'kept', error: moved.left }
  }
  const removed = await remove(drive, it.path, options)()
  return E.isRight(removed) ? { ...it, done: 'removed' } : { ...it, done: 'kept', error: removed.left }
}

export interface LeftoverOptions extends CallOptions {
  /** Entries of the directory, whether or not they exist: only their temporaries are repaired. All temporaries of the directory unless given. */
  readonly targets?: ReadonlyArray<DrivePath> | undefined
  /** Only temporaries of these uses are repaired; all unless given. */
  readonly uses?: ReadonlyArray<TemporaryUse> | undefined
}

/**
 * Repairs the temporaries of one directory. Old files that nothing replaced are put back before unfinished new content is removed. To be
 * called while no operation is under way there, or on the `targets`.
 */
export const leftovers =
  (
    drive: DriveProvider,
    dir: DrivePath,
    { targets, uses, ...options }: LeftoverOptions = {},
  ): Result<ReadonlyArray<Leftover>> =>
  async () => {
    const names = new Set<DrivePath>()
    const temporaries: Array<Entry> = []
    for await (const page of pages(drive, dir, { ...options, temporaries: 'show' })) {
      if (E.isLeft(page)) return page
      for (const entry of page.right.items) {
        if (isTemporary(entry.name)) temporaries.push(entry)
        else names.add(entry.path)
      }
    }
    const candidates = (name: string): Iterable<DrivePath> => {
      const plain = child(dir, stemOf(name) ?? '')
      return targets ?? [...(E.isRight(plain) ? [plain.right] : []), ...names]
    }
    const all = temporaries
      .map(({ path, name }) => found(path, name, candidates(name)))
      .filter(({ target }) => targets === undefined || target !== undefined)
      .filter(({ use }) => uses === undefined || (use !== undefined && uses.includes(use)))
    const order: ReadonlyArray<TemporaryUse | undefined> = ['old', 'aside', 'move', 'new', undefined]
    const repaired: Array<Leftover> = []
    for (const it of all.sort((a, b) => order.indexOf(a.use) - order.indexOf(b.use))) {
      const one = await repair(drive, it, it.target !== undefined && names.has(it.target), options)
      if (one.done === 'restored' && one.target !== undefined) names.add(one.target)
      repaired.push(one)
    }
    return E.right(repaired)
  }
