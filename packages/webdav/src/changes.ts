// The requests that change something, each through `attempt`: onto a free name, or away from one.
import { mayHaveHappened, nameOf, type DrivePath, type Entry } from '@anydrive/core'
import {
  aborted,
  defined,
  isTemporary,
  nameConflict,
  notFound,
  taskFailed,
  unavailable,
  unsupported,
  withoutEffect,
  type OptionalOperations,
  type RawResult,
  type RawOutcome,
} from '@anydrive/core/adapter'
import {
  attempt,
  findingOfCreated,
  mapLimit,
  unknownOutcome,
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
import { isAmbiguous, isMissing } from './errors'
import { isFile, isSameEntry } from './translate'

/** An entry under a name that only this call knows, or one as it was seen before the request. */
export type Known = Entry | 'temporary'

export interface Change<A, S> extends Pick<Attempt<A, S>, 'lookup' | 'proof'> {
  readonly request: (signal: AbortSignal, sent: Sent) => RawResult<A>
  /** What a refusal is about, where its status does not say: that differs from server to server. */
  readonly reason: (fault: Failure, sent: Sent, signal: AbortSignal) => RawResult<Failure | undefined>
  /** `if-not-done` unless given. */
  readonly repeat?: Attempt<A, S>['repeat'] | undefined
  readonly paths: ReadonlyArray<DrivePath>
  /** A short request is not sent after an abort, but once it was sent its response is awaited for the grace period. */
  readonly isShort: boolean
}

/**
 * Sends a request through `attempt`. A short request that is refused without a reason is repeated once, since what was in the way may be gone. After an
 * earlier request of unknown outcome, `attempt` looks up the paths instead.
 */
export const change = <A, S>(
  dav: Dav,
  { request, reason, repeat = 'if-not-done', lookup, proof, paths, isShort }: Change<A, S>,
  signal: AbortSignal,
): RawResult<A> => {
  const explained =
    (sent: Sent, its: AbortSignal): RawResult<A> =>
    async () => {
      for (let n = 1; ; n++) {
        const result = await request(its, sent)()
        if (E.isRight(result) || mayHaveHappened(result.left) || !isAmbiguous(result.left)) return result
        if (sent.unknown && lookup !== undefined) return result
        const fault = result.left
        const found = await withGracePeriod(its, (later) => reason(fault, sent, later))()
        if (E.isRight(found) && found.right !== undefined) return E.left(found.right)
        if (fault._tag === 'PreconditionFailed') return E.left(nameConflict())
        if (n === 2 || !isShort) return result
      }
    }
  const send = (sent: Sent): RawResult<A> => {
    if (!isShort) return explained(sent, signal)
    return signal.aborted
      ? TE.left(aborted({ effect: 'none' }))
      : withGracePeriod(signal, (later) => explained(sent, later))
  }
  const check = paths.map((path) => `/${path}`).join(' and ')
  return attempt({ send, repeat, lookup, proof, check, signal, timers: dav.timers })
}

/** What is at the new name, or keeps an entry from being created there. */
export const reasonAt = (dav: Dav, to: DrivePath, signal: AbortSignal): RawResult<Failure | undefined> =>
  pipe(
    findOrObstacle(dav, to, signal),
    TE.map(({ entry, obstacle }) => (entry === undefined ? obstacle : nameConflict({ existing: entry }))),
  )

export const done: Finding<undefined> = { is: 'done', value: undefined }
export const noSource = notFound({ what: 'source' })

interface Ends {
  readonly source: Entry | undefined
  readonly target: Found
}
/** The source is looked up again where both exist, since a move may have happened between the lookups. */
const endsOf = (dav: Dav, from: DrivePath, to: DrivePath, signal: AbortSignal): RawResult<Ends> =>
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

/** Whether the service created or wrote this entry before the request was sent. A move or a copy may keep the times of its source. */
export const existedBefore = ({ clock }: Dav, found: Entry, source: Known | undefined, { at }: Sent): boolean =>
  (['createdAt', 'modifiedAt'] as const).some((time) => {
    const isKept = source === 'temporary' ? time === 'modifiedAt' : source?.[time]?.getTime() === found[time]?.getTime()
    return !isKept && clock.compare(found[time], at) === 'before'
  })

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

/** A file cannot become a directory by a move or a copy: what is found existed before. */
const isOtherKind = ({ directory }: Place, found: Entry): boolean => (found.kind === 'directory') !== directory

const findingOfMove =
  (dav: Dav, from: Place, known: Known) =>
  ({ source, target }: Ends, sent: Sent): Finding<unknown> => {
    const found = target.entry
    if (found === undefined) return source === undefined ? { is: 'unproven' } : free(target)
    const isOurs = known === 'temporary' ? source === undefined : isSameEntry(known, found)
    const isGone = source === undefined || (known !== 'temporary' && !isSameEntry(known, source))
    if (isOurs && isGone) return done
    if (source !== undefined && (isOtherKind(from, found) || (!isOurs && existedBefore(dav, found, known, sent))))
      return { is: 'refused', fault: nameConflict({ existing: found }) }
    return { is: 'unproven', found, likely: source === undefined ? 'done' : 'not-done' }
  }

const findingOfCopy =
  (dav: Dav, from: Place, original: Entry, isTemporary: boolean) =>
  ({ source, target }: Ends, sent: Sent): Finding<unknown> => {
    const found = target.entry
    if (found === undefined) return source === undefined ? { is: 'refused', fault: noSource } : free(target)
    if (isOtherKind(from, found) || (!isTemporary && existedBefore(dav, found, original, sent)))
      return { is: 'refused', fault: nameConflict({ existing: found }) }
    const isWhole = isFile(found) && isFile(original) && found.size === original.size
    if (!isWhole) return { is: 'unproven', found }
    if (isTemporary) return done
    return findingOfCreated(dav.clock, { found, created: found.createdAt, value: undefined }, sent)
  }

const transferTo = (
  dav: Dav,
  method: 'move' | 'copy',
  { from, to, known }: { readonly from: Place; readonly to: DrivePath; readonly known: Known },
  proof: (ends: Ends, sent: Sent) => Finding<unknown>,
  signal: AbortSignal,
): RawResult<unknown> =>
  change<unknown, Ends>(
    dav,
    {
      request: (its) => dav.api[method](from, { path: to, directory: from.directory }, its),
      reason: reasonOf(dav, from, to, known),
      lookup: (its) => endsOf(dav, from.path, to, its),
      proof,
      paths: method === 'move' ? [from.path, to] : [to],
      // Another rename follows one to a temporary name: if it came late, it would take what has come to the old name since.
      repeat: method === 'move' && isTemporary(nameOf(to)) ? 'if-answered' : 'if-not-done',
      isShort: method === 'move',
    },
    signal,
  )

/** Moves to a name that is free: `NameConflict` where it is taken, `NotFound('source')` where the entry is gone. */
export const moveTo = (dav: Dav, from: Place, to: DrivePath, known: Known, signal: AbortSignal): RawResult<unknown> =>
  transferTo(dav, 'move', { from, to, known }, findingOfMove(dav, from, known), signal)

/** Copies to a name that is free: `NameConflict` where it is taken. `isTemporary`: only this call knows the name. */
export const copyTo = (
  dav: Dav,
  from: Place,
  to: DrivePath,
  { original, isTemporary = false }: { readonly original: Entry; readonly isTemporary?: boolean },
  signal: AbortSignal,
): RawResult<unknown> =>
  transferTo(dav, 'copy', { from, to, known: original }, findingOfCopy(dav, from, original, isTemporary), signal)

/** The result of a step under a temporary name: whatever it did is not visible at the name that the caller wants. */
export const ofTemporary = <A>(step: RawResult<A>, signal: AbortSignal): RawResult<A> =>
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
  run: (item: I) => RawResult<A>,
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

/** Sets the time of the last change, to the second, and looks whether the server has taken it. No server sets another time. */
export const setTimes =
  (dav: Dav): OptionalOperations['setTimes'] =>
  (path, { modifiedAt }, { signal }) =>
  async () => {
    const refused = unsupported({ feature: 'operations.setTimes' })
    if (modifiedAt === undefined) return E.left(refused)
    const seconds = new Date(Math.floor(modifiedAt.getTime() / 1000) * 1000)
    const request = (its: AbortSignal) => dav.api.setModified(path, seconds, its)
    const reason = () => TE.right(undefined)
    const set = await change(dav, { request, reason, repeat: 'always', paths: [path], isShort: true }, signal)()
    if (E.isLeft(set)) return isMissing(set.left) ? E.left({ ...set.left, ...noSource }) : set
    const found = await withGracePeriod(signal, (later) => find(dav, path, later))()
    if (E.isLeft(found)) return E.left(unknownOutcome(`the time of /${path}`, found.left, { likely: 'done' }))
    if (found.right === undefined) return E.left(noSource)
    return found.right.modifiedAt?.getTime() === seconds.getTime() ? E.right(undefined) : E.left(refused)
  }
