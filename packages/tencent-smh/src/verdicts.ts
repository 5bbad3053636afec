// After a lost answer: what both ends of a move, a copy or a removal say about whether it happened.
import {
  nameConflict,
  nameOf,
  notFound,
  parentOf,
  type DrivePath,
  type Entry,
  type Fault,
  type Placed,
  type RawOutcome,
  type Removed,
  type ResolvedItem,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Asked } from './api'
import type { Smh } from './context'
import { isCopy } from './trees'
import { toPath } from './translate'
import { bounds } from './settings'
import type { Segments } from './wire'

export type Verdict<A> = RawOutcome<A> | 'absent' | 'unknown'
type Item = Pick<ResolvedItem, 'from' | 'to' | 'conflict' | 'fromSpace'>

const doneAt = (to: DrivePath): RawOutcome<Placed> => ({ status: 'done', path: to, how: 'as-asked' })
const refused = (fault: Fault): RawOutcome<never> => ({ status: 'failed', fault, attempted: true })
const missing = refused(notFound({ what: 'source' }))

/** Without a path in the answer, it is the one asked for. */
export const placedAt = (to: DrivePath, path: Segments | null | undefined): E.Either<Fault, Placed> =>
  pipe(
    path === null || path === undefined ? E.right(to) : toPath(path),
    E.map((final) => ({ path: final, how: final === to ? 'as-asked' : 'renamed' })),
  )

const ends = (smh: Smh, { from, to, fromSpace }: Item, signal: AbortSignal) =>
  pipe(
    TE.Do,
    TE.bind('source', () => smh.looks.find(from, signal, fromSpace)),
    TE.bind('target', () => smh.looks.find(to, signal)),
  )

/** `a (1).txt` beside `a.txt`: as SMH numbers what it renames. */
const isNumbered = (name: string, of: string): boolean => {
  const dot = of.lastIndexOf('.')
  const [stem, extension] = dot > 0 ? [of.slice(0, dot), of.slice(dot)] : [of, '']
  return [[stem, extension] as const, [of, ''] as const].some(
    ([start, end]) =>
      name.startsWith(`${start} (`) &&
      name.endsWith(`)${end}`) &&
      /^\d+$/.test(name.slice(start.length + 2, name.length - end.length - 1)),
  )
}

/** Whether a renamed sibling stands beside the target; if none does, what moved is the target itself. */
export const hasNumbered = async (smh: Smh, to: DrivePath, signal: AbortSignal): Promise<boolean> => {
  let marker: string | undefined
  do {
    const page = await smh.looks.list(parentOf(to), { marker, limit: bounds.page }, signal)()
    if (E.isLeft(page) || page.right.items.some((entry) => isNumbered(entry.name, nameOf(to)))) return true
    marker = page.right.next
  } while (marker !== undefined)
  return false
}

const bothFiles = (a: Entry, b: Entry): boolean => a.kind !== 'directory' && b.kind !== 'directory'

export const moveVerdict = (smh: Smh, item: Item, signal: AbortSignal): Asked<Verdict<Placed>> =>
  pipe(
    ends(smh, item, signal),
    TE.flatMap(({ source, target }): Asked<Verdict<Placed>> => {
      if (source === undefined) {
        if (target === undefined) return TE.right(item.conflict === 'rename' ? 'unknown' : missing)
        if (item.conflict !== 'rename') return TE.right(doneAt(item.to))
        return () =>
          hasNumbered(smh, item.to, signal).then((numbered) => E.right(numbered ? 'unknown' : doneAt(item.to)))
      }
      if (target === undefined || item.conflict === 'rename') return TE.right('absent')
      return TE.right(
        item.conflict === 'overwrite' && bothFiles(source, target)
          ? 'absent'
          : refused(nameConflict({ existing: target })),
      )
    }),
  )

export const copyVerdict = (smh: Smh, item: Item, signal: AbortSignal): Asked<Verdict<Placed>> =>
  pipe(
    ends(smh, item, signal),
    TE.flatMap(({ source, target }): Asked<Verdict<Placed>> => {
      if (source === undefined) return TE.right(missing)
      if (target === undefined) return TE.right('absent')
      if (item.conflict === 'rename') return TE.right('unknown')
      const conflict = refused(nameConflict({ existing: target }))
      if (source.kind !== target.kind) return TE.right(conflict)
      return async () => {
        const same = await isCopy(smh, source, target, { space: item.fromSpace, signal })
        if (same === true) return E.right(doneAt(item.to))
        if (source.kind === 'directory') return E.right('unknown')
        return E.right(item.conflict === 'overwrite' ? 'absent' : conflict)
      }
    }),
  )

/** What is gone is ours; what is there may be removed again. */
export const removeVerdict = (
  smh: Smh,
  path: DrivePath,
  how: Removed['how'],
  signal: AbortSignal,
): Asked<Verdict<Removed>> =>
  pipe(
    smh.looks.find(path, signal),
    TE.map((found): Verdict<Removed> => (found === undefined ? { status: 'done', path, how } : 'absent')),
  )
