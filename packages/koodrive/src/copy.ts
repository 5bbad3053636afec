// copyDir and batchCopy: jobs put copies of files into a folder under names that the service picks; folders are created, and filled by jobs.
import {
  mayHaveHappened,
  nameOf,
  parentOf,
  type ConflictStrategy,
  type DrivePath,
  type Entry,
  type Fault,
  type Placed,
} from '@anydrive/core'
import { aborted, notFound, wrongKind, type RawResult, type Call, type ResolvedItem } from '@anydrive/core/adapter'
import { groupBy, mapLimit, unknownOutcome, withGracePeriod, type Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { createFolder, takeName } from './changes'
import {
  at,
  concurrency,
  incomplete,
  mayRemove,
  notUndone,
  withoutPlacing,
  type Context,
  type Settled,
  type Signal,
} from './client'
import { wasSent } from './errors'
import type { Node } from './ids'
import { discard } from './remove'
import type { ItemOutcomes } from './tasks'
import { done, failed, handlingOf, inFolder, transferAll, type Outcome, type Outcomes, type Transfer } from './transfer'
import { sameFolder } from './translate'

const copyJob = async (
  context: Context,
  ids: ReadonlyArray<string>,
  targetFolder: string,
  signal: Signal,
): Settled<ItemOutcomes> => {
  const newFilePath = await context.targetId(targetFolder, signal)()
  if (E.isLeft(newFilePath)) return newFilePath
  const items = ids.map((fileId) => ({ fileId }))
  return context.jobs.run({ taskType: 1, actionType: 101, newFilePath: newFilePath.right, items }, signal)
}

// Folders.

interface FolderCopy {
  readonly source: Node
  /** The one that it goes into. */
  readonly folder: Node
  readonly to: DrivePath
  readonly conflict: ConflictStrategy
}

/** The caller's signal counts between two steps only. */
interface Signals {
  readonly caller: Signal
  readonly later: Signal
}

const chunksOf = <A>(items: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))

/** Copies by jobs, level by level only where jobs refuse folders. */
const copyChildren = async (context: Context, source: Node, target: Node, signals: Signals): Settled<void> => {
  const children = await context.ids.children(source, signals.later)
  if (E.isLeft(children)) return children
  for (const chunk of chunksOf(children.right, context.settings.jobItems)) {
    if (signals.caller.aborted) return E.left(aborted({ effect: 'unknown' }))
    const ids = chunk.map(({ id }) => id ?? '')
    const copied = await copyJob(context, ids, target.id, signals.later)
    if (E.isLeft(copied)) return copied
    for (const entry of chunk) {
      const outcome = copied.right(entry.id ?? '')
      if (outcome.status === 'done') continue
      if (entry.kind !== 'directory' || mayHaveHappened(outcome.fault)) return E.left(outcome.fault)
      const level = await copyLevel(context, entry, target, signals)
      if (E.isLeft(level)) return level
    }
  }
  return E.right(undefined)
}

/** A folder that jobs refuse, in a new folder. */
const copyLevel = async (context: Context, entry: Entry, target: Node, signals: Signals): Settled<void> => {
  if (signals.caller.aborted) return E.left(aborted({ effect: 'unknown' }))
  const path = inFolder(target.entry.path, entry.name)
  const created = await createFolder(context, target, { path, conflict: 'ask', toFill: true }, signals.later)
  return E.isLeft(created) ? created : copyChildren(context, { id: entry.id ?? '', entry }, created.right.node, signals)
}

/** What failed halfway: the path of what exists, and why it is incomplete. */
const halfway = (partial: DrivePath, fault: Failure): Failure =>
  fault._tag === 'Indeterminate' || fault._tag === 'Aborted' ? fault : incomplete(partial, 'copied in part', fault)

/** The service decides the clash when the folder is created; only a folder of this call's own making is filled. */
const copyFolder = async (
  context: Context,
  { source, folder, to, conflict }: FolderCopy,
  signal: Signal,
): Settled<Placed> => {
  const created = await createFolder(context, folder, { path: to, conflict, toFill: true }, signal)
  if (E.isLeft(created)) return created
  const { node, made } = created.right
  const fill = (later: Signal) => () => copyChildren(context, source, node, { caller: signal, later })
  const copied = await withGracePeriod(signal, fill, context.settings.grace)()
  return E.isLeft(copied)
    ? E.left(halfway(made.path, copied.left))
    : E.right({ path: made.path, how: made.how, replaced: false })
}

export const copyDir =
  (context: Context) =>
  (from: DrivePath, to: DrivePath, conflict: ConflictStrategy, { signal }: Call): RawResult<Placed> =>
  () =>
    context.ids.retrying([from, to], async () => {
      const source = await context.ids.find(from, signal)
      if (E.isLeft(source)) return source
      if (source.right.entry.kind !== 'directory') return E.left(wrongKind({ expected: 'directory' }))
      const folder = await context.ids.folder(parentOf(to), signal)
      if (E.isLeft(folder)) return folder
      return copyFolder(context, { source: source.right, folder: folder.right, to, conflict }, signal)
    })

// Files.

/** A copy in its folder, under the name that it was given there. */
interface Landed extends Transfer {
  readonly id: string
  readonly name: string
}

