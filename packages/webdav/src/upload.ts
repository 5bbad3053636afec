// writeFile: straight to its name where the server's PUT is atomic, else under a temporary name that is then moved.
import {
  indeterminate,
  nameConflict,
  notFound,
  wrongKind,
  type Always,
  type Answered,
  type DrivePath,
  type Entry,
  type Placed,
  type Written,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import * as t from 'io-ts'
import { ownSignal, type Dav } from './context'
import { defaultDelay } from './delay'
import { leavesDoubt, type Bad } from './faults'
import { newTemporary } from './names'
import { place, wordOf } from './place'
import { put, putOnce, type Write } from './put'
import { replaceFile } from './replace'
import { moveTo, removeQuietly } from './tries'
import { whileAt } from './versions'

/** Bytes from which a clash or a missing parent is looked for before they are sent. */
const large = 1024 * 1024
/** Looks for what was written, and milliseconds between two. */
const patience = 5
const briefly = 50

/** A large body is not sent to be refused. */
const lookAhead = ({ dav, target, source, signal }: Write): Answered<void> => {
  if (source.size < large) return TE.right(undefined)
  const { path } = target
  return pipe(
    dav.looks.find(path, signal),
    TE.flatMap((found): Answered<Bad | undefined> => {
      if (found === undefined) return dav.looks.blocker(path, signal)
      const word = wordOf(target)
      const clash = word === 'refuse' || (word === 'replace' && found.kind !== 'file')
      return TE.right(clash ? nameConflict({ existing: found }) : undefined)
    }),
    TE.flatMap((fault): Answered<void> => (fault === undefined ? TE.right(undefined) : TE.left(fault))),
  )
}

/** The server may come to a PUT that was broken off only after its file was removed. */
const removeBrokenOff = async (dav: Dav, temporary: DrivePath): Promise<void> => {
  const { delay = defaultDelay } = dav.surroundings
  const signal = ownSignal()
  for (let looks = 1; looks <= patience; looks++) {
    if (!(await removeQuietly(dav, temporary, signal))) return
    await delay(briefly * looks, signal)
    const found = await dav.looks.find(temporary, signal)()
    if (looks > 1 && (E.isLeft(found) || found.right === undefined)) return
  }
}

const State = t.strict({ temporary: t.string }, 'UploadState')

const viaTemporary =
  (write: Write): Answered<Placed> =>
  async () => {
    const { dav, target, how, signal } = write
    const temporary = newTemporary(target.path)
    const noted = await how.onCheckpoint({ temporary })()
    if (E.isLeft(noted)) return noted
    const sent = await put(write, temporary, {}, signal)()
    const from = { path: temporary, directory: false }
    const means = {
      take: (to: DrivePath) => moveTo(dav, from, to, signal),
      replace: (to: DrivePath) => replaceFile(dav, temporary, to, signal),
    }
    const placed = E.isLeft(sent) ? sent : await place(dav, target, means, signal)()
    // Where the parent is missing nothing can have been left.
    const nothing = E.isLeft(sent) && (sent.left._tag === 'NotFound' || sent.left._tag === 'WrongKind')
    const brokenOff = E.isLeft(sent) && sent.left.http === undefined
    if (brokenOff && !nothing) await removeBrokenOff(dav, temporary)
    else if (E.isLeft(placed) && !nothing) await removeQuietly(dav, temporary, ownSignal())
    return placed
  }

/** After a 5xx or a lost answer to a PUT in place nobody knows, even if it was sent again. */
const uncertain = (fault: Bad): Bad =>
  leavesDoubt(fault) && fault._tag !== 'Aborted'
    ? indeterminate({ check: 'whether the file is there, with these bytes' })
    : fault

/** PUT to a directory is refused (RFC 4918, 9.7.2), so only files are replaced. */
const replaceDirectly = (write: Write): Answered<Placed> => {
  const { target, how, signal, dav } = write
  const { path } = target
  const placed = (replaced: Pick<Placed, 'replaced'>): Placed => ({ path, how: 'as-asked', ...replaced })
  const { ifVersion } = how
  if (ifVersion === undefined)
    return pipe(
      put(write, path, {}, signal),
      TE.mapLeft(uncertain),
      // Apache and sabre say 201 of a new file and 204 of an old one, servers in Go always 201.
      TE.map(({ status }) => placed(status === 204 ? { replaced: true } : {})),
    )
  return whileAt(
    dav,
    path,
    ifVersion,
    pipe(
      put(write, path, { 'if-match': ifVersion }, signal),
      TE.mapLeft(uncertain),
      TE.map(() => placed({ replaced: true })),
    ),
    signal,
  )
}

/** What would be replaced has this version, or nothing is to be replaced: told before the name is tried. */
const versionFirst = ({ dav, target, how, signal }: Write): Answered<void> =>
  how.ifVersion === undefined
    ? TE.right(undefined)
    : whileAt(dav, target.path, how.ifVersion, TE.right(undefined), signal)

const placed = (write: Write): Answered<Placed> => {
  const { dav, target } = write
  if (dav.server.atomicPut !== true) return viaTemporary(write)
  const word = wordOf(target)
  if (word === 'replace') return dav.alone(target.path, replaceDirectly(write))
  const sent =
    dav.server.ifNoneMatch === true
      ? place(dav, target, { take: (to) => putOnce(write, to), replace: () => TE.left(nameConflict()) }, write.signal)
      : viaTemporary(write)
  return pipe(
    versionFirst(write),
    TE.flatMap(() => sent),
  )
}

/** For the length of a request others may have set it aside, to replace it. It stands, so an abort that comes now is too late. */
const seenAgain =
  ({ dav, signal }: Write, path: DrivePath): Answered<Entry> =>
  async () => {
    for (let looks = 1; ; looks++) {
      const found = await dav.looks.find(path, ownSignal())()
      if (E.isLeft(found)) return found
      if (found.right !== undefined) return E.right(found.right)
      if (looks >= patience) return E.left(indeterminate({ check: 'the file: it was written, and is not there' }))
      await (dav.surroundings.delay ?? defaultDelay)(briefly, signal)
    }
  }

const written = (write: Write, { path, ...how }: Placed): Answered<Written> =>
  pipe(
    seenAgain(write, path),
    TE.flatMapEither((entry): E.Either<Bad, Written> => {
      if (entry.kind !== 'file') return E.left(wrongKind({ expected: 'file' }))
      // Others wrote there meanwhile, or the server kept other bytes.
      if (entry.size !== write.source.size)
        return E.left(indeterminate({ check: 'the file: it has another size than was sent' }))
      return E.right({ ...entry, ...how, evidence: 'size' })
    }),
  )

export const writeFile =
  (dav: Dav): Always['writeFile'] =>
  (path, source, how, { signal }) => {
    const write: Write = { dav, target: { path, conflict: how.conflict, kind: 'file' }, source, how, signal }
    return pipe(
      how.resume === undefined ? TE.right(undefined) : abandonUpload(dav)(how.resume, { signal, wait: true }),
      TE.flatMap(() => lookAhead(write)),
      TE.flatMap(() => placed(write)),
      TE.flatMap((place) => written(write, place)),
    )
  }

/** Nothing is kept of an upload that failed; this removes the temporary of a process that died. */
export const abandonUpload =
  (dav: Dav): Always['abandonUpload'] =>
  (state, { signal }) => {
    const decoded = State.decode(state)
    if (E.isLeft(decoded)) return TE.left(notFound({ what: 'upload' }))
    return pipe(
      dav.api.remove(decoded.right.temporary as DrivePath, undefined, signal),
      TE.map(() => undefined),
      TE.orElse((fault): Answered<void> => (fault._tag === 'NotFound' ? TE.right(undefined) : TE.left(fault))),
    )
  }
