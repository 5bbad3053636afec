// writeFile: straight to the name where the server's PUT is atomic, otherwise under a temporary name that is then moved.
import type { DrivePath, Entry, Placed, UploadSource, Written } from '@anydrive/core'
import {
  defined,
  nameConflict,
  notFound,
  wrongKind,
  type RequiredOperations,
  type RawResult,
  type WriteHow,
} from '@anydrive/core/adapter'
import type { HttpBody, HttpResponse } from '@anydrive/http'
import {
  findingOfCreated,
  passThrough,
  unknownOutcome,
  withGracePeriod,
  type Failure,
  type Finding,
  type Repeat,
  type Sent,
} from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { change, existedBefore, moveTo, ofTemporary, reasonAt } from './changes'
import type { Dav } from './client'
import { find, findOrObstacle, obstacle, whileAt, type Found } from './entries'
import { isMissing } from './errors'
import { neverReplace, place, replaceBy, temporaryBeside, wordOf, type Target } from './place'
import { lengthOf } from './read'
import { abandonUpload, removeTemporary } from './remove'

type Result<A> = Promise<E.Either<Failure, A>>

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
  return {
    'x-oc-mtime': modifiedAt && String(Math.floor(modifiedAt.getTime() / 1000)),
    'oc-checksum': sha1 !== undefined ? `SHA1:${sha1}` : md5 === undefined ? undefined : `MD5:${md5}`,
  }
}

interface Put {
  readonly condition?: { readonly 'if-none-match': '*' } | { readonly 'if-match': string } | undefined
  readonly repeat?: Repeat | undefined
  /** Without it nothing is found out in the end: only this call knows the name. */
  readonly proof?: ((found: Entry | undefined, sent: Sent) => Finding<undefined>) | undefined
}

/**
 * Sends the bytes. A refusal is about an entry of another kind, or about what is above the name: there is nothing else that a PUT could miss. nginx answers
 * 500 where the parent is missing, so what is above the name is looked up before a PUT is repeated.
 */
const put = (write: Write, path: DrivePath, { condition, repeat, proof }: Put): RawResult<HttpResponse | undefined> => {
  const { dav, signal } = write
  const headers = { ...extraHeaders(write), ...condition }
  const ofTarget = ({ entry, obstacle: why }: Found, fault: Failure): Failure | undefined => {
    if (entry !== undefined && entry.kind !== 'file') return nameConflict({ existing: entry })
    return why ?? (isMissing(fault) ? { ...fault, ...notFound({ what: 'parent' }) } : undefined)
  }
  return change<HttpResponse | undefined, Found>(
    dav,
    {
      request: (its, sent) =>
        pipe(
          dav.api.put({ path, body: bodyOf(write), headers }, its),
          // The status of a repeated request says whether it replaced what the first one wrote.
          TE.map((response) => (sent.unknown ? undefined : response)),
          TE.orElse((fault) =>
            fault.http !== 500
              ? TE.left(fault)
              : pipe(
                  withGracePeriod(its, (later) => obstacle(dav, path, later)),
                  TE.flatMap((why) => TE.left(why ?? fault)),
                ),
          ),
        ),
      reason: (fault, _, its) => {
        if (fault._tag === 'PreconditionFailed')
          return condition !== undefined && 'if-none-match' in condition ? reasonAt(dav, path, its) : TE.right(fault)
        return TE.map((found: Found) => ofTarget(found, fault))(findOrObstacle(dav, path, its))
      },
      repeat,
      lookup: proof === undefined ? undefined : (its) => findOrObstacle(dav, path, its),
      proof: ({ entry, obstacle: why }, sent) => {
        if (why !== undefined) return { is: 'refused', fault: why }
        return proof === undefined ? { is: 'unproven' } : proof(entry, sent)
      },
      paths: [path],
      isShort: false,
    },
    signal,
  )
}

const isWhole = ({ source }: Write, found: Entry | undefined): boolean =>
  found?.kind === 'file' && found.size === source.size

