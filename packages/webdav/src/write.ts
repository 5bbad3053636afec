// Creating directories and files: straight to the name where the server refuses a taken one, otherwise under a temporary name that is then moved.
import {
  defined,
  nameConflict,
  nameOf,
  notFound,
  wrongKind,
  type Always,
  type Answered,
  type DirEntry,
  type DrivePath,
  type Entry,
  type Made,
  type Placed,
  type UploadSource,
  type WriteHow,
  type Written,
} from '@anydrive/core'
import type { HttpBody, HttpResponse } from '@anydrive/http'
import {
  findingOfCreated,
  passThrough,
  unknownOutcome,
  withGracePeriod,
  type Failure,
  type Finding,
} from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import {
  change,
  createDirAt,
  existedBefore,
  free,
  moveTo,
  ofTemporary,
  reasonAt,
  removeTemporary,
  type Change,
} from './changes'
import type { Dav } from './client'
import { find, findOrObstacle, obstacle, whileAt } from './entries'
import { isMissing } from './errors'
import { neverReplace, place, replaceBy, temporaryBeside, wordOf, type Target } from './place'
import { abandonUpload } from './remove'

type Result<A> = Promise<E.Either<Failure, A>>

/** Some servers answer 201 to MKCOL of an existing directory: a name that nobody else has is then moved. */
const createDirAside =
  (dav: Dav, target: Target, signal: AbortSignal): Answered<Placed> =>
  async (): Result<Placed> => {
    const temporary = temporaryBeside(target.path)
    const created = await ofTemporary(createDirAt(dav, temporary, true, signal), signal)()
    if (E.isLeft(created) && isMissing(created.left)) return created
    const from = { path: temporary, directory: true }
    const take = (to: DrivePath) => moveTo(dav, from, to, 'temporary', signal)
    const placed = E.isLeft(created) ? created : await place(dav, target, { take, replace: neverReplace }, signal)()
    if (E.isLeft(placed)) await removeTemporary(dav, temporary, signal)
    return placed
  }

export const createDir =
  (dav: Dav): Always['createDir'] =>
  (path, { conflict }, { signal }) => {
    const target: Target = { path, conflict, kind: 'directory' }
    const take = (at: DrivePath) => createDirAt(dav, at, false, signal)
    return pipe(
      dav.server.mkcolRefuses === true
        ? place(dav, target, { take, replace: neverReplace }, signal)
        : createDirAside(dav, target, signal),
      TE.map((placed): Made<DirEntry> => ({ kind: 'directory', name: nameOf(placed.path), ...placed })),
    )
  }

interface Write {
  readonly dav: Dav
  readonly target: Target
  readonly source: UploadSource
  readonly how: WriteHow
  readonly signal: AbortSignal
}

const bodyOf = ({ source, how }: Write): HttpBody => ({
  stream: (signal) =>
    pipe(
      source.open({ start: 0, end: source.size }, signal),
      TE.map((stream) => passThrough(stream, { onProgress: how.onProgress })),
    ),
  size: source.size,
  type: how.contentType ?? false,
})

/** As ownCloud and Nextcloud document them; others ignore them. */
const extraHeaders = ({ source, how: { modifiedAt } }: Write): Record<string, string | undefined> => {
  const { sha1, md5 } = source.checksums ?? {}
  const seconds = modifiedAt === undefined ? Number.NaN : Math.floor(modifiedAt.getTime() / 1000)
  return {
    'x-oc-mtime': Number.isNaN(seconds) ? undefined : String(seconds),
    'oc-checksum': sha1 !== undefined ? `SHA1:${sha1}` : md5 === undefined ? undefined : `MD5:${md5}`,
  }
}

/** Why a PUT was refused: an entry of another kind, or what is above the name. There is nothing else that a PUT could miss. */
const reasonOf =
  (dav: Dav, path: DrivePath): Change<unknown, unknown>['reason'] =>
  (fault, _, signal) =>
    fault._tag === 'PreconditionFailed'
      ? TE.right(fault)
      : pipe(
          findOrObstacle(dav, path, signal),
          TE.map(({ entry, obstacle: why }) => {
            if (entry !== undefined && entry.kind !== 'file') return nameConflict({ existing: entry })
            return why ?? (isMissing(fault) ? { ...fault, ...notFound({ what: 'parent' }) } : undefined)
          }),
        )

type Headers = Readonly<Record<string, string | undefined>>

