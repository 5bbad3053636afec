// batchCopy: a job puts copies into the target folder, under a name that the service picks; each then gets its own.
import {
  aborted,
  child,
  nameOf,
  notFound,
  parentOf,
  renameMode,
  taskFailed,
  wordFor,
  type Answered,
  type Call,
  type DrivePath,
  type Placed,
  type RawOutcome,
  type ResolvedItem,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { movedTo, topOf } from './cache'
import { clashIn, purge, rename } from './changes'
import { at, inDoubt, isUnknown, lenient, type Bad, type Context } from './context'
import { copyFolder } from './copy-dir'
import type { Node } from './ids'
import { replaceFile } from './overwrite'
import { groupBy, inParallel } from './parallel'
import { isGone, sameFolder } from './translate'

type Signal = AbortSignal
type Outcome = RawOutcome<Placed>

interface Copy {
  readonly item: ResolvedItem
  readonly source: Node
  readonly folder: Node
}
/** A copy in its folder, under the name that it was given there. */
interface Landed extends Copy {
  readonly id: string
  readonly name: string
}

const failed = (fault: Bad, attempted = true): Outcome => ({ status: 'failed', fault, attempted })
const inFolder = (dir: DrivePath, name: string): DrivePath => E.getOrElse(() => dir)(child(dir, name))

const placed = (context: Context, landed: Landed, name: string, replaced: boolean): Outcome => {
  const { item, source, id } = landed
  const path = inFolder(parentOf(item.to), name)
  context.cache.changed()
  context.cache.forget(inFolder(parentOf(item.to), landed.name))
  context.cache.put(movedTo({ ...source.entry, id }, path), context.clock.now())
  return { status: 'done', path, how: path === item.to ? 'as-asked' : 'renamed', replaced }
}

/** The copy goes again; where it cannot, it stands. */
const takeBack = async (context: Context, landed: Landed, fault: Bad, signal: Signal): Promise<Outcome> => {
  const { id, name, item } = landed
  const gone = await purge(context, [{ fileId: id, filePath: `/${id}` }], signal)()
  context.cache.changed()
  context.cache.forget(inFolder(parentOf(item.to), name))
  if (E.isRight(gone) && gone.right(id).status === 'done') return failed(fault)
  return failed(
    taskFailed({
      partial: inFolder(parentOf(item.to), name),
      said: `the copy is there, but could not be given its name: ${fault.said ?? fault._tag}`,
    }),
  )
}

/** To the wanted name, as the strategy says. A name that the service picked itself is kept where any free name will do. */
const giveName = async (context: Context, landed: Landed, signal: Signal): Promise<Outcome> => {
  const { item, source, folder, id, name } = landed
  const to = nameOf(item.to)
  const word = wordFor(renameMode.file, item.conflict)
  const isPicked = word === 2 && name !== nameOf(source.entry.path) && nameOf(source.entry.path) === to
  if (name === to || isPicked) return placed(context, landed, name, false)
  const path = inFolder(parentOf(item.to), name)
  const mode = word === 'emulate' ? 3 : word
  const renamed = await rename(context, id, { path, from: name, to, mode }, signal)()
  if (E.isRight(renamed)) return placed(context, landed, renamed.right, false)
  if (isUnknown(renamed.left)) return failed(renamed.left)
  if (renamed.left._tag !== 'NameConflict') return takeBack(context, landed, renamed.left, signal)
  context.cache.changed()
  const clash = await clashIn(context, folder, { name: to, fault: renamed.left }, signal)
  const replaces = word === 'emulate' && clash._tag === 'NameConflict' && clash.existing?.kind === 'file'
  if (!replaces) return takeBack(context, landed, clash, signal)
  const replaced = await replaceFile(context, { id, path }, item.to, signal)()
  if (E.isRight(replaced)) return placed(context, landed, to, true)
  const stands = isUnknown(replaced.left) || replaced.left._tag === 'TaskFailed'
  return stands ? failed(replaced.left) : takeBack(context, landed, replaced.left, signal)
}

const settle = async (context: Context, copy: Copy, newId: string | undefined, signal: Signal): Promise<Outcome> => {
  const check = at(copy.item.to)
  if (newId === undefined)
    return failed(inDoubt(check, notFound({ what: 'source', said: 'the job does not tell the id of the copy' })))
  const seen = await context.api.detail(newId, signal)()
  if (E.isLeft(seen)) return failed(inDoubt(check, seen.left))
  const parent = seen.right.parentFolder?.[0]
  if (parent !== undefined && !sameFolder(parent, copy.folder.id))
    return failed(inDoubt(check, notFound({ what: 'source', said: 'the copy that the job tells of is elsewhere' })))
  return giveName(context, { ...copy, id: newId, name: seen.right.fileName }, signal)
}

/**
 * Copies that may land together: no two of one source or one name, and none that would hold for a moment the name that
 * another is to get.
 */
const roundsOf = (copies: ReadonlyArray<Copy>): ReadonlyArray<ReadonlyArray<Copy>> => {
  const rounds: Array<{
    readonly copies: Array<Copy>
    readonly sources: Set<string>
    readonly targets: Set<string>
    readonly ids: Set<string>
  }> = []
  for (const copy of copies) {
    const from = nameOf(copy.source.entry.path)
    const to = nameOf(copy.item.to)
    const fits = rounds.find(
      ({ sources, targets, ids }) =>
        !ids.has(copy.source.id) && !sources.has(from) && !targets.has(from) && !sources.has(to),
    )
    const round = fits ?? { copies: [], sources: new Set(), targets: new Set(), ids: new Set() }
    if (fits === undefined) rounds.push(round)
    round.copies.push(copy)
    round.sources.add(from)
    round.targets.add(to)
    round.ids.add(copy.source.id)
  }
  return rounds.map((round) => round.copies)
}

const copyRound = async (
  context: Context,
  copies: ReadonlyArray<Copy>,
  signal: Signal,
): Promise<ReadonlyArray<Outcome>> => {
  const [first] = copies
  if (first === undefined) return []
  const newFilePath = await context.targetId(first.folder.id, signal)()
  if (E.isLeft(newFilePath)) return copies.map(() => failed(newFilePath.left, false))
  const items = copies.map(({ source }) => ({ fileId: source.id }))
  const job = { taskType: 1, actionType: 101, newFilePath: newFilePath.right, items } as const
  const copied = await context.jobs.run(job, signal)()
  context.cache.changed()
  if (E.isLeft(copied))
    return copies.map(({ item }) => failed(isUnknown(copied.left) ? inDoubt(at(item.to), copied.left) : copied.left))
  return inParallel(copies, (copy) => {
    const outcome = copied.right(copy.source.id)
    return outcome.status === 'done'
      ? settle(context, copy, outcome.newFileId, signal)
      : Promise.resolve(failed(outcome.fault))
  })
}

const copyInto = async (
  context: Context,
  copies: ReadonlyArray<Copy>,
  signal: Signal,
): Promise<ReadonlyMap<ResolvedItem, Outcome>> => {
  const outcomes = new Map<ResolvedItem, Outcome>()
  for (const round of roundsOf(copies)) {
    const stop = failed(aborted({ effect: 'none' }), false)
    const run = lenient(
      signal,
      context.settings.grace,
      (calm) => async () => E.right(await copyRound(context, round, calm)),
    )
    const answer = signal.aborted ? E.right(round.map(() => stop)) : await run()
    round.forEach(({ item }, i) => outcomes.set(item, (E.isRight(answer) ? answer.right[i] : undefined) ?? stop))
  }
  return outcomes
}

const resolve =
  (context: Context, signal: Signal) =>
  async (item: ResolvedItem): Promise<Outcome | Copy> => {
    const source = await context.ids.find(item.from, signal)()
    if (E.isLeft(source)) return failed(source.left, false)
    const folder = await context.ids.folder(parentOf(item.to), signal)()
    if (E.isLeft(folder)) return failed(folder.left, false)
    return { item, source: source.right, folder: folder.right }
  }

const attempt = async (
  context: Context,
  items: ReadonlyArray<ResolvedItem>,
  signal: Signal,
): Promise<ReadonlyMap<ResolvedItem, Outcome>> => {
  const outcomes = new Map<ResolvedItem, Outcome>()
  context.ids.refresh(items.map(({ from }) => from))
  const files: Array<Copy> = []
  const folders: Array<Copy> = []
  for (const item of items) {
    const resolved = await resolve(context, signal)(item)
    if (!('source' in resolved)) outcomes.set(item, resolved)
    else (resolved.source.entry.kind === 'directory' ? folders : files).push(resolved)
  }
  for (const group of groupBy(files, ({ folder }) => folder.id))
    for (const [item, outcome] of await copyInto(context, group, signal)) outcomes.set(item, outcome)
  for (const { item, source, folder } of folders) {
    const copied = await copyFolder(context, { source, folder, to: item.to, conflict: item.conflict }, signal)()
    outcomes.set(item, E.isRight(copied) ? { status: 'done', ...copied.right } : failed(copied.left))
  }
  return outcomes
}

export const batchCopy =
  (context: Context) =>
  (items: ReadonlyArray<ResolvedItem>, { signal }: Call): Answered<ReadonlyArray<Outcome>> =>
  async () => {
    const outcomes = new Map(await attempt(context, items, signal))
    const stale = items.filter((item) => {
      const outcome = outcomes.get(item)
      return outcome?.status === 'failed' && isGone(outcome.fault)
    })
    if (stale.length > 0 && !signal.aborted) {
      for (const { from, to } of stale) {
        context.cache.forget(topOf(from))
        context.cache.forget(topOf(to))
      }
      for (const [item, outcome] of await attempt(context, stale, signal)) outcomes.set(item, outcome)
    }
    return E.right(items.map((item) => outcomes.get(item) ?? failed(aborted({ effect: 'none' }), false)))
  }
