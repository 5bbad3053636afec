// The requests that change something, each through `attempt`: onto a free name, or away from one.
import {
  aborted,
  defined,
  mayHaveHappened,
  nameConflict,
  notFound,
  taskFailed,
  unavailable,
  withoutEffect,
  type Answered,
  type DrivePath,
  type Entry,
  type RawOutcome,
} from '@anydrive/core'
import {
  attempt,
  findingOfCreated,
  mapLimit,
  withGracePeriod,
  type Attempt,
  type Failure,
  type Finding,
  type Sent,
} from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Place } from './api'
import type { Dav } from './client'
import { find, findOrObstacle, type Found } from './entries'
import { isAmbiguous } from './errors'
import { namesIn } from './listing'
import { isSameEntry } from './translate'

/** An entry under a name that only this call knows, or one as it was seen before the request. */
export type Known = Entry | 'temporary'

export interface Change<A, S> extends Pick<Attempt<A, S>, 'lookup' | 'proof'> {
  readonly request: (signal: AbortSignal) => Answered<A>
  /** What a refusal is about, where its status does not say: that differs from server to server. */
  readonly reason: (fault: Failure, sent: Sent, signal: AbortSignal) => Answered<Failure | undefined>
  /** `if-not-done` unless given. */
  readonly repeat?: Attempt<A, S>['repeat'] | undefined
  readonly paths: ReadonlyArray<DrivePath>
  /** A short request is not sent after an abort, but once it was sent its response is awaited for the grace period. */
  readonly isShort: boolean
}

/**
 * Sends a request through `attempt`. A refusal without a reason is repeated once, since what was in the way may be gone. After an earlier request of
 * unknown outcome, `attempt` looks up both instead.
 */
export const change = <A, S>(
  dav: Dav,
  { request, reason, repeat = 'if-not-done', lookup, proof, paths, isShort }: Change<A, S>,
  signal: AbortSignal,
): Answered<A> => {
  const explained =
    (sent: Sent, its: AbortSignal): Answered<A> =>
    async () => {
      for (let n = 1; ; n++) {
        const result = await request(its)()
        if (E.isRight(result) || mayHaveHappened(result.left) || !isAmbiguous(result.left)) return result
        if (sent.unknown && lookup !== undefined) return result
        const fault = result.left
        const found = await withGracePeriod(its, (later) => reason(fault, sent, later))()
        if (E.isRight(found) && found.right !== undefined) return E.left(found.right)
        if (fault._tag === 'PreconditionFailed') return E.left(nameConflict())
        if (n === 2) return result
      }
    }
  const send = (sent: Sent): Answered<A> => {
    if (!isShort) return explained(sent, signal)
    return signal.aborted
      ? TE.left(aborted({ effect: 'none' }))
      : withGracePeriod(signal, (later) => explained(sent, later))
  }
  const check = paths.map((path) => `/${path}`).join(' and ')
  return attempt({ send, repeat, lookup, proof, check, signal, timers: dav.timers })
}

/** What is at the new name, or keeps an entry from being created there. */
export const reasonAt = (dav: Dav, to: DrivePath, signal: AbortSignal): Answered<Failure | undefined> =>
  pipe(
    findOrObstacle(dav, to, signal),
    TE.map(({ entry, obstacle }) => (entry === undefined ? obstacle : nameConflict({ existing: entry }))),
  )

const done: Finding<undefined> = { is: 'done', value: undefined }
const noSource = notFound({ what: 'source' })

interface Ends {
  readonly source: Entry | undefined
  readonly target: Found
}
/** The source is looked up again where both exist, since a move may have happened between the lookups. */
const endsOf = (dav: Dav, from: DrivePath, to: DrivePath, signal: AbortSignal): Answered<Ends> =>
  pipe(
    TE.Do,
    TE.bind('source', () => find(dav, from, signal)),
    TE.bind('target', () => findOrObstacle(dav, to, signal)),
    TE.flatMap(({ source, target }) =>
      source === undefined || target.entry === undefined
        ? TE.right<Failure, Ends>({ source, target })
        : TE.map((again: Entry | undefined): Ends => ({ source: again, target }))(find(dav, from, signal)),
    ),
  )

