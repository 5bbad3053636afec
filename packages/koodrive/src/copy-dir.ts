// copyDir: the folder is made, so that the service decides the clash; jobs copy its children into it, and what jobs refuse is copied level by level.
import {
  aborted,
  child,
  parentOf,
  taskFailed,
  wrongKind,
  type Answered,
  type Call,
  type ConflictStrategy,
  type DrivePath,
  type Entry,
  type Fault,
  type Placed,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { lenient, type Bad, type Context } from './context'
import { createIn, type MadeFolder } from './create-dir'
import type { Node } from './ids'

type Signal = AbortSignal
type Settled<A> = Promise<E.Either<Bad, A>>

export interface FolderCopy {
  readonly source: Node
  /** The one that it goes into. */
  readonly folder: Node
  readonly to: DrivePath
  readonly conflict: ConflictStrategy
}

/** Both signals: the caller's is heeded between two steps only. */
interface Signals {
  readonly caller: Signal
  readonly calm: Signal
}

const chunksOf = <A>(items: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))

/** One job; the entries that it did not copy, with the reason. */
const copyByJob = async (
  context: Context,
  entries: ReadonlyArray<Entry>,
  target: Node,
  { calm }: Signals,
): Settled<ReadonlyArray<{ readonly entry: Entry; readonly fault: Fault }>> => {
  const newFilePath = await context.targetId(target.id, calm)()
  if (E.isLeft(newFilePath)) return newFilePath
  const items = entries.map(({ id }) => ({ fileId: id ?? '' }))
  const job = { taskType: 1, actionType: 101, newFilePath: newFilePath.right, items } as const
  const copied = await context.jobs.run(job, calm)()
  if (E.isLeft(copied)) return copied
  return E.right(
    entries.flatMap((entry) => {
      const outcome = copied.right(entry.id ?? '')
      return outcome.status === 'done' ? [] : [{ entry, fault: outcome.fault }]
    }),
  )
}

const copyChildren = async (context: Context, source: Node, target: Node, signals: Signals): Settled<void> => {
  const children = await context.ids.children(source, signals.calm)()
  if (E.isLeft(children)) return children
  for (const chunk of chunksOf(children.right, context.settings.jobItems)) {
    if (signals.caller.aborted) return E.left(aborted({ effect: 'unknown' }))
    const left = await copyByJob(context, chunk, target, signals)
    if (E.isLeft(left)) return left
    for (const { entry, fault } of left.right) {
      if (entry.kind !== 'directory' || entry.id === undefined) return E.left(fault)
      const copied = await copyLevel(context, { id: entry.id, entry }, target, signals)
      if (E.isLeft(copied)) return copied
    }
  }
  return E.right(undefined)
}

/** A folder that jobs refuse, in a new folder: its name is free there. */
const copyLevel = async (context: Context, source: Node, target: Node, signals: Signals): Settled<void> => {
  if (signals.caller.aborted) return E.left(aborted({ effect: 'unknown' }))
  const path = child(target.entry.path, source.entry.name)
  if (E.isLeft(path)) return path
  const made = await createIn(context, target, { path: path.right, conflict: 'ask' }, signals.calm)()
  return E.isLeft(made) ? made : copyChildren(context, source, made.right.node, signals)
}

/** What failed half-way: the path of what stands, and why it is not more. */
const halfWay = (partial: DrivePath, fault: Bad): Bad => {
  if (fault._tag === 'Indeterminate' || fault._tag === 'Aborted') return fault
  const { code, http, said = fault._tag } = fault
  return taskFailed({
    partial,
    said,
    ...(code === undefined ? {} : { code }),
    ...(http === undefined ? {} : { http }),
  })
}

export const copyFolder =
  (context: Context, { source, folder, to, conflict }: FolderCopy, signal: Signal): Answered<Placed> =>
  async () => {
    const made: E.Either<Bad, MadeFolder> = await createIn(context, folder, { path: to, conflict }, signal)()
    if (E.isLeft(made)) return made
    const { node, made: entry } = made.right
    const copied = await lenient(
      signal,
      context.settings.grace,
      (calm) => () => copyChildren(context, source, node, { caller: signal, calm }),
    )()
    context.cache.changed()
    if (E.isLeft(copied)) return E.left(halfWay(entry.path, copied.left))
    return E.right({ path: entry.path, how: entry.how, replaced: false })
  }

export const copyDir =
  (context: Context) =>
  (from: DrivePath, to: DrivePath, conflict: ConflictStrategy, { signal }: Call): Answered<Placed> =>
    context.ids.retrying([from, to], () => async () => {
      const source = await context.ids.find(from, signal)()
      if (E.isLeft(source)) return source
      if (source.right.entry.kind !== 'directory') return E.left(wrongKind({ expected: 'directory' }))
      const folder = await context.ids.folder(parentOf(to), signal)()
      if (E.isLeft(folder)) return folder
      return copyFolder(context, { source: source.right, folder: folder.right, to, conflict }, signal)()
    })
