// stat, list, createDir and usage.
import {
  nameConflict,
  nameOf,
  root,
  type Always,
  type Answered,
  type DirEntry,
  type Made,
  type Optional,
  type Placed,
  type Usage,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { ownSignal, type Dav } from './context'
import type { Bad } from './faults'
import { newTemporary } from './names'
import { place, wordOf, type Target } from './place'
import { makeDirAt, moveTo, removeQuietly } from './tries'

export const stat =
  ({ looks }: Dav): Always['stat'] =>
  (path, { signal }) =>
    looks.stat(path, signal)

export const list =
  ({ listings }: Dav): Always['list'] =>
  (path, page, { signal }) =>
    listings.page(path, page, signal)

/** A directory replaces nothing. */
const never = (): Answered<Placed> => TE.left(nameConflict())

/** MKCOL says 201 of what stands already on some servers: made under a name that nobody else has, then moved. */
const viaTemporary =
  (dav: Dav, target: Target, signal: AbortSignal): Answered<Placed> =>
  async () => {
    const temporary = newTemporary(target.path)
    const made = await makeDirAt(dav, temporary, true, signal)()
    const placed: E.Either<Bad, Placed> = E.isLeft(made)
      ? made
      : await place(
          dav,
          target,
          { take: (to) => moveTo(dav, { path: temporary, directory: true }, to, signal), replace: never },
          signal,
        )()
    const doubtful = E.isLeft(made) && made.left._tag === 'NotFound'
    if (E.isLeft(placed) && !doubtful) await removeQuietly(dav, temporary, ownSignal())
    return placed
  }

const directly = (dav: Dav, target: Target, signal: AbortSignal): Answered<Placed> =>
  place(dav, target, { take: (at) => makeDirAt(dav, at, wordOf(target) === 'refuse', signal), replace: never }, signal)

export const createDir =
  (dav: Dav): Always['createDir'] =>
  (path, { conflict }, { signal }) => {
    const target: Target = { path, conflict, kind: 'directory' }
    return pipe(
      dav.server.mkcolRefuses === true ? directly(dav, target, signal) : viaTemporary(dav, target, signal),
      TE.map((placed): Made<DirEntry> => ({ kind: 'directory', name: nameOf(placed.path), ...placed })),
    )
  }

/** ownCloud and Nextcloud tell of unlimited space by a negative number. */
const bytesIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined

/** RFC 4331; a server that does not tell leaves it out. */
export const usage =
  ({ api }: Dav): Optional['usage'] =>
  ({ signal }) =>
    pipe(
      api.look(root, 'quota', signal),
      TE.map(({ properties }): Usage => {
        const used = bytesIn(properties['quota-used-bytes'])
        const available = bytesIn(properties['quota-available-bytes'])
        return {
          ...(used === undefined ? {} : { used }),
          ...(used === undefined || available === undefined ? {} : { capacity: used + available }),
        }
      }),
    )
