// A file put in the place of another: the old one is set aside, the new one takes its name, then the old one goes.
import { child, nameConflict, nameOf, parentOf, taskFailed, type Answered, type DrivePath } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { clashIn, idPathOf, purge, rename, setAside, trash, whetherGone } from './changes'
import { at, inDoubt, isUnknown, type Bad, type Context } from './context'
import type { Node } from './ids'
import { isGone, pathOfNames } from './translate'

export interface Incoming {
  readonly id: string
  /** Where it waits, in the folder of the target. */
  readonly path: DrivePath
}
export interface Replaced {
  readonly replaced: boolean
}
type Signal = AbortSignal
type Settled<A> = Promise<E.Either<Bad, A>>

const inFolder = (path: DrivePath, name: string): DrivePath => E.getOrElse(() => path)(child(parentOf(path), name))

/** What stands after a step could not be undone, with what made it necessary. */
const stands = (partial: DrivePath, said: string, fault: Bad): Bad =>
  taskFailed({
    partial,
    said: fault.said === undefined ? said : `${said}: ${fault.said}`,
    ...(fault.code === undefined ? {} : { code: fault.code }),
    ...(fault.http === undefined ? {} : { http: fault.http }),
  })

/** Back to its name; if somebody has taken that meanwhile, to a free one beside it, which the fault then tells. */
const putBack = async (
  context: Context,
  old: { readonly id: string; readonly target: DrivePath; readonly aside: string },
  fault: Bad,
  signal: Signal,
): Promise<Bad> => {
  const { id, target, aside } = old
  const name = { path: inFolder(target, aside), from: aside, to: nameOf(target) }
  const back = await rename(context, id, { ...name, mode: 3 }, signal)()
  if (E.isRight(back)) return fault
  if (back.left._tag === 'NameConflict') {
    const beside = await rename(context, id, { ...name, mode: 2 }, signal)()
    if (E.isRight(beside))
      return stands(
        inFolder(target, beside.right),
        'the file that stood there was renamed, since another took its name',
        fault,
      )
  }
  return stands(inFolder(target, aside), 'the file that stood there is still under this temporary name', fault)
}

/** The old file goes; whatever the answer, a failure leaves it under its temporary name. */
const dispose = async (
  context: Context,
  old: { readonly id: string; readonly idPath: string },
  signal: Signal,
): Settled<void> => {
  const items = [{ fileId: old.id, filePath: old.idPath }]
  const remove = context.settings.overwritten === 'trash' ? trash : purge
  return whetherGone(await remove(context, items, signal)(), old.id)
}

/** The file that stands at the target; `undefined` where nothing does. */
const standing = async (context: Context, target: DrivePath, signal: Signal): Settled<Node | undefined> => {
  const found = await context.ids.find(target, signal)()
  if (E.isLeft(found)) return found.left._tag === 'NotFound' ? E.right(undefined) : found
  return found.right.entry.kind === 'directory'
    ? E.left(nameConflict({ existing: found.right.entry }))
    : E.right(found.right)
}

const placeFree = async (
  context: Context,
  incoming: Incoming,
  target: DrivePath,
  signal: Signal,
): Settled<Replaced> => {
  const name = { path: target, from: nameOf(incoming.path), to: nameOf(target), mode: 3 } as const
  const renamed = await rename(context, incoming.id, name, signal)()
  return E.map(() => ({ replaced: false }))(renamed)
}

const exchange = async (
  context: Context,
  old: Node,
  incoming: Incoming,
  target: DrivePath,
  signal: Signal,
): Settled<Replaced> => {
  const isThere = (namePath: string): boolean => pathOfNames(namePath) === target
  const idPath = await idPathOf(context, { id: old.id, path: target }, isThere, signal)()
  if (E.isLeft(idPath)) return idPath
  const name = { path: target, name: nameOf(target), target, use: 'old' } as const
  const aside = await setAside(context, old.id, name, signal)()
  if (E.isLeft(aside)) return aside
  context.cache.changed()
  const undo = (fault: Bad): Promise<Bad> => putBack(context, { id: old.id, target, aside: aside.right }, fault, signal)
  const place = { path: target, from: nameOf(incoming.path), to: nameOf(target), mode: 3 } as const
  const placed = await rename(context, incoming.id, place, signal)()
  if (E.isLeft(placed)) {
    return isUnknown(placed.left)
      ? E.left(inDoubt(at(target, inFolder(target, aside.right), incoming.path), placed.left))
      : E.left(await undo(placed.left))
  }
  const gone = await dispose(context, { id: old.id, idPath: idPath.right }, signal)
  if (E.isRight(gone)) return E.right({ replaced: true })
  if (isUnknown(gone.left)) return E.left(inDoubt(at(inFolder(target, aside.right)), gone.left))
  const away = { path: incoming.path, from: nameOf(target), to: nameOf(incoming.path), mode: 3 } as const
  const cleared = await rename(context, incoming.id, away, signal)()
  return E.left(
    E.isLeft(cleared)
      ? stands(
          inFolder(target, aside.right),
          'the new file is in place, the old one under this temporary name',
          gone.left,
        )
      : await undo(gone.left),
  )
}

const tries = 3

/**
 * Replaces the file at the target, or takes the name where it is free. After a left the target is what it was and the
 * incoming file is still at its place, unless the left is `TaskFailed` or `Indeterminate`, which say what stands.
 */
export const replaceFile =
  (context: Context, incoming: Incoming, target: DrivePath, signal: Signal): Answered<Replaced> =>
  async () => {
    for (let attempt = 1; ; attempt++) {
      const old = await standing(context, target, signal)
      if (E.isLeft(old)) return old
      const placed =
        old.right === undefined
          ? await placeFree(context, incoming, target, signal)
          : await exchange(context, old.right, incoming, target, signal)
      context.cache.changed()
      context.cache.forget(target)
      if (E.isRight(placed)) return placed
      const fault = placed.left
      // The name was free and is taken now, or the old file was not where it seemed to be: looked for again.
      const isStale = old.right === undefined ? fault._tag === 'NameConflict' : isGone(fault)
      if (isStale && attempt < tries) continue
      if (fault._tag !== 'NameConflict') return placed
      const folder = await context.ids.folder(parentOf(target), signal)()
      if (E.isLeft(folder)) return folder
      return E.left(await clashIn(context, folder.right, { name: nameOf(target), fault }, signal))
    }
  }
