// stat, list, createDir and copyDir.
import {
  nameConflict,
  notFound,
  wrongKind,
  type Always,
  type Answered,
  type DirEntry,
  type DrivePath,
  type Fault,
  type Made,
  type Optional,
  type Placed,
  type Started,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Asked } from './api'
import type { Smh } from './context'
import { answerIn, isMissing } from './looks'
import { once, type Seen } from './once'
import { copyDirTask, taskIdOf } from './task-state'
import { callerTimes, directoryWord, toDirEntry, toPath } from './translate'
import { copyVerdict, placedAt } from './verdicts'
import type { PlacedOrTask } from './wire'

/** A 404 for a file in the place of a directory is named `WrongKind`, at the price of one look. */
const namingKind =
  (smh: Smh, path: DrivePath, signal: AbortSignal) =>
  (fault: Fault): Asked<never> =>
    isMissing(fault)
      ? pipe(
          smh.looks.find(path, signal),
          TE.orElseW(() => TE.right(undefined)),
          TE.flatMap((found) =>
            TE.left(
              found !== undefined && found.kind !== 'directory'
                ? wrongKind({ ...answerIn(fault), expected: 'directory' })
                : fault,
            ),
          ),
        )
      : TE.left(fault)

export const stat =
  (smh: Smh): Always['stat'] =>
  (path, { signal }) =>
    smh.looks.stat(path, signal)

export const list =
  (smh: Smh): Always['list'] =>
  (path, { cursor, limit }, { signal }) =>
    pipe(smh.looks.list(path, { marker: cursor, limit }, signal), TE.orElseW(namingKind(smh, path, signal)))

const madeAt = (path: DrivePath, final: DrivePath, entry: DirEntry): Made<DirEntry> => ({
  ...entry,
  how: final === path ? 'as-asked' : 'renamed',
})

export const createDir =
  (smh: Smh): Always['createDir'] =>
  (path, { conflict, ...times }, { signal }): Answered<Made<DirEntry>> => {
    const strategy = directoryWord(conflict)
    const call = pipe(
      smh.api.createDirectory(path, strategy, callerTimes(times), signal),
      TE.flatMapEither((created) =>
        pipe(
          created.path === null || created.path === undefined ? E.right(path) : toPath(created.path),
          E.map((final) => madeAt(path, final, toDirEntry(final, { ...callerTimes(times), ...given(created) }))),
        ),
      ),
    )
    /** Nothing there: it cannot have happened, under either strategy. A directory there is ours under `ask`. */
    const look = pipe(
      smh.looks.find(path, signal),
      TE.map((found): Seen<Made<DirEntry>> => {
        if (found === undefined) return 'absent'
        if (strategy === 'rename') return 'unknown'
        return found.kind === 'directory'
          ? E.right(madeAt(path, path, found))
          : E.left(nameConflict({ existing: found }))
      }),
    )
    return pipe(
      once(smh, { call: () => call, look, check: `the directory of /${path} for a new one of this name`, signal }),
      TE.orElse((fault: Fault): Asked<Made<DirEntry>> =>
        fault._tag === 'NameConflict' && fault.existing === undefined
          ? pipe(smh.looks.conflictAt(path, answerIn(fault), signal), TE.flatMap(TE.left))
          : TE.left(fault),
      ),
    )
  }

/** Values only, so that what is missing does not hide what is known. */
const given = <A extends object>(value: A): A =>
  Object.fromEntries(Object.entries(value).filter(([, v]) => v !== null && v !== undefined)) as A

export const copyDir =
  (smh: Smh): Optional['copyDir'] =>
  (from, to, conflict, { signal }): Answered<Placed | Started> => {
    const strategy = directoryWord(conflict)
    const item = { from, to, conflict: strategy }
    const call = (repeated: boolean) =>
      pipe(
        smh.api.copyDirectory(from, to, strategy, signal),
        TE.flatMapEither((answer: PlacedOrTask): E.Either<Fault, Placed | Started> => {
          const task = taskIdOf(answer)
          return task === undefined ? placedAt(to, answer.path) : E.right({ state: copyDirTask(task, item, repeated) })
        }),
      )
    const look = pipe(
      copyVerdict(smh, item, signal),
      TE.map((verdict): Seen<Placed | Started> => {
        if (typeof verdict === 'string') return verdict
        return verdict.status === 'done' ? E.right({ path: verdict.path, how: verdict.how }) : E.left(verdict.fault)
      }),
    )
    return pipe(
      once(smh, { call, look, check: `whether /${to} holds all of /${from}`, signal }),
      TE.orElse((fault: Fault): Asked<Placed | Started> => {
        if (fault._tag === 'NameConflict' && fault.existing === undefined)
          return pipe(smh.looks.conflictAt(to, answerIn(fault), signal), TE.flatMap(TE.left))
        return namingSource(smh, from, signal)(fault)
      }),
    )
  }

/** SMH does not say of a missing source whether a file stands in its place. */
const namingSource = (smh: Smh, from: DrivePath, signal: AbortSignal) => {
  const named = namingKind(smh, from, signal)
  return (fault: Fault): Asked<never> => {
    if (fault._tag !== 'WrongKind') return named(fault)
    return pipe(
      smh.looks.find(from, signal),
      TE.flatMap((found) =>
        TE.left(
          found === undefined ? notFound({ ...answerIn(fault), what: 'source' }) : wrongKind({ expected: 'directory' }),
        ),
      ),
    )
  }
}
