// batchMove: a new name in the same folder by one rename; another folder by a job, under temporary names, since what a job does on a clash is unknown.
import { aborted, nameOf, parentOf, type Answered, type Call, type ResolvedItem } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { topOf } from './cache'
import { at, inDoubt, isUnknown, lenient, type Bad, type Context } from './context'
import {
  failed,
  giveName,
  hide,
  inFolder,
  nameBack,
  placed,
  settle,
  settleDirect,
  type Move,
  type Outcome,
  type Underway,
} from './moving'
import { groupBy, inParallel } from './parallel'
import { isGone } from './translate'

type Signal = AbortSignal
type Settled<A> = Promise<E.Either<Bad, A>>

const renameInPlace =
  (context: Context, signal: Signal) =>
  (move: Move): Promise<Outcome> =>
    lenient(signal, context.settings.grace, (calm) => async (): Settled<Outcome> => {
      if (signal.aborted) return E.right(failed(aborted({ effect: 'none' }), false))
      const named = await giveName(context, { ...move, name: nameOf(move.item.from) }, calm)
      if (E.isLeft(named)) return named
      return E.right(placed(context, move, named.right.name, named.right.replaced))
    })().then(E.getOrElse((fault): Outcome => failed(fault)))

const isUnderway = (it: Outcome | Underway): it is Underway => 'source' in it

/** One job takes all of a target folder, each then gets its name. */
const moveTogether = async (
  context: Context,
  moves: ReadonlyArray<Underway>,
  caller: Signal,
  signal: Signal,
): Promise<ReadonlyMap<ResolvedItem, Outcome>> => {
  const [first] = moves
  if (first === undefined) return new Map()
  const each = async (run: (move: Underway) => Promise<Outcome>) =>
    new Map(await inParallel(moves, async (move) => [move.item, await run(move)] as const))
  const allBack = (fault: Bad) => each(async (move) => failed(await nameBack(context, move, fault, signal)))
  if (caller.aborted) return allBack(aborted({ effect: 'none' }))
  const newFilePath = await context.targetId(first.folder.id, signal)()
  if (E.isLeft(newFilePath)) return allBack(newFilePath.left)
  const items = moves.map(({ source }) => ({ fileId: source.id }))
  const moved = await context.jobs.run(
    { taskType: 3, actionType: 301, newFilePath: newFilePath.right, items },
    signal,
  )()
  context.cache.changed()
  if (E.isLeft(moved)) {
    if (!isUnknown(moved.left)) return allBack(moved.left)
    const { left } = moved
    return each(({ item, name }) =>
      Promise.resolve(
        failed(inDoubt(at(inFolder(parentOf(item.from), name), inFolder(parentOf(item.to), name)), left)),
      ),
    )
  }
  return each(async (move) => {
    const outcome = moved.right(move.source.id)
    if (outcome.status === 'failed') {
      if (outcome.fault._tag === 'Indeterminate') return failed(outcome.fault)
      return failed(await nameBack(context, move, outcome.fault, signal))
    }
    const isDirect = move.name === nameOf(move.item.from)
    return isDirect ? settleDirect(context, move, signal) : settle(context, move, signal)
  })
}

/** Looks before: what is free under its own name needs no temporary one. */
const freeOnes = async (
  context: Context,
  moves: ReadonlyArray<Move>,
  signal: Signal,
): Settled<{ readonly free: ReadonlyArray<Underway>; readonly others: ReadonlyArray<Move> }> => {
  const [first] = moves
  if (first === undefined || context.settings.moves === 'temporary-names') return E.right({ free: [], others: moves })
  const listed = await context.ids.children(first.folder, signal)()
  return E.map((entries: ReadonlyArray<{ readonly name: string }>) => {
    const taken = new Set(entries.map(({ name }) => name))
    const isFree = ({ item }: Move): boolean => nameOf(item.from) === nameOf(item.to) && !taken.has(nameOf(item.to))
    return {
      free: moves.filter(isFree).map((move) => ({ ...move, name: nameOf(move.item.from) })),
      others: moves.filter((move) => !isFree(move)),
    }
  })(listed)
}

