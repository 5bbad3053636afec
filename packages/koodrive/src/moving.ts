// The steps of one move to another folder: out of the way, to its name, or back.
import {
  aborted,
  child,
  nameConflict,
  nameOf,
  parentOf,
  renameMode,
  taskFailed,
  wordFor,
  type DrivePath,
  type Placed,
  type RawOutcome,
  type ResolvedItem,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { movedTo } from './cache'
import { clashIn, rename, setAside } from './changes'
import { at, inDoubt, isUnknown, type Bad, type Context } from './context'
import type { Node } from './ids'
import { replaceFile } from './overwrite'
import { sameFolder } from './translate'

type Signal = AbortSignal
export type Outcome = RawOutcome<Placed>
type Settled<A> = Promise<E.Either<Bad, A>>

/** An item whose source and target folder are known. */
export interface Move {
  readonly item: ResolvedItem
  readonly source: Node
  readonly folder: Node
}
/** On its way: the name under which it is now, in the source folder or in the target's. */
export interface Underway extends Move {
  readonly name: string
}

export const failed = (fault: Bad, attempted = true): Outcome => ({ status: 'failed', fault, attempted })

export const inFolder = (dir: DrivePath, name: string): DrivePath => E.getOrElse(() => dir)(child(dir, name))

export const placed = (context: Context, { item, source }: Move, name: string, replaced: boolean): Outcome => {
  const path = inFolder(parentOf(item.to), name)
  context.cache.changed()
  context.cache.forget(item.from)
  context.cache.forget(path)
  context.cache.put(movedTo(source.entry, path), context.clock.now())
  return { status: 'done', path, how: path === item.to ? 'as-asked' : 'renamed', replaced }
}

/** The word for the last rename; a directory replaces nothing. */
const wordOf = ({ item, source }: Move): 2 | 3 | 'emulate' =>
  source.entry.kind === 'directory'
    ? wordFor(renameMode.directory, item.conflict)
    : wordFor(renameMode.file, item.conflict)

/** To its wanted name, as the strategy says. After a left it is still under the old one, unless the left says otherwise. */
export const giveName = async (
  context: Context,
  move: Underway,
  signal: Signal,
): Settled<{ readonly name: string; readonly replaced: boolean }> => {
  const { item, source, folder, name } = move
  const word = wordOf(move)
  const path = inFolder(parentOf(item.to), name)
  const to = nameOf(item.to)
  const mode = word === 'emulate' ? 3 : word
  const renamed = await rename(context, source.id, { path, from: name, to, mode }, signal)()
  if (E.isRight(renamed)) return E.right({ name: renamed.right, replaced: false })
  if (renamed.left._tag !== 'NameConflict') return renamed
  context.cache.changed()
  const clash = await clashIn(context, folder, { name: to, fault: renamed.left }, signal)
  if (word !== 'emulate' || clash._tag !== 'NameConflict' || clash.existing?.kind !== 'file') return E.left(clash)
  const replaced = await replaceFile(context, { id: source.id, path }, item.to, signal)()
  return E.map(() => ({ name: to, replaced: true }))(replaced)
}

/** Back under its own name in its own folder; the fault that made it necessary, or what stands. */
export const nameBack = async (
  context: Context,
  { item, source, name }: Underway,
  fault: Bad,
  signal: Signal,
): Promise<Bad> => {
  const path = inFolder(parentOf(item.from), name)
  context.cache.changed()
  if (name === nameOf(item.from)) return fault
  const back = await rename(context, source.id, { path, from: name, to: nameOf(item.from), mode: 3 }, signal)()
  if (E.isRight(back)) return fault
  return taskFailed({ partial: path, said: `not moved, and still under a temporary name: ${fault.said ?? fault._tag}` })
}

/** Back from the target's folder; what stands where that fails. */
const moveBack = async (context: Context, move: Underway, fault: Bad, signal: Signal): Promise<Bad> => {
  const { source, item, name } = move
  const home = await context.ids.folder(parentOf(item.from), signal)()
  const stands = taskFailed({
    partial: inFolder(parentOf(item.to), name),
    said: `moved, but under a temporary name: ${fault.said ?? fault._tag}`,
    ...(fault.code === undefined ? {} : { code: fault.code }),
  })
  if (E.isLeft(home)) return stands
  const newFilePath = await context.targetId(home.right.id, signal)()
  if (E.isLeft(newFilePath)) return stands
  const job = { taskType: 3, actionType: 301, newFilePath: newFilePath.right, items: [{ fileId: source.id }] } as const
  const back = await context.jobs.run(job, signal)()
  if (E.isLeft(back) || back.right(source.id).status === 'failed') return stands
  return nameBack(context, move, fault, signal)
}

/** Whether a cached entry of the target name is still there: spares a move there and back. */
const isKnownTaken = async (context: Context, { item, folder }: Move, signal: Signal): Promise<Bad | undefined> => {
  const known = context.cache.get(item.to)
  if (known === undefined) return undefined
  const seen = await context.api.detail(known.id, signal)()
  const { right } = E.isRight(seen) ? seen : { right: undefined }
  const isThere =
    right !== undefined &&
    right.recycled !== true &&
    right.fileName === nameOf(item.to) &&
    sameFolder(right.parentFolder?.[0] ?? folder.id, folder.id)
  return isThere ? nameConflict({ existing: known.entry }) : undefined
}

const refusesTaken = (move: Move): boolean => wordOf(move) === 3

/** Under a name that nothing in the target folder can have. */
export const hide = async (context: Context, move: Move, signal: Signal): Promise<Outcome | Underway> => {
  const { item, source } = move
  if (signal.aborted) return failed(aborted({ effect: 'none' }), false)
  const taken = refusesTaken(move) ? await isKnownTaken(context, move, signal) : undefined
  if (taken !== undefined) return failed(taken, false)
  const name = { path: item.from, name: nameOf(item.from), target: item.to, use: 'move' } as const
  const aside = await setAside(context, source.id, name, signal)()
  context.cache.changed()
  context.cache.forget(item.from)
  return E.isRight(aside) ? { ...move, name: aside.right } : failed(aside.left)
}

/** Arrived under its temporary name: gets its own, or goes back. */
export const settle = async (context: Context, move: Underway, signal: Signal): Promise<Outcome> => {
  const named = await giveName(context, move, signal)
  if (E.isRight(named)) return placed(context, move, named.right.name, named.right.replaced)
  if (named.left._tag === 'TaskFailed') return failed(named.left)
  if (isUnknown(named.left)) return failed(inDoubt(at(move.item.to), named.left))
  return failed(await moveBack(context, move, named.left, signal))
}

/** Arrived under its own name, unless the service chose another since that was taken meanwhile. */
export const settleDirect = async (context: Context, move: Move, signal: Signal): Promise<Outcome> => {
  const seen = await context.api.detail(move.source.id, signal)()
  if (E.isLeft(seen)) return failed(inDoubt(at(move.item.to), seen.left))
  const name = seen.right.fileName
  return name === nameOf(move.item.to) ? placed(context, move, name, false) : settle(context, { ...move, name }, signal)
}