/** Whether the service created or wrote this entry before the request was sent. A copy or a move may keep the modification time of its source. */
export const existedBefore = ({ clock }: Dav, found: Entry, source: Known | undefined, { at }: Sent): boolean => {
  if (clock.compare(found.createdAt, at) === 'before') return true
  const kept = source === 'temporary' || source?.modifiedAt?.getTime() === found.modifiedAt?.getTime()
  return !(source !== undefined && kept) && clock.compare(found.modifiedAt, at) === 'before'
}

/**
 * What a refused move or copy is about. 412 says that the name is taken; after another refusal of a directory's transfer, an entry at the target that did
 * not exist before is what was done of it.
 */
const reasonOf =
  (dav: Dav, from: Place, to: DrivePath, known: Known): Change<unknown, unknown>['reason'] =>
  (fault, sent, signal) =>
    fault._tag === 'PreconditionFailed'
      ? reasonAt(dav, to, signal)
      : pipe(
          endsOf(dav, from.path, to, signal),
          TE.map(({ source, target: { entry, obstacle } }) => {
            if (source === undefined) return noSource
            if (entry === undefined) return obstacle
            const isItself = from.path === to || (known !== 'temporary' && isSameEntry(known, entry))
            const isPart =
              from.directory && entry.kind === 'directory' && !isItself && !existedBefore(dav, entry, known, sent)
            return isPart ? taskFailed({ partial: to, said: fault._tag }) : nameConflict({ existing: entry })
          }),
        )

export const free = ({ obstacle }: Found): Finding<never> =>
  obstacle === undefined ? { is: 'not-done' } : { is: 'refused', fault: obstacle }

const findingOfMove =
  (dav: Dav, known: Known) =>
  ({ source, target }: Ends, sent: Sent): Finding<unknown> => {
    const found = target.entry
    if (found === undefined) return source === undefined ? { is: 'unproven' } : free(target)
    const isOurs = known === 'temporary' ? source === undefined : isSameEntry(known, found)
    const isGone = source === undefined || (known !== 'temporary' && !isSameEntry(known, source))
    if (isOurs && isGone) return done
    if (source !== undefined && !isOurs && existedBefore(dav, found, known, sent))
      return { is: 'refused', fault: nameConflict({ existing: found }) }
    return { is: 'unproven', found, likely: source === undefined ? 'done' : 'not-done' }
  }

/** Moves to a name that is free: `NameConflict` where it is taken, `NotFound('source')` where the entry is gone. */
export const moveTo = (dav: Dav, from: Place, to: DrivePath, known: Known, signal: AbortSignal): Answered<unknown> =>
  change(
    dav,
    {
      request: (its) => dav.api.move(from, { path: to, directory: from.directory }, its),
      reason: reasonOf(dav, from, to, known),
      lookup: (its) => endsOf(dav, from.path, to, its),
      proof: findingOfMove(dav, known),
      paths: [from.path, to],
      isShort: true,
    },
    signal,
  )

const findingOfCopy =
  (dav: Dav, original: Entry, isTemporary: boolean) =>
  ({ source, target }: Ends, sent: Sent): Finding<unknown> => {
    const found = target.entry
    if (found === undefined) return source === undefined ? { is: 'refused', fault: noSource } : free(target)
    if (!isTemporary && existedBefore(dav, found, original, sent))
      return { is: 'refused', fault: nameConflict({ existing: found }) }
    const isWhole = found.kind === 'file' && original.kind === 'file' && found.size === original.size
    if (!isWhole) return { is: 'unproven', found }
    if (isTemporary) return done
    return findingOfCreated(dav.clock, { found, created: found.createdAt, value: undefined }, sent)
  }