/** nginx answers 500 where the parent is missing, so what is above the name is looked up before a PUT is repeated. */
const send = (write: Write, path: DrivePath, headers: Headers, signal: AbortSignal): Answered<HttpResponse> =>
  pipe(
    write.dav.api.put({ path, body: bodyOf(write), headers: { ...extraHeaders(write), ...headers } }, signal),
    TE.orElse((fault): Answered<HttpResponse> =>
      fault.http !== 500
        ? TE.left(fault)
        : pipe(
            withGracePeriod(signal, (later) => obstacle(write.dav, path, later)),
            TE.flatMap((why) => TE.left(why ?? fault)),
          ),
    ),
  )

const isWhole = ({ source }: Write, found: Entry | undefined): boolean =>
  found?.kind === 'file' && found.size === source.size

/** Replaces what is at the path, so it may be repeated. `isTemporary`: only this call knows the name, so nothing has to be found out in the end. */
const putOver = (write: Write, path: DrivePath, isTemporary: boolean): Answered<HttpResponse> =>
  change(
    write.dav,
    {
      request: (its) => send(write, path, {}, its),
      reason: reasonOf(write.dav, path),
      repeat: 'always',
      lookup: isTemporary ? undefined : (its) => findOrObstacle(write.dav, path, its),
      proof: ({ entry, obstacle: why }): Finding<HttpResponse> =>
        why === undefined
          ? { is: 'unproven', found: entry, likely: isWhole(write, entry) ? 'done' : 'not-done' }
          : { is: 'refused', fault: why },
      paths: [path],
      isShort: false,
    },
    write.signal,
  )

/** Only if the name is free, otherwise `NameConflict`. */
const putOnce = (write: Write, path: DrivePath): Answered<unknown> => {
  const { dav, signal } = write
  return change(
    dav,
    {
      request: (its) => send(write, path, { 'if-none-match': '*' }, its),
      reason: (_, __, its) => reasonAt(dav, path, its),
      lookup: (its) => findOrObstacle(dav, path, its),
      proof: (seen, sent): Finding<unknown> => {
        const found = seen.entry
        if (found === undefined) return free(seen)
        if (found.kind !== 'file' || existedBefore(dav, found, 'temporary', sent))
          return { is: 'refused', fault: nameConflict({ existing: found }) }
        if (!isWhole(write, found)) return { is: 'unproven', found, likely: 'not-done' }
        return findingOfCreated(dav.clock, { found, created: found.createdAt, value: undefined }, sent)
      },
      paths: [path],
      isShort: false,
    },
    signal,
  )
}

/** Only over this version. After an unknown outcome another version at the path may be this call's or another writer's. */
const putOverVersion = (write: Write, path: DrivePath, ifVersion: string): Answered<unknown> =>
  change(
    write.dav,
    {
      request: (its) => send(write, path, { 'if-match': ifVersion }, its),
      reason: reasonOf(write.dav, path),
      lookup: (its) => find(write.dav, path, its),
      proof: (found): Finding<unknown> =>
        found?.kind === 'file' && found.version === ifVersion
          ? { is: 'not-done' }
          : { is: 'unproven', found, likely: isWhole(write, found) ? 'done' : 'not-done' },
      paths: [path],
      isShort: false,
    },
    write.signal,
  )

/** Bytes from which a conflict or a missing parent is looked up before they are sent. */
const large = 1024 * 1024

/** A large body is not sent to be refused. */
const conflictBefore = ({ dav, target, source, signal }: Write): Answered<void> =>
  source.size < large
    ? TE.right(undefined)
    : pipe(
        findOrObstacle(dav, target.path, signal),
        TE.flatMap(({ entry, obstacle: why }): Answered<void> => {
          if (entry === undefined) return why === undefined ? TE.right(undefined) : TE.left(why)
          const word = wordOf(target)
          const conflicts = word === 'refuse' || (word === 'replace' && entry.kind !== 'file')
          return conflicts ? TE.left(nameConflict({ existing: entry })) : TE.right(undefined)
        }),
      )

/** Lookups of an entry that appears late or disappears for a moment, and milliseconds between two. */
const mostLookups = 5
const pause = 50

/** The server may process a PUT that was broken off only after its file was removed. */
const removeBrokenOff = async ({ dav, signal }: Write, temporary: DrivePath): Promise<void> => {
  for (let n = 1; n <= mostLookups; n++) {
    if (!(await removeTemporary(dav, temporary, signal))) return
    await dav.timers.delay(pause * n, signal)
    const found = await withGracePeriod(signal, (later) => find(dav, temporary, later))()
    if (n > 1 && (E.isLeft(found) || found.right === undefined)) return
  }
}