/** Another writer may have written what is found, even if it has the right size. */
const unproven = (write: Write, found: Entry | undefined): Finding<never> => ({
  is: 'unproven',
  found,
  likely: isWhole(write, found) ? 'done' : 'not-done',
})

/** Replaces what is at the path, so it may be repeated. */
const putOver = (write: Write, path: DrivePath): RawResult<HttpResponse | undefined> =>
  put(write, path, { repeat: 'always', proof: (found) => unproven(write, found) })

/** Only over this version. */
const putOverVersion = (write: Write, path: DrivePath, ifVersion: string): RawResult<unknown> =>
  put(write, path, {
    condition: { 'if-match': ifVersion },
    proof: (found) =>
      found?.kind === 'file' && found.version === ifVersion ? { is: 'not-done' } : unproven(write, found),
  })

/** Only if the name is free, otherwise `NameConflict`. */
const putOnce = (write: Write, path: DrivePath): RawResult<unknown> =>
  put(write, path, {
    condition: { 'if-none-match': '*' },
    proof: (found, sent) => {
      if (found === undefined) return { is: 'not-done' }
      if (found.kind !== 'file' || existedBefore(write.dav, found, 'temporary', sent))
        return { is: 'refused', fault: nameConflict({ existing: found }) }
      return isWhole(write, found)
        ? findingOfCreated(write.dav.clock, { found, created: found.createdAt, value: undefined }, sent)
        : unproven(write, found)
    },
  })

/** Bytes from which a conflict or a missing parent is looked up before they are sent. */
const large = 1024 * 1024

/** A large body is not sent to be refused. */
const conflictBefore = ({ dav, target, source, signal }: Write): RawResult<void> =>
  source.size < large
    ? TE.right(undefined)
    : pipe(
        findOrObstacle(dav, target.path, signal),
        TE.flatMap(({ entry, obstacle: why }): RawResult<void> => {
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
  (write: Write): RawResult<Placed> =>
  async (): Result<Placed> => {
    const { dav, target, how, signal } = write
    const temporary = temporaryBeside(target.path)
    const noted = await how.onCheckpoint({ temporary })()
    if (E.isLeft(noted)) return noted
    const sent = await ofTemporary(put(write, temporary, { repeat: 'always' }), signal)()
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
const writeOver = (write: Write): RawResult<Placed> => {
  const { dav, target, how, signal } = write
  const { path } = target
  const { ifVersion } = how
  return ifVersion === undefined
    ? pipe(
        putOver(write, path),
        // Apache and sabre answer 201 for a new file and 204 for an old one, servers in Go always 201.
        TE.map((response): Placed => ({
          path,
          how: 'as-asked',
          ...(response?.status === 204 ? { replaced: true } : {}),
        })),
      )
    : pipe(
        whileAt(dav, path, ifVersion, putOverVersion(write, path, ifVersion), signal),
        TE.map((): Placed => ({ path, how: 'as-asked', replaced: true })),
      )
}

const written = (write: Write): RawResult<Placed> => {
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
  ({ dav, source, signal }: Write, { path, ...how }: Placed): RawResult<Written> =>
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
      const size = entry === undefined ? undefined : (entry.size ?? (await lengthOf(dav, path, signal)))
      // Others wrote there meanwhile, or the server kept other bytes.
      return entry !== undefined && size === source.size
        ? E.right({ ...entry, size, ...how, evidence: 'size' })
        : E.left(unknownOutcome(`/${path}`, undefined, defined({ found: entry })))
    }
  }

export const writeFile =
  (dav: Dav): RequiredOperations['writeFile'] =>
  (path, source, how, { signal }) => {
    const write: Write = { dav, target: { path, conflict: how.conflict, kind: 'file' }, source, how, signal }
    return pipe(
      how.resume === undefined ? TE.right(undefined) : abandonUpload(dav)(how.resume, { signal, wait: true }),
      TE.flatMap(() => conflictBefore(write)),
      TE.flatMap(() => written(write)),
      TE.flatMap((placed) => confirmed(write, placed)),
    )
  }