const moveInto = async (
  context: Context,
  moves: ReadonlyArray<Move>,
  signal: Signal,
): Promise<ReadonlyMap<ResolvedItem, Outcome>> => {
  const run = async (calm: Signal): Settled<ReadonlyMap<ResolvedItem, Outcome>> => {
    const looked = await freeOnes(context, moves, calm)
    if (E.isLeft(looked)) return looked
    const hidden = await inParallel(looked.right.others, async (move) => {
      const its = await hide(context, move, signal.aborted ? signal : calm)
      return [move.item, its] as const
    })
    const underway = [...looked.right.free, ...hidden.flatMap(([, its]) => (isUnderway(its) ? [its] : []))]
    const outcomes = new Map(hidden.flatMap(([item, its]) => (isUnderway(its) ? [] : [[item, its] as const])))
    for (const [item, outcome] of await moveTogether(context, underway, signal, calm)) outcomes.set(item, outcome)
    return E.right(outcomes)
  }
  const answer = await lenient(signal, context.settings.grace, (calm) => () => run(calm))()
  if (E.isRight(answer)) return answer.right
  return new Map(moves.map(({ item }) => [item, failed(answer.left, false)]))
}

const resolve =
  (context: Context, signal: Signal) =>
  async (item: ResolvedItem): Promise<Outcome | Move> => {
    const source = await context.ids.find(item.from, signal)()
    if (E.isLeft(source)) return failed(source.left, false)
    const folder = await context.ids.folder(parentOf(item.to), signal)()
    if (E.isLeft(folder)) return failed(folder.left, false)
    return { item, source: source.right, folder: folder.right }
  }

const isMove = (it: Outcome | Move): it is Move => 'source' in it

const attempt = async (
  context: Context,
  items: ReadonlyArray<ResolvedItem>,
  signal: Signal,
): Promise<ReadonlyMap<ResolvedItem, Outcome>> => {
  const outcomes = new Map<ResolvedItem, Outcome>()
  context.ids.refresh(items.map(({ from }) => from))
  context.ids.refresh(items.map(({ from }) => from))
  const moves: Array<Move> = []
  for (const item of items) {
    const resolved = await resolve(context, signal)(item)
    if (isMove(resolved)) moves.push(resolved)
    else outcomes.set(item, resolved)
  }
  const isHere = ({ item }: Move): boolean => parentOf(item.from) === parentOf(item.to)
  const here = moves.filter(isHere)
  const renamed = await inParallel(here, renameInPlace(context, signal))
  here.forEach(({ item }, i) => outcomes.set(item, renamed[i] ?? failed(aborted({ effect: 'none' }), false)))
  for (const group of groupBy(
    moves.filter((move) => !isHere(move)),
    ({ folder }) => folder.id,
  ))
    for (const [item, outcome] of await moveInto(context, group, signal)) outcomes.set(item, outcome)
  return outcomes
}

/** An id led nowhere, and nothing stands in between: the item is tried once more. */
const isStale = (outcome: Outcome | undefined): boolean => outcome?.status === 'failed' && isGone(outcome.fault)

export const batchMove =
  (context: Context) =>
  (items: ReadonlyArray<ResolvedItem>, { signal }: Call): Answered<ReadonlyArray<Outcome>> =>
  async () => {
    const outcomes = new Map(await attempt(context, items, signal))
    const stale = items.filter((item) => isStale(outcomes.get(item)))
    if (stale.length > 0 && !signal.aborted) {
      for (const { from, to } of stale) {
        context.cache.forget(topOf(from))
        context.cache.forget(topOf(to))
      }
      for (const [item, outcome] of await attempt(context, stale, signal)) outcomes.set(item, outcome)
    }
    return E.right(items.map((item) => outcomes.get(item) ?? failed(aborted({ effect: 'none' }), false)))
  }
