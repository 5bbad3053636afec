// Moving and copying: batchMove, batchCopy and copyDir.
import type { DrivePath, Entry, Placed } from '@anydrive/core'
import { wrongKind, type RawResult, type OptionalOperations, type ResolvedItem } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Place } from './api'
import { copyTo, eachItem, moveTo, ofTemporary } from './changes'
import type { Dav } from './client'
import { lookup } from './entries'
import { place, replaceBy, temporaryBeside, type Target } from './place'
import { removeTemporary } from './remove'

type Item = Pick<ResolvedItem, 'from' | 'to' | 'conflict'>
interface Found {
  readonly source: Entry
  readonly from: Place
  readonly target: Target
}

/** The source is looked up first: its kind decides its address and what may be replaced, its identity proves a move. */
const sourceOf = (dav: Dav, { from, to, conflict }: Item, signal: AbortSignal): RawResult<Found> =>
  pipe(
    lookup(dav, from, signal),
    TE.map((source) => {
      const kind = source.kind === 'directory' ? 'directory' : 'file'
      return { source, from: { path: from, directory: kind === 'directory' }, target: { path: to, conflict, kind } }
    }),
  )

const moveOne = (dav: Dav, item: Item, signal: AbortSignal): RawResult<Placed> =>
  pipe(
    sourceOf(dav, item, signal),
    TE.flatMap(({ source, from, target }) =>
      place(
        dav,
        target,
        {
          take: (to) => moveTo(dav, from, to, source, signal),
          replace: (to) => replaceBy(dav, { path: item.from, handle: source }, to, signal),
        },
        signal,
      ),
    ),
  )

/** To replace a file, its copy is made under a temporary name first. */
const replaceByCopy =
  (dav: Dav, { source, from }: Found, to: DrivePath, signal: AbortSignal): RawResult<Placed> =>
  async () => {
    const temporary = temporaryBeside(to)
    const copying = copyTo(dav, from, temporary, { original: source, isTemporary: true }, signal)
    const copied = await ofTemporary(copying, signal)()
    const placed = E.isLeft(copied)
      ? copied
      : await replaceBy(dav, { path: temporary, handle: 'temporary' }, to, signal)()
    if (E.isLeft(placed)) await removeTemporary(dav, temporary, signal)
    return placed
  }

const copyFound = (dav: Dav, found: Found, signal: AbortSignal): RawResult<Placed> =>
  place(
    dav,
    found.target,
    {
      take: (to) => copyTo(dav, found.from, to, { original: found.source }, signal),
      replace: (to) => replaceByCopy(dav, found, to, signal),
    },
    signal,
  )

export const copyDir =
  (dav: Dav): OptionalOperations['copyDir'] =>
  (from, to, conflict, { signal }) =>
    pipe(
      sourceOf(dav, { from, to, conflict }, signal),
      TE.flatMap((found): RawResult<Placed> =>
        found.source.kind === 'directory'
          ? copyFound(dav, found, signal)
          : TE.left(wrongKind({ expected: 'directory' })),
      ),
    )

export const batchMove =
  (dav: Dav): OptionalOperations['batchMove'] =>
  (items, { signal }) =>
  () =>
    eachItem(items, signal, (item) => moveOne(dav, item, signal))

export const batchCopy =
  (dav: Dav): OptionalOperations['batchCopy'] =>
  (items, { signal }) =>
  () =>
    eachItem(items, signal, (item) =>
      pipe(
        sourceOf(dav, item, signal),
        TE.flatMap((found) => copyFound(dav, found, signal)),
      ),
    )
