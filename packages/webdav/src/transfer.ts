// Moving and copying: batchMove, batchCopy and copyDir.
import {
  aborted,
  taskFailed,
  wrongKind,
  type Answered,
  type Call,
  type DrivePath,
  type Entry,
  type Optional,
  type Placed,
  type RawOutcome,
  type ResolvedItem,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { someFailed, type Place } from './api'
import { ownSignal, type Dav } from './context'
import { isMissing, leavesDoubt, type Bad } from './faults'
import { newTemporary } from './names'
import { inParallel } from './parallel'
import { place, type Target } from './place'
import { replaceFile } from './replace'
import { copyTo, moveTo, removeQuietly, type Tried } from './tries'

type Transferring = Pick<ResolvedItem, 'from' | 'to' | 'conflict'>

/** A directory that failed half-way stands in part, which the fault tells. */
const inPart =
  (dav: Dav, directory: boolean, to: DrivePath) =>
  (fault: Bad): Answered<Tried> =>
  async () => {
    const { code } = fault as { readonly code?: string }
    const said = fault._tag
    if (code === someFailed) return E.left(taskFailed({ partial: to, said }))
    if (!directory || !leavesDoubt(fault)) return E.left(fault)
    const found = await dav.looks.find(to, ownSignal())()
    return E.left(E.isRight(found) && found.right !== undefined ? taskFailed({ partial: to, said }) : fault)
  }

const kindOf = (entry: Entry): Target['kind'] => (entry.kind === 'directory' ? 'directory' : 'file')

/** The source first: its kind decides its address, and what may be replaced. */
const sourceOf = (dav: Dav, { from, to, conflict }: Transferring, signal: AbortSignal) =>
  pipe(
    dav.looks.stat(from, signal),
    TE.map((source) => {
      const kind = kindOf(source)
      const at: Place = { path: from, directory: kind === 'directory' }
      return { source, at, target: { path: to, conflict, kind } satisfies Target }
    }),
  )

const moveOne = (dav: Dav, item: Transferring, signal: AbortSignal): Answered<Placed> =>
  pipe(
    sourceOf(dav, item, signal),
    TE.flatMap(({ at, target }) =>
      place(
        dav,
        target,
        {
          take: (to) => pipe(moveTo(dav, at, to, signal), TE.orElse(inPart(dav, at.directory, to))),
          replace: (to) => replaceFile(dav, item.from, to, signal),
        },
        signal,
      ),
    ),
  )

/** To replace a file, its copy is made under a temporary name first. */
const replaceByCopy =
  (dav: Dav, from: DrivePath, to: DrivePath, signal: AbortSignal): Answered<Placed> =>
  async () => {
    const temporary = newTemporary(to)
    const copied = await copyTo(dav, { path: from, directory: false }, temporary, signal)()
    const placed = E.isLeft(copied) ? copied : await replaceFile(dav, temporary, to, signal)()
    if (E.isLeft(placed)) await removeQuietly(dav, temporary, ownSignal())
    return placed
  }

const copyFound = (
  dav: Dav,
  { at, target }: { readonly at: Place; readonly target: Target },
  signal: AbortSignal,
): Answered<Placed> =>
  place(
    dav,
    target,
    {
      take: (to) => pipe(copyTo(dav, at, to, signal), TE.orElse(inPart(dav, at.directory, to))),
      replace: (to) => replaceByCopy(dav, at.path, to, signal),
    },
    signal,
  )

const copyOne = (dav: Dav, item: Transferring, signal: AbortSignal): Answered<Placed> =>
  pipe(
    sourceOf(dav, item, signal),
    TE.flatMap((found) => copyFound(dav, found, signal)),
  )

export const copyDir =
  (dav: Dav): Optional['copyDir'] =>
  (from, to, conflict, { signal }) =>
    pipe(
      sourceOf(dav, { from, to, conflict }, signal),
      TE.filterOrElse(
        ({ source }): boolean => source.kind === 'directory',
        (): Bad => wrongKind({ expected: 'directory' }),
      ),
      TE.flatMap((found) => copyFound(dav, found, signal)),
    )

/** Items never touch each other's paths, so several are under way at once. After an abort the rest is not tried. */
const each =
  (run: (item: ResolvedItem, signal: AbortSignal) => Answered<Placed>) =>
  (items: ReadonlyArray<ResolvedItem>, { signal }: Call): Answered<ReadonlyArray<RawOutcome<Placed>>> =>
  async () =>
    E.right(
      await inParallel(items, async (item): Promise<RawOutcome<Placed>> => {
        if (signal.aborted) return { status: 'failed', fault: aborted({ effect: 'none' }), attempted: false }
        const answer = await run(item, signal)()
        return E.isRight(answer)
          ? { status: 'done', ...answer.right }
          : { status: 'failed', fault: answer.left, attempted: !isMissing(answer.left) }
      }),
    )

export const batchMove = (dav: Dav): Optional['batchMove'] => each((item, signal) => moveOne(dav, item, signal))
export const batchCopy = (dav: Dav): Optional['batchCopy'] => each((item, signal) => copyOne(dav, item, signal))