/** Copies to a name that is free: `NameConflict` where it is taken. `isTemporary`: only this call knows the name. */
export const copyTo = (
  dav: Dav,
  from: Place,
  to: DrivePath,
  { original, isTemporary = false }: { readonly original: Entry; readonly isTemporary?: boolean },
  signal: AbortSignal,
): Answered<unknown> =>
  change(
    dav,
    {
      request: (its) => dav.api.copy(from, { path: to, directory: from.directory }, its),
      reason: reasonOf(dav, from, to, original),
      lookup: (its) => endsOf(dav, from.path, to, its),
      proof: findingOfCopy(dav, original, isTemporary),
      paths: [to],
      isShort: false,
    },
    signal,
  )

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
export const createDirAt = (dav: Dav, at: DrivePath, isTemporary: boolean, signal: AbortSignal): Answered<unknown> =>
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

/** Removes with everything below. `wasSeen`: this call has seen the entry, so that if it is gone after an unknown outcome, it is removed. */
export const removeAt = (
  dav: Dav,
  path: DrivePath,
  { ifVersion, wasSeen }: { readonly ifVersion?: string | undefined; readonly wasSeen: boolean },
  signal: AbortSignal,
): Answered<unknown> =>
  change(
    dav,
    {
      request: (its) => dav.api.remove(path, ifVersion, its),
      reason: (fault, _, its) =>
        fault._tag === 'PreconditionFailed'
          ? TE.right(fault)
          : TE.map((found: Entry | undefined) => (found === undefined ? noSource : undefined))(find(dav, path, its)),
      lookup: (its) => find(dav, path, its),
      proof: (found): Finding<unknown> => {
        if (found !== undefined) return { is: 'not-done' }
        return wasSeen ? done : { is: 'unproven', likely: 'done' }
      },
      paths: [path],
      isShort: true,
    },
    signal,
  )

/** Removes a temporary entry, even after an abort. False where it may still exist. */
export const removeTemporary = async (dav: Dav, path: DrivePath, signal: AbortSignal): Promise<boolean> => {
  const removed = await withGracePeriod(signal, (later) =>
    change(
      dav,
      {
        request: (its) => dav.api.remove(path, undefined, its),
        reason: (fault) => TE.right(fault),
        repeat: 'always',
        paths: [path],
        isShort: true,
      },
      later,
    ),
  )()
  const isGone = E.isRight(removed) || removed.left._tag === 'NotFound'
  if (!isGone) dav.log({ name: 'temporary left', fault: removed.left._tag })
  return isGone
}

/** The result of a step under a temporary name: whatever it did is not visible at the name that the caller wants. */
export const ofTemporary = <A>(step: Answered<A>, signal: AbortSignal): Answered<A> =>
  TE.mapLeft((fault: Failure): Failure => {
    if (fault._tag !== 'Indeterminate' && fault._tag !== 'TaskFailed') return withoutEffect(fault)
    if (signal.aborted) return aborted({ effect: 'none' })
    return unavailable({ effect: 'none', ...defined({ http: fault.http, code: fault.code, said: fault.said }) })
  })(step)

/** Items at once: the limits of a server are not known. */
const concurrency = 4

/** One outcome an item. Items never touch each other's paths; after an abort the remaining ones are not attempted. */
export const eachItem = async <I, A extends object>(
  items: ReadonlyArray<I>,
  signal: AbortSignal,
  run: (item: I) => Answered<A>,
): Promise<E.Either<Failure, ReadonlyArray<RawOutcome<A>>>> =>
  E.right(
    await mapLimit(items, concurrency, async (item): Promise<RawOutcome<A>> => {
      if (signal.aborted) return { status: 'failed', fault: aborted({ effect: 'none' }), attempted: false }
      const result = await run(item)()
      return E.isRight(result)
        ? { status: 'done', ...result.right }
        : { status: 'failed', fault: result.left, attempted: true }
    }),
  )
