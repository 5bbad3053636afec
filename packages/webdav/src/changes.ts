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

type Changing<A, S> = Pick<Attempt<A, S>, 'send' | 'repeat' | 'lookup' | 'proof' | 'check'>

export const change = <A, S>(dav: Dav, changing: Changing<A, S>, signal: AbortSignal): Answered<A> =>
  attempt({ ...changing, signal, timers: dav.timers })

/** A short request: not sent after an abort, but its response is awaited for the grace period once it was sent. */
export const completed = <A>(signal: AbortSignal, send: (later: AbortSignal) => Answered<A>): Answered<A> =>
  signal.aborted ? TE.left(aborted({ effect: 'none' })) : withGracePeriod(signal, send)

/**
 * Sends a request whose refusal differs from server to server. `reason` looks up what a refusal is about; one without a reason is repeated once, since
 * what was in the way may be gone. After an earlier request of unknown outcome, `attempt` looks up instead.
 */
export const explained =
  <A>(send: Answered<A>, { unknown }: Pick<Sent, 'unknown'>, reason: (fault: Failure) => Answered<Failure | undefined>): Answered<A> =>
  async () => {
    for (let n = 1; ; n++) {
      const result = await send()
      if (E.isRight(result) || unknown || mayHaveHappened(result.left) || !isAmbiguous(result.left)) return result
      const found = await reason(result.left)()
      if (E.isRight(found) && found.right !== undefined) return E.left(found.right)
      if (result.left._tag === 'PreconditionFailed') return E.left(nameConflict())
      if (n === 2) return result
    }
  }

/** What is at the new name, or keeps an entry from being created there. */
const reasonAt = (dav: Dav, to: DrivePath, signal: AbortSignal): Answered<Failure | undefined> =>
  pipe(
    findOrObstacle(dav, to, signal),
    TE.map(({ entry, obstacle }) => (entry === undefined ? obstacle : nameConflict({ existing: entry }))),
  )

const noSource = notFound({ what: 'source' })

