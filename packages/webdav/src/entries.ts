// Looking up entries: stat, usage, what is at a path, and what prevents an entry from being created there.
import { ancestorsOf, root, type DrivePath, type Entry, type Usage } from '@anydrive/core'
import {
  defined,
  notFound,
  preconditionFailed,
  wrongKind,
  type RequiredOperations,
  type RawResult,
  type OptionalOperations,
} from '@anydrive/core/adapter'
import type { Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Dav } from './client'
import { isMissing } from './errors'
import type { ServerTraits } from './settings'
import { toEntry } from './translate'
import type { PropertySet } from './wire'

export const propertiesOf = ({ ownCloud }: ServerTraits): PropertySet =>
  ownCloud === true ? 'ownCloud entry' : 'entry'

/** Statuses that servers answer for a path below a file instead of 404 (docs/wire/webdav.md, statuses). */
const isVague = ({ http = 0 }: Failure): boolean => [400, 403, 405, 409].includes(http)

const entryAt = ({ api, server }: Dav, path: DrivePath, signal: AbortSignal): RawResult<Entry> =>
  pipe(
    api.stat(path, propertiesOf(server), signal),
    TE.map((response) => toEntry(path, response)),
  )

/**
 * Why nothing can be created at a path: a file above it (`WrongKind`), or the first directory that is missing (`NotFound('parent')`).
 * Undefined where the parent exists, or the server does not say.
 */
export const obstacle =
  (dav: Dav, path: DrivePath, signal: AbortSignal): RawResult<Failure | undefined> =>
  async () => {
    let missing: DrivePath | undefined
    for (const dir of [...ancestorsOf(path)].reverse()) {
      if (dir === root) break
      const found = await entryAt(dav, dir, signal)()
      if (E.isRight(found) && found.right.kind !== 'directory')
        return E.right(wrongKind({ expected: 'directory', at: dir }))
      if (E.isRight(found)) break
      if (!isMissing(found.left) && !isVague(found.left)) return found
      missing = dir
    }
    return E.right(missing === undefined ? undefined : notFound({ what: 'parent', at: missing }))
  }

/** As `stat` of the drive; `NotFound('space')` for a root that is missing. */
export const lookup =
  (dav: Dav, path: DrivePath, signal: AbortSignal): RawResult<Entry> =>
  async () => {
    const found = await entryAt(dav, path, signal)()
    if (E.isRight(found)) return found
    const fault = found.left
    if (isMissing(fault)) return E.left({ ...fault, ...notFound({ what: path === root ? 'space' : 'source' }) })
    if (path === root || !isVague(fault)) return found
    const why = await obstacle(dav, path, signal)()
    if (E.isLeft(why)) return why
    return E.left(why.right === undefined ? fault : notFound({ what: 'source' }))
  }

/** Undefined where there is nothing. */
export const find = (dav: Dav, path: DrivePath, signal: AbortSignal): RawResult<Entry | undefined> =>
  pipe(
    lookup(dav, path, signal),
    TE.orElse((fault): RawResult<Entry | undefined> => (isMissing(fault) ? TE.right(undefined) : TE.left(fault))),
  )

export interface Found {
  /** Undefined where there is nothing. */
  readonly entry: Entry | undefined
  /** Why nothing can be created there; looked up only where there is nothing. */
  readonly obstacle: Failure | undefined
}

export const findOrObstacle = (dav: Dav, path: DrivePath, signal: AbortSignal): RawResult<Found> =>
  pipe(
    find(dav, path, signal),
    TE.flatMap((entry): RawResult<Found> =>
      entry === undefined
        ? pipe(
            obstacle(dav, path, signal),
            TE.map((why) => ({ entry, obstacle: why })),
          )
        : TE.right({ entry, obstacle: undefined }),
    ),
  )

/** Milliseconds after which Apache no longer marks a tag as weak, and requests with `If-Match` for one version. */
const untilStrong = 1100
const attempts = 3

/**
 * Runs a request with `If-Match` while the file has the version. Apache refuses weak tags, which it uses for a second after each change of the file
 * (docs/wire/webdav.md, ETags), so a refusal of the version that a lookup finds is repeated.
 */
export const whileAt =
  <A>(dav: Dav, path: DrivePath, version: string, run: RawResult<A>, signal: AbortSignal): RawResult<A> =>
  async () => {
    for (let n = 1; ; n++) {
      const found = await find(dav, path, signal)()
      if (E.isLeft(found)) return found
      const holds = found.right?.kind === 'file' && found.right.version === version
      if (!holds) return E.left(preconditionFailed())
      const result = await run()
      if (E.isRight(result) || result.left._tag !== 'PreconditionFailed' || n >= attempts) return result
      await dav.timers.delay(untilStrong, signal)
      if (signal.aborted) return result
    }
  }

export const stat =
  (dav: Dav): RequiredOperations['stat'] =>
  (path, { signal }) =>
    lookup(dav, path, signal)

/** ownCloud and Nextcloud use a negative number for unlimited space. */
const bytesIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined

/** RFC 4331; what a server does not have is left out. */
export const usage =
  ({ api }: Dav): OptionalOperations['usage'] =>
  ({ signal }) =>
    pipe(
      api.stat(root, 'quota', signal),
      TE.map(({ properties }): Usage => {
        const used = bytesIn(properties['quota-used-bytes'])
        const available = bytesIn(properties['quota-available-bytes'])
        const capacity = used === undefined || available === undefined ? undefined : used + available
        return defined({ used, capacity })
      }),
    )