const writeAside =
  (write: Write): Answered<Placed> =>
  async (): Result<Placed> => {
    const { dav, target, how, signal } = write
    const temporary = temporaryBeside(target.path)
    const noted = await how.onCheckpoint({ temporary })()
    if (E.isLeft(noted)) return noted
    const sent = await ofTemporary(putOver(write, temporary, true), signal)()
    const from = { path: temporary, directory: false }
    const steps = {
      take: (to: DrivePath) => moveTo(dav, from, to, 'temporary', signal),
      replace: (to: DrivePath) => replaceBy(dav, { path: temporary, handle: 'temporary' }, to, signal),
    }
    const placed = E.isLeft(sent) ? sent : await place(dav, target, steps, signal)()
    // Where the parent is missing nothing can have been left.
    if (E.isRight(placed) || (E.isLeft(sent) && (isMissing(sent.left) || sent.left._tag === 'WrongKind'))) return placed
    if (E.isLeft(sent) && sent.left.http === undefined) await removeBrokenOff(write, temporary)
    else await removeTemporary(dav, temporary, signal)
    return placed
  }

/** PUT to a directory is refused (RFC 4918, 9.7.2), so only files are replaced. */
const writeOver = (write: Write): Answered<Placed> => {
  const { dav, target, how, signal } = write
  const { path } = target
  const { ifVersion } = how
  return ifVersion === undefined
    ? pipe(
        putOver(write, path, false),
        // Apache and sabre answer 201 for a new file and 204 for an old one, servers in Go always 201.
        TE.map(({ status }): Placed => ({ path, how: 'as-asked', ...(status === 204 ? { replaced: true } : {}) })),
      )
    : pipe(
        whileAt(dav, path, ifVersion, putOverVersion(write, path, ifVersion), signal),
        TE.map((): Placed => ({ path, how: 'as-asked', replaced: true })),
      )
}

const written = (write: Write): Answered<Placed> => {
  const { dav, target, how, signal } = write
  const { atomicPut, ifNoneMatch } = dav.server
  if (atomicPut !== true) return writeAside(write)
  if (wordOf(target) === 'replace') return dav.exclusively(target.path, writeOver(write))
  const steps = { take: (to: DrivePath) => putOnce(write, to), replace: neverReplace }
  const sending = ifNoneMatch === true ? place(dav, target, steps, signal) : writeAside(write)
  return how.ifVersion === undefined
    ? sending
    : pipe(
        whileAt(dav, target.path, how.ifVersion, TE.right(undefined), signal),
        TE.flatMap(() => sending),
      )
}

/**
 * The file that was written. While another writer replaces it, its name is free for a moment. It exists by now, so an abort is too late, and a failed
 * lookup leaves only this in doubt.
 */
const confirmed =
  ({ dav, source, signal }: Write, { path, ...how }: Placed): Answered<Written> =>
  async (): Result<Written> => {
    for (let n = 1; ; n++) {
      const found = await withGracePeriod(signal, (later) => find(dav, path, later))()
      if (E.isLeft(found)) return E.left(unknownOutcome(`/${path}`, found.left, { likely: 'done' }))
      const entry = found.right
      if (entry === undefined && n < mostLookups) {
        await dav.timers.delay(pause, signal)
        continue
      }
      if (entry !== undefined && entry.kind !== 'file') return E.left(wrongKind({ expected: 'file' }))
      // Others wrote there meanwhile, or the server kept other bytes.
      return entry?.size === source.size
        ? E.right({ ...entry, ...how, evidence: 'size' })
        : E.left(unknownOutcome(`/${path}`, undefined, defined({ found: entry })))
    }
  }

export const writeFile =
  (dav: Dav): Always['writeFile'] =>
  (path, source, how, { signal }) => {
    const write: Write = { dav, target: { path, conflict: how.conflict, kind: 'file' }, source, how, signal }
    return pipe(
      how.resume === undefined ? TE.right(undefined) : abandonUpload(dav)(how.resume, { signal, wait: true }),
      TE.flatMap(() => conflictBefore(write)),
      TE.flatMap(() => written(write)),
      TE.flatMap((placed) => confirmed(write, placed)),
    )
  }
