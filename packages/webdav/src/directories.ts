// Creating directories: by MKCOL where the server refuses a taken name, otherwise under a temporary name that is then moved.
import { nameOf, type DirEntry, type DrivePath, type Made, type Placed } from '@anydrive/core'
import { nameConflict, type RequiredOperations, type RawResult } from '@anydrive/core/adapter'
import { findingOfCreated, withGracePeriod, type Failure, type Finding, type Sent } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { change, done, existedBefore, free, moveTo, ofTemporary, reasonAt } from './changes'
import type { Dav } from './client'
import { findOrObstacle, type Found } from './entries'
import { isMissing } from './errors'
import { namesIn } from './listing'
import { neverReplace, place, temporaryBeside, type Target } from './place'
import { removeTemporary } from './remove'

/** A new directory has a creation time after the request, and nothing in it: Apache's creation time is that of the last change. */
const findingOfDirectory =
  (dav: Dav, isTemporary: boolean, signal: AbortSignal) =>
  async (seen: Found, sent: Sent): Promise<Finding<unknown>> => {
    const found = seen.entry
    if (found === undefined) return free(seen)
    if (found.kind === 'directory' && isTemporary) return done
    if (found.kind !== 'directory' || existedBefore(dav, found, undefined, sent))
      return { is: 'refused', fault: nameConflict({ existing: found }) }
    const finding = findingOfCreated(dav.clock, { found, created: found.createdAt, value: undefined }, sent)
    if (finding.is !== 'done') return finding
    const names = await withGracePeriod(signal, (later) => namesIn(dav, found.path, later))()
    return E.isRight(names) && names.right.size === 0 ? finding : { is: 'unproven', found }
  }

/** Creates a directory: `NameConflict` where the name is taken. `isTemporary`: only this call knows the name. */
const createDirAt = (dav: Dav, at: DrivePath, isTemporary: boolean, signal: AbortSignal): RawResult<unknown> =>
  change(
    dav,
    {
      request: (its) => dav.api.mkcol(at, its),
      reason: (_, __, its) => reasonAt(dav, at, its),
      lookup: (its) => findOrObstacle(dav, at, its),
      proof: findingOfDirectory(dav, isTemporary, signal),
      paths: [at],
      isShort: true,
    },
    signal,
  )

/** Some servers answer 201 to MKCOL of an existing directory: a name that nobody else has is then moved. */
const createDirAside =
  (dav: Dav, target: Target, signal: AbortSignal): RawResult<Placed> =>
  async (): Promise<E.Either<Failure, Placed>> => {
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
  (dav: Dav): RequiredOperations['createDir'] =>
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
