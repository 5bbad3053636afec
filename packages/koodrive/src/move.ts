// batchMove: a new name in the same folder by one rename; to another folder by a job, under temporary names, since what a job does on a clash is unknown.
import { mayHaveHappened, nameOf, parentOf } from '@anydrive/core'
import { aborted, nameConflict, type RawResult, type Call, type ResolvedItem } from '@anydrive/core/adapter'
import { groupBy, mapLimit, unknownOutcome, withGracePeriod, type Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { confirmedEntry, rename, renameToTemporary, takeName } from './changes'
import { at, concurrency, incomplete, notUndone, type Context, type Settled, type Signal } from './client'
import type { ItemOutcomes } from './tasks'
import { done, failed, handlingOf, inFolder, transferAll, type Outcome, type Outcomes, type Transfer } from './transfer'
import { sameFolder } from './translate'

/** On its way: the name that it has now, in the source folder or in the target's. */
interface Underway extends Transfer {
  readonly name: string
}

const renameInPlace = async (context: Context, move: Transfer, signal: Signal): Promise<Outcome> => {
  const { item, source, folder } = move
  if (signal.aborted) return failed(aborted({ effect: 'none' }), false)
  const waiting = { id: source.id, path: item.from, target: item.to, folder }
  const placed = await takeName(context, waiting, handlingOf(move), signal)
  return E.isLeft(placed) ? failed(placed.left) : done(context, move, source.id, placed.right)
}

// The way to another folder.

/** Under a name that nothing in the target folder can have. */
const hide = async (context: Context, move: Transfer, signal: Signal): Promise<Outcome | Underway> => {
  const { item, source, folder } = move
  if (signal.aborted) return failed(aborted({ effect: 'none' }), false)
  if (handlingOf(move) === 3) {
    const existing = await confirmedEntry(context, item.to, folder, signal)
    if (existing !== undefined) return failed(nameConflict({ existing }), false)
  }
  const place = { path: item.from, target: item.to, use: 'move' } as const
  const name = await renameToTemporary(context, source.id, place, signal)
  return E.isRight(name) ? { ...move, name: name.right } : failed(name.left)
}

/** Back under its own name in its own folder: the fault that made it necessary, or where the entry is. */
const nameBack = async (
  context: Context,
  { item, source, name }: Underway,
  fault: Failure,
  signal: Signal,
): Promise<Failure> => {
  const path = inFolder(parentOf(item.from), name)
  if (path === item.from) return fault
  const back = await rename(context, source.id, { path, to: nameOf(item.from), mode: 3 }, signal)
  if (E.isRight(back)) return fault
  return notUndone(path, 'not moved, and still under a temporary name', fault, back.left)
}

const moveJob = async (
  context: Context,
  moves: ReadonlyArray<Transfer>,
  targetFolder: string,
  signal: Signal,
): Settled<ItemOutcomes> => {
  const newFilePath = await context.targetId(targetFolder, signal)()
  if (E.isLeft(newFilePath)) return newFilePath
  const items = moves.map(({ source }) => ({ fileId: source.id }))
  const job = { taskType: 3, actionType: 301, newFilePath: newFilePath.right, items } as const
  return context.jobs.run(job, signal)
}

/** Back from the target's folder; where that fails, the fault says where the entry is. */
const moveBack = async (context: Context, move: Underway, fault: Failure, signal: Signal): Promise<Failure> => {
  const { source, item, name } = move
  const moved = incomplete(inFolder(parentOf(item.to), name), 'moved, but under a temporary name', fault)
  const home = await context.ids.folder(parentOf(item.from), signal)
  if (E.isLeft(home)) return moved
  const back = await moveJob(context, [move], home.right.id, signal)
  if (E.isLeft(back)) return mayHaveHappened(back.left) ? unknownOutcome(at(item.from, item.to), fault) : moved
  if (back.right(source.id).status === 'failed') return moved
  return nameBack(context, move, fault, signal)
}

/** Arrived under its temporary name: gets its own, or goes back. */
const arrive = async (context: Context, move: Underway, signal: Signal): Promise<Outcome> => {
  const { source, item, folder, name } = move
  const path = inFolder(parentOf(item.to), name)
  const waiting = { id: source.id, path, target: item.to, folder }
  const placed = await takeName(context, waiting, handlingOf(move), signal)
  if (E.isRight(placed)) return done(context, move, source.id, placed.right)
  return failed(mayHaveHappened(placed.left) ? placed.left : await moveBack(context, move, placed.left, signal))
}

/** Arrived under its own name, unless the service has chosen another because that was taken meanwhile. */
const arriveDirect = async (context: Context, move: Transfer, signal: Signal): Promise<Outcome> => {
  const { source, item } = move
  const seen = await context.api.detail(source.id, signal)()
  if (E.isLeft(seen)) return failed(unknownOutcome(at(item.to), seen.left))
  if (seen.right.fileName !== nameOf(item.to)) return arrive(context, { ...move, name: seen.right.fileName }, signal)
  return done(context, move, source.id, { path: item.to, how: 'as-asked', replaced: false })
}

/** After a job whose outcome is unknown: the details of the id show in which folder it is. */
const afterUnknown = async (context: Context, move: Underway, fault: Failure, signal: Signal): Promise<Outcome> => {
  const { source, item, folder, name } = move
  const check = at(inFolder(parentOf(item.from), name), inFolder(parentOf(item.to), name))
  const seen = signal.aborted ? undefined : await context.api.detail(source.id, signal)()
  const parent = seen === undefined || E.isLeft(seen) ? undefined : seen.right.parentFolder?.[0]
  if (parent === undefined) return failed(unknownOutcome(check, fault))
  if (sameFolder(parent, folder.id)) return arrive(context, move, signal)
  // A job that was cancelled does nothing more.
  return fault._tag === 'TaskFailed'
    ? failed(await nameBack(context, move, fault, signal))
    : failed(unknownOutcome(check, fault, { likely: 'not-done' }))
}

/** One job takes all of a target folder; then each gets its name. */
const moveTogether = async (
  context: Context,
  moves: ReadonlyArray<Underway>,
  caller: Signal,
  later: Signal,
): Promise<Outcomes> => {
  const [first] = moves
  if (first === undefined) return new Map()
  const moved = caller.aborted
    ? E.left(aborted({ effect: 'none' }))
    : await moveJob(context, moves, first.folder.id, later)
  const outcomeOf = async (move: Underway): Promise<Outcome> => {
    const outcome = E.isRight(moved) ? moved.right(move.source.id) : { status: 'failed' as const, fault: moved.left }
    if (outcome.status === 'done')
      return move.name === nameOf(move.item.from) ? arriveDirect(context, move, later) : arrive(context, move, later)
    return mayHaveHappened(outcome.fault)
      ? afterUnknown(context, move, outcome.fault, later)
      : failed(await nameBack(context, move, outcome.fault, later))
  }
  return new Map(await mapLimit(moves, concurrency, async (move) => [move.item, await outcomeOf(move)] as const))
}

/** With the setting `listing`: entries whose own name is free in the target folder need no temporary one. */
const freeOnes = async (
  context: Context,
  moves: ReadonlyArray<Transfer>,
  signal: Signal,
): Settled<ReadonlyArray<Transfer>> => {
  const [first] = moves
  if (first === undefined || context.settings.moves === 'temporary-names') return E.right([])
  const listed = await context.ids.children(first.folder, signal)
  if (E.isLeft(listed)) return listed
  const taken = new Set(listed.right.map(({ name }) => name))
  return E.right(moves.filter(({ item }) => nameOf(item.from) === nameOf(item.to) && !taken.has(nameOf(item.to))))
}

const moveInto = async (context: Context, moves: ReadonlyArray<Transfer>, signal: Signal): Promise<Outcomes> => {
  const run = (later: Signal) => async (): Settled<Outcomes> => {
    const free = await freeOnes(context, moves, later)
    if (E.isLeft(free)) return free
    const others = moves.filter((move) => !free.right.includes(move))
    const hidden = await mapLimit(others, concurrency, (move) => hide(context, move, signal.aborted ? signal : later))
    const underway: Array<Underway> = free.right.map((move) => ({ ...move, name: nameOf(move.item.from) }))
    const outcomes = new Map<ResolvedItem, Outcome>()
    others.forEach(({ item }, i) => {
      const its = hidden[i]
      if (its !== undefined && 'source' in its) underway.push(its)
      else if (its !== undefined) outcomes.set(item, its)
    })
    return E.right(new Map([...outcomes, ...(await moveTogether(context, underway, signal, later))]))
  }
  const moved = await withGracePeriod(signal, run, context.settings.grace)()
  return E.isRight(moved) ? moved.right : new Map(moves.map(({ item }) => [item, failed(moved.left, false)]))
}

export const batchMove = (
  context: Context,
): ((items: ReadonlyArray<ResolvedItem>, call: Call) => RawResult<ReadonlyArray<Outcome>>) =>
  transferAll(context, async (moves, signal) => {
    const isHere = ({ item }: Transfer): boolean => parentOf(item.from) === parentOf(item.to)
    const here = moves.filter(isHere)
    const renamed = await mapLimit(here, concurrency, (move) => renameInPlace(context, move, signal))
    const outcomes = new Map<ResolvedItem, Outcome>()
    here.forEach(({ item }, i) => outcomes.set(item, renamed[i] ?? failed(aborted({ effect: 'none' }), false)))
    const elsewhere = moves.filter((move) => !isHere(move))
    for (const group of groupBy(elsewhere, ({ folder }) => folder.id))
      for (const [item, outcome] of await moveInto(context, group, signal)) outcomes.set(item, outcome)
    return outcomes
  })