/** The copy is removed again; where that fails, the fault says where it is. */
const takeBack = async (
  context: Context,
  { id, name, item }: Landed,
  fault: Failure,
  signal: Signal,
): Promise<Outcome> => {
  const path = inFolder(parentOf(item.to), name)
  const removed = await discard(context, id, signal)
  if (E.isRight(removed)) return failed(withoutPlacing(fault))
  return failed(notUndone(path, 'copied, but under another name', fault, removed.left))
}

/** The copy gets its wanted name. One that the service picked is kept where any free name will do. */
const land = async (context: Context, landed: Landed, signal: Signal): Promise<Outcome> => {
  const { item, source, folder, id, name } = landed
  const to = nameOf(item.to)
  const path = inFolder(parentOf(item.to), name)
  const handling = handlingOf(landed)
  const isPicked = handling === 2 && name !== nameOf(source.entry.path) && nameOf(source.entry.path) === to
  if (name === to || isPicked) {
    const how = name === to ? 'as-asked' : 'renamed'
    return done(context, landed, id, { path, how, replaced: false })
  }
  const placed = await takeName(context, { id, path, target: item.to, folder }, handling, signal)
  if (E.isRight(placed)) return done(context, landed, id, placed.right)
  return mayRemove(placed.left) ? takeBack(context, landed, placed.left, signal) : failed(placed.left)
}

const arrive = async (
  context: Context,
  copy: Transfer,
  newId: string | undefined,
  signal: Signal,
): Promise<Outcome> => {
  const unknown = (fault: Fault | Failure) => failed(unknownOutcome(at(copy.item.to), fault))
  if (newId === undefined)
    return unknown(notFound({ what: 'source', said: 'the job does not name the id of the copy' }))
  const seen = await context.api.detail(newId, signal)()
  if (E.isLeft(seen)) return unknown(seen.left)
  const parent = seen.right.parentFolder?.[0]
  if (parent !== undefined && !sameFolder(parent, copy.folder.id))
    return unknown(notFound({ what: 'source', said: 'the copy that the job names is elsewhere' }))
  return land(context, { ...copy, id: newId, name: seen.right.fileName }, signal)
}

/** Whether two copies may land together: not of one source or one name, and neither has for a moment the name that the other is to get. */
const fit = (a: Transfer, b: Transfer): boolean => {
  const [fromA, fromB] = [nameOf(a.source.entry.path), nameOf(b.source.entry.path)]
  return a.source.id !== b.source.id && fromA !== fromB && nameOf(a.item.to) !== fromB && nameOf(b.item.to) !== fromA
}

const roundsOf = (copies: ReadonlyArray<Transfer>): ReadonlyArray<ReadonlyArray<Transfer>> => {
  const rounds: Array<Array<Transfer>> = []
  for (const copy of copies) {
    const round = rounds.find((others) => others.every((other) => fit(copy, other)))
    if (round === undefined) rounds.push([copy])
    else round.push(copy)
  }
  return rounds
}

const copyRound = async (
  context: Context,
  copies: ReadonlyArray<Transfer>,
  signal: Signal,
): Settled<ReadonlyArray<Outcome>> => {
  const ids = copies.map(({ source }) => source.id)
  const copied = await copyJob(context, ids, copies[0]?.folder.id ?? '', signal)
  return E.right(
    await mapLimit(copies, concurrency, async (copy): Promise<Outcome> => {
      if (E.isLeft(copied)) {
        const fault = mayHaveHappened(copied.left) ? unknownOutcome(at(copy.item.to), copied.left) : copied.left
        return failed(fault, wasSent(copied.left))
      }
      const outcome = copied.right(copy.source.id)
      return outcome.status === 'done' ? arrive(context, copy, outcome.newFileId, signal) : failed(outcome.fault)
    }),
  )
}

const copyInto = async (context: Context, copies: ReadonlyArray<Transfer>, signal: Signal): Promise<Outcomes> => {
  const outcomes = new Map<ResolvedItem, Outcome>()
  for (const round of roundsOf(copies)) {
    const stop = failed(aborted({ effect: 'none' }), false)
    const run = (later: Signal) => () => copyRound(context, round, later)
    const result = signal.aborted ? E.right([]) : await withGracePeriod(signal, run, context.settings.grace)()
    round.forEach(({ item }, i) => outcomes.set(item, (E.isRight(result) ? result.right[i] : undefined) ?? stop))
  }
  return outcomes
}

export const batchCopy = (
  context: Context,
): ((items: ReadonlyArray<ResolvedItem>, call: Call) => RawResult<ReadonlyArray<Outcome>>) =>
  transferAll(context, async (copies, signal) => {
    const isFolder = ({ source }: Transfer): boolean => source.entry.kind === 'directory'
    const files = copies.filter((copy) => !isFolder(copy))
    const outcomes = new Map<ResolvedItem, Outcome>()
    for (const group of groupBy(files, ({ folder }) => folder.id))
      for (const [item, outcome] of await copyInto(context, group, signal)) outcomes.set(item, outcome)
    for (const { item, source, folder } of copies.filter(isFolder)) {
      const copied = await copyFolder(context, { source, folder, to: item.to, conflict: item.conflict }, signal)
      outcomes.set(
        item,
        E.isRight(copied) ? { status: 'done', ...copied.right } : failed(copied.left, wasSent(copied.left)),
      )
    }
    return outcomes
  })