interface Ends {
  readonly source: Entry | undefined
  readonly target: Found
}
const endsOf = (dav: Dav, from: DrivePath, to: DrivePath, signal: AbortSignal): Answered<Ends> =>
  pipe(
    TE.Do,
    TE.bind('source', () => find(dav, from, signal)),
    TE.bind('target', () => findOrObstacle(dav, to, signal)),
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
  (dav: Dav, from: Place, to: DrivePath, known: Known, sent: Sent, signal: AbortSignal) =>
  (fault: Failure): Answered<Failure | undefined> =>
    fault._tag === 'PreconditionFailed'
      ? reasonAt(dav, to, signal)
      : pipe(
          endsOf(dav, from.path, to, signal),
          TE.map(({ source, target: { entry, obstacle } }) => {
            if (source === undefined) return noSource
            if (entry === undefined) return obstacle
            const isItself = from.path === to || (known !== 'temporary' && isSameEntry(known, entry))
            const isPart = from.directory && entry.kind === 'directory' && !isItself && !existedBefore(dav, entry, known, sent)
            return isPart ? taskFailed({ partial: to, said: fault._tag }) : nameConflict({ existing: entry })
          }),
        )

export const free = ({ obstacle }: Found): Finding<never> =>
  obstacle === undefined ? { is: 'not-done' } : { is: 'refused', fault: obstacle }

/** Where a server ignores `Overwrite: F`, the name is looked up first. */
const ontoFreeName = (dav: Dav, to: DrivePath, send: Answered<void>, signal: AbortSignal): Answered<void> =>
  dav.server.overwriteRefuses !== false
    ? send
    : pipe(
        find(dav, to, signal),
        TE.flatMap((found) => (found === undefined ? send : TE.left(nameConflict({ existing: found })))),
      )

const findingOfMove =
  (dav: Dav, known: Known) =>
  ({ source, target }: Ends, sent: Sent): Finding<void> => {
    const found = target.entry
    if (found === undefined) return source === undefined ? { is: 'unproven' } : free(target)
    const isOurs = known === 'temporary' ? source === undefined : isSameEntry(known, found)
    const isGone = source === undefined || (known !== 'temporary' && !isSameEntry(known, source))
    if (isOurs && isGone) return { is: 'done', value: undefined }
    if (source !== undefined && !isOurs && existedBefore(dav, found, known, sent))
      return { is: 'refused', fault: nameConflict({ existing: found }) }
    return { is: 'unproven', found, likely: source === undefined ? 'done' : 'not-done' }
  }

/** Moves to a name that is free: `NameConflict` where it is taken, `NotFound('source')` where the entry is gone. */
export const moveTo = (dav: Dav, from: Place, to: DrivePath, known: Known, signal: AbortSignal): Answered<void> =>
  ontoFreeName(
    dav,
    to,
    change<void, Ends>(
      dav,
      {
        send: (sent) =>
          completed(signal, (later) =>
            explained(
              TE.map(() => undefined)(dav.api.move(from, { path: to, directory: from.directory }, later)),
              sent,
              reasonOf(dav, from, to, known, sent, later),
            ),
          ),
        repeat: 'if-not-done',
        lookup: (its) => endsOf(dav, from.path, to, its),
        proof: findingOfMove(dav, known),
        check: `/${from.path} and /${to}`,
      },
      signal,
    ),
    signal,
  )

const findingOfCopy =
  (dav: Dav, original: Entry, isTemporary: boolean) =>
  ({ source, target }: Ends, sent: Sent): Finding<void> => {
    const found = target.entry
    if (found === undefined) return source === undefined ? { is: 'refused', fault: noSource } : free(target)
    if (!isTemporary && existedBefore(dav, found, original, sent))
      return { is: 'refused', fault: nameConflict({ existing: found }) }
    const isWhole = found.kind === 'file' && original.kind === 'file' && found.size === original.size
    if (!isWhole) return { is: 'unproven', found }
    if (isTemporary) return { is: 'done', value: undefined }
    return findingOfCreated(dav.clock, { found, created: found.createdAt, value: undefined }, sent)
  }

/** Copies to a name that is free: `NameConflict` where it is taken. `isTemporary`: only this call knows the name. */
export const copyTo = (
  dav: Dav,
  from: Place,
  to: DrivePath,
  { original, isTemporary = false }: { readonly original: Entry; readonly isTemporary?: boolean },
  signal: AbortSignal,
): Answered<void> =>
  ontoFreeName(
    dav,
    to,
    change<void, Ends>(
      dav,
      {
        send: (sent) =>
          explained(
            TE.map(() => undefined)(dav.api.copy(from, { path: to, directory: from.directory }, signal)),
            sent,
            reasonOf(dav, from, to, original, sent, signal),
          ),
        repeat: 'if-not-done',
        lookup: (its) => endsOf(dav, from.path, to, its),
        proof: findingOfCopy(dav, original, isTemporary),
        check: `/${to}`,
      },
      signal,
    ),
    signal,
  )

/** A new directory has a creation time after the request, and nothing in it: Apache's creation time is that of the last change. */
const findingOfDirectory =
  (dav: Dav, isTemporary: boolean, signal: AbortSignal) =>
  async (seen: Found, sent: Sent): Promise<Finding<void>> => {
    const found = seen.entry
    if (found === undefined) return free(seen)
    if (found.kind === 'directory' && isTemporary) return { is: 'done', value: undefined }
    if (found.kind !== 'directory' || existedBefore(dav, found, undefined, sent))
      return { is: 'refused', fault: nameConflict({ existing: found }) }
    const finding = findingOfCreated(dav.clock, { found, created: found.createdAt, value: undefined }, sent)
    if (finding.is !== 'done') return finding
    const names = await withGracePeriod(signal, (later) => namesIn(dav, found.path, later))()
    return E.isRight(names) && names.right.size === 0 ? finding : { is: 'unproven', found }
  }

/** Creates a directory: `NameConflict` where the name is taken. `isTemporary`: only this call knows the name. */
export const createDirAt = (dav: Dav, at: DrivePath, isTemporary: boolean, signal: AbortSignal): Answered<void> =>
  change<void, Found>(
    dav,
    {
      send: (sent) =>
        completed(signal, (later) =>
          explained(
            TE.map(() => undefined)(dav.api.mkcol(at, later)),
            sent,
            () => reasonAt(dav, at, later),
          ),
        ),
      repeat: 'if-not-done',
      lookup: (its) => findOrObstacle(dav, at, its),
      proof: findingOfDirectory(dav, isTemporary, signal),
      check: `/${at}`,
    },
    signal,
  )

/** Removes with everything below. `wasSeen`: this call has seen the entry, so that if it is gone after an unknown outcome, it is removed. */
export const removeAt = (
  dav: Dav,
  path: DrivePath,
  { ifVersion, wasSeen }: { readonly ifVersion?: string | undefined; readonly wasSeen: boolean },
  signal: AbortSignal,
): Answered<void> =>
  change<void, Entry | undefined>(
    dav,
    {
      send: (sent) =>
        completed(signal, (later) =>
          explained(
            TE.map(() => undefined)(dav.api.remove(path, ifVersion, later)),
            sent,
            (fault) =>
              fault._tag === 'PreconditionFailed'
                ? TE.right(fault)
                : pipe(
                    find(dav, path, later),
                    TE.map((found) => (found === undefined ? noSource : undefined)),
                  ),
          ),
        ),
      repeat: 'if-not-done',
      lookup: (its) => find(dav, path, its),
      proof: (found): Finding<void> => {
        if (found !== undefined) return { is: 'not-done' }
        return wasSeen ? { is: 'done', value: undefined } : { is: 'unproven', likely: 'done' }
      },
      check: `/${path}`,
    },
    signal,
  )

/** Removes a temporary entry, even after an abort. False where it may still exist. */
export const removeTemporary = async (dav: Dav, path: DrivePath, signal: AbortSignal): Promise<boolean> => {
  const removed = await withGracePeriod(signal, (later) =>
    change(dav, { send: () => dav.api.remove(path, undefined, later), repeat: 'always', check: `/${path}` }, later),
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
