// What moves and copies share: resolving items, retrying stale ids, and the outcome of one item.
import { parentOf, under, type DrivePath, type Placed } from '@anydrive/core'
import {
  aborted,
  vendorValueFor,
  type RawResult,
  type Call,
  type RawFailure,
  type RawOutcome,
  type ResolvedItem,
} from '@anydrive/core/adapter'
import { type Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import type { Context, Signal } from './client'
import { isGone } from './errors'
import { movedTo, topOf, type Node } from './ids'
import { renameMode, type Mode } from './translate'

export type Outcome = RawOutcome<Placed>
export type Outcomes = ReadonlyMap<ResolvedItem, Outcome>

/** An item whose source and target folder are known. */
export interface Transfer {
  readonly item: ResolvedItem
  readonly source: Node
  readonly folder: Node
}

export const failed = (fault: Failure, attempted = true): RawFailure => ({ status: 'failed', fault, attempted })

export const inFolder = (dir: DrivePath, name: string): DrivePath => under(dir, name as DrivePath)

/** A directory replaces nothing. */
export const handlingOf = ({ item, source }: Transfer): Mode | 'emulate' =>
  source.entry.kind === 'directory'
    ? vendorValueFor(renameMode.directory, item.conflict)
    : vendorValueFor(renameMode.file, item.conflict)

/** Done: the entry of this id is known under its final path only. */
export const done = ({ cache, timers }: Context, { source }: Transfer, id: string, placed: Placed): Outcome => {
  cache.forget(placed.path)
  cache.put(movedTo({ ...source.entry, id }, placed.path), timers.now())
  return { status: 'done', ...placed }
}

const resolve = async (context: Context, item: ResolvedItem, signal: Signal): Promise<Outcome | Transfer> => {
  const source = await context.ids.find(item.from, signal)
  if (E.isLeft(source)) return failed(source.left, false)
  const folder = await context.ids.folder(parentOf(item.to), signal)
  if (E.isLeft(folder)) return failed(folder.left, false)
  return { item, source: source.right, folder: folder.right }
}

/** Runs the items, and once more those whose ids led nowhere, with nothing known of their paths. */
export const retryStale = async <I, A>(
  { cache }: Context,
  items: ReadonlyArray<I>,
  pathsOf: (item: I) => ReadonlyArray<DrivePath>,
  run: (items: ReadonlyArray<I>) => Promise<ReadonlyMap<I, RawOutcome<A>>>,
  signal: Signal,
): Promise<ReadonlyArray<RawOutcome<A>>> => {
  const outcomes = new Map(await run(items))
  const stale = items.filter((item) => {
    const outcome = outcomes.get(item)
    return outcome?.status === 'failed' && isGone(outcome.fault)
  })
  if (stale.length > 0 && !signal.aborted) {
    for (const path of stale.flatMap(pathsOf)) cache.forget(topOf(path))
    for (const [item, outcome] of await run(stale)) outcomes.set(item, outcome)
  }
  return items.map((item) => outcomes.get(item) ?? failed(aborted({ effect: 'none' }), false))
}

/** Resolves the items, and transfers those that resolve. */
export const transferAll =
  (context: Context, run: (transfers: ReadonlyArray<Transfer>, signal: Signal) => Promise<Outcomes>) =>
  (items: ReadonlyArray<ResolvedItem>, { signal }: Call): RawResult<ReadonlyArray<Outcome>> =>
  async () => {
    const resolveAndRun = async (some: ReadonlyArray<ResolvedItem>): Promise<Outcomes> => {
      context.ids.refresh(some.map(({ from }) => from))
      const outcomes = new Map<ResolvedItem, Outcome>()
      const transfers: Array<Transfer> = []
      for (const item of some) {
        const resolved = await resolve(context, item, signal)
        if ('source' in resolved) transfers.push(resolved)
        else outcomes.set(item, resolved)
      }
      return new Map([...outcomes, ...(await run(transfers, signal))])
    }
    return E.right(await retryStale(context, items, ({ from, to }) => [from, to], resolveAndRun, signal))
  }
