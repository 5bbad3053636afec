// writeFile: straight to its name where the server's PUT is atomic, else under a temporary name that is then moved.
import {
  indeterminate,
  nameConflict,
  notFound,
  wrongKind,
  type Always,
  type Answered,
  type DrivePath,
  type Placed,
  type UploadSource,
  type WriteHow,
  type Written,
} from '@anydrive/core'
import type { HttpBody, HttpResponse } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import * as t from 'io-ts'
import { pipeline, Transform } from 'node:stream'
import { lasting, ownSignal, type Dav } from './context'
import { isWorthALook, leavesDoubt, type Bad } from './faults'
import { newTemporary } from './names'
import { place, wordOf, type Target } from './place'
import { replaceFile } from './replace'
import { moveTo, removeQuietly, tried, type Seen, type Tried } from './tries'
import { whileAt } from './versions'

interface Write {
  readonly dav: Dav
  readonly target: Target
  readonly source: UploadSource
  readonly how: WriteHow
  readonly signal: AbortSignal
}

/** Bytes from which a clash or a missing parent is looked for before they are sent. */
const large = 1024 * 1024

const bodyOf = ({ source, how }: Write): HttpBody => ({
  stream: (signal) =>
    pipe(
      source.open({ start: 0, end: source.size }, signal),
      TE.map((stream) => {
        let bytes = 0
        const counted = new Transform({
          transform: (chunk: Buffer, _encoding, done) => {
            bytes += chunk.length
            how.onProgress(bytes)
            done(null, chunk)
          },
        })
        return pipeline(stream, counted, () => undefined)
      }),
    ),
  size: source.size,
  type: how.contentType ?? false,
})

/** As ownCloud and Nextcloud document them; others ignore them. */
const extras = ({ source, how }: Write): Record<string, string | undefined> => {
  const { modifiedAt } = how
  const { sha1, md5 } = source.checksums ?? {}
  const known = modifiedAt !== undefined && !Number.isNaN(modifiedAt.getTime())
  return {
    'x-oc-mtime': known ? String(Math.floor(modifiedAt.getTime() / 1000)) : undefined,
    'oc-checksum': sha1 !== undefined ? `SHA1:${sha1}` : md5 === undefined ? undefined : `MD5:${md5}`,
  }
}

/** What a refused PUT is about: a directory of that name, or something in its way. */
const refusal = ({ dav }: Write, path: DrivePath, fault: Bad, signal: AbortSignal): Answered<HttpResponse> =>
  !isWorthALook(fault) || fault._tag === 'PreconditionFailed'
    ? TE.left(fault)
    : pipe(
        dav.looks.find(path, signal),
        TE.flatMap((found) =>
          found !== undefined && found.kind !== 'file'
            ? TE.right<Bad, Bad | undefined>(nameConflict({ existing: found }))
            : dav.looks.blocker(path, signal),
        ),
        TE.flatMap((named) => TE.left<Bad, HttpResponse>(named ?? fault)),
      )

/** Sent again, it replaces itself. */
const put = (write: Write, path: DrivePath, headers: Record<string, string | undefined>, signal: AbortSignal) =>
  pipe(
    write.dav.api.put(
      { path, body: bodyOf(write), headers: { ...extras(write), ...headers }, repeat: 'idempotent' },
      signal,
    ),
    TE.orElse((fault) => refusal(write, path, fault, lasting(signal))),
  )

/** Only if the name is free. After a lost answer, what has come to stand there with our size is ours. */
const putOnce = (write: Write, path: DrivePath): Answered<Tried> => {
  const { dav, source, signal } = write
  const headers = { ...extras(write), 'if-none-match': '*' }
  const see = (sure: boolean, its: AbortSignal): Answered<Seen> =>
    pipe(
      dav.looks.find(path, its),
      TE.flatMap((found): Answered<Seen> => {
        if (found === undefined)
          return pipe(
            dav.looks.blocker(path, its),
            TE.map((fault) => (fault === undefined ? 'absent' : { fault })),
          )
        const ours = !sure && found.kind === 'file' && found.size === source.size && wordOf(write.target) === 'refuse'
        return TE.right(ours ? 'done' : sure || found.kind !== 'file' ? 'taken' : 'unknown')
      }),
    )
  return dav.alone(
    path,
    tried(
      dav,
      {
        call: dav.api.put({ path, body: bodyOf(write), headers, repeat: 'guarded' }, signal),
        see,
        check: 'whether the file is there, with these bytes',
      },
      signal,
    ),
  )
}

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
    TE.flatMap((fault) => (fault === undefined ? TE.right<Bad, void>(undefined) : TE.left(fault))),
  )
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
    if (E.isLeft(placed) && !nothing) await removeQuietly(dav, temporary, ownSignal())
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

const written = ({ dav, source, signal }: Write, { path, ...how }: Placed): Answered<Written> =>
  pipe(
    dav.looks.stat(path, lasting(signal)),
    TE.flatMapEither((entry): E.Either<Bad, Written> => {
      if (entry.kind !== 'file') return E.left(wrongKind({ expected: 'file' }))
      // Others wrote there meanwhile, or the server kept other bytes.
      if (entry.size !== source.size)
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
