// Taking the place of an entry: the old one is set aside first, and comes back if anything fails; it is removed last.
import { child, move, parentOf, remove, type DriveError, type DrivePath } from '@anydrive/core'
import { locate, notFound, temporaryName, type TemporaryUse } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { randomBytes } from 'node:crypto'
import type { Gateway } from './gateway'

type Settled<A> = Promise<E.Either<DriveError, A>>
type Place = (to: DrivePath) => Settled<unknown>

/** The second one where something that crashed left the first one behind. */
const namesFor = (to: DrivePath, use: TemporaryUse): ReadonlyArray<string> => {
  const name = temporaryName(to, use)
  return [name, name.replace(/[0-9a-f]{12}$/, randomBytes(6).toString('hex'))]
}

/** Tries one hidden name beside `to` after the other; answers the one that was free. */
const beside = async (to: DrivePath, use: TemporaryUse, place: Place): Settled<DrivePath> => {
  let refused: E.Either<DriveError, never> = E.left(
    locate({ vendor: 'anydrive', operation: 'path', path: to })(notFound({ what: 'source' })),
  )
  for (const name of namesFor(to, use)) {
    const path = child(parentOf(to), name)
    if (E.isLeft(path)) return path
    const placed = await place(path.right)
    if (E.isRight(placed)) return path
    if (placed.left._tag !== 'NameConflict') return placed
    refused = placed
  }
  return refused
}

const discard = async ({ drive, log }: Gateway, path: DrivePath): Promise<void> => {
  const removed = await remove(drive, path)()
  if (E.isLeft(removed)) log(`a leftover remains at /${path}: ${removed.left.message}`)
}

/** The old entry's hidden name; nothing, where it has gone meanwhile. */
const setAside = async ({ drive }: Gateway, to: DrivePath): Settled<DrivePath | undefined> => {
  const aside = await beside(to, 'old', (path) => move(drive, to, path, { parents: 'require' })())
  return E.isLeft(aside) && aside.left._tag === 'NotFound' ? E.right(undefined) : aside
}

/** Moves `from` onto the entry at `to`. After a left both are where they were; if even that fails, the log says where the old one is. */
export const moveOnto = async (gateway: Gateway, from: DrivePath, to: DrivePath): Settled<void> => {
  const { drive, log } = gateway
  const aside = await setAside(gateway, to)
  if (E.isLeft(aside)) return aside
  const moved = await move(drive, from, to, { parents: 'require' })()
  const old = aside.right
  if (E.isRight(moved)) {
    if (old !== undefined) await discard(gateway, old)
    return E.right(undefined)
  }
  if (old !== undefined) {
    const back = await move(drive, old, to, { parents: 'require' })()
    if (E.isLeft(back)) log(`the old entry of /${to} is now at /${old}: ${back.left.message}`)
  }
  return moved
}

/** Copies beside `to` first, so that a copy which fails half-way has touched nothing. */
export const copyOnto = async (gateway: Gateway, to: DrivePath, copy: Place): Settled<void> => {
  let begun: DrivePath | undefined
  const copied = await beside(to, 'new', (path) => {
    begun = path
    return copy(path)
  })
  if (E.isLeft(copied)) {
    if (copied.left._tag === 'TaskFailed' && begun !== undefined) await discard(gateway, begun)
    return copied
  }
  const placed = await moveOnto(gateway, copied.right, to)
  if (E.isLeft(placed)) await discard(gateway, copied.right)
  return placed
}
