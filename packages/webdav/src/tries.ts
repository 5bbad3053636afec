// One step to a name that must be free: done, or taken; whatever the server answers, and although answers get lost.
import { isTemporary, nameOf, notFound, type Answered, type DrivePath, type Entry } from '@anydrive/core'
import { guarded } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { randomBytes } from 'node:crypto'
import type { Place } from './api'
import { lasting, ownSignal, type Dav } from './context'
import { isWorthALook, leavesDoubt, type Bad } from './faults'

export type Tried = 'done' | 'taken'
/** What both ends say of a step: its effect, that it cannot have happened, that it cannot be told, or what is in its way. */
export type Seen = Tried | 'absent' | 'unknown' | { readonly fault: Bad }

interface Trying {
  readonly call: Answered<unknown>
  /** After a refusal (`sure`), or after an answer that was lost. */
  readonly see: (sure: boolean, signal: AbortSignal) => Answered<Seen>
  /** For the reader of an `Indeterminate`. */
  readonly check: string
}

/** A refusal is named by what stands at both ends; after a lost answer the step is repeated only if it cannot have happened. */
export const tried = (dav: Dav, { call, see, check }: Trying, signal: AbortSignal): Answered<Tried> => {
  const refused = (fault: Bad): Answered<Seen> =>
    pipe(
      see(true, lasting(signal)),
      // What stood there a moment ago is gone: it was taken all the same.
      TE.map((seen) => (seen === 'absent' && fault._tag === 'PreconditionFailed' ? 'taken' : seen)),
      TE.flatMap((seen) => (seen === 'absent' || seen === 'unknown' ? TE.left(fault) : TE.right(seen))),
    )
  const step = pipe(
    call,
    TE.map((): Seen => 'done'),
    TE.orElse((fault) => (isWorthALook(fault) && !leavesDoubt(fault) ? refused(fault) : TE.left(fault))),
  )
  return pipe(
    guarded<Bad, Seen>({
      call: step,
      look: () => see(false, lasting(signal))(),
      check,
      ambiguous: leavesDoubt,
      signal,
      surroundings: dav.surroundings,
    }),
    TE.flatMapEither((seen): E.Either<Bad, Tried> => {
      if (typeof seen === 'object') return E.left(seen.fault)
      return seen === 'done' || seen === 'taken' ? E.right(seen) : E.left(notFound({ what: 'source' }))
    }),
  )
}

/** What is in the way of a name that is free, if anything is. */
const inTheWay = (dav: Dav, to: DrivePath, signal: AbortSignal): Answered<Seen> =>
  pipe(
    dav.looks.blocker(to, signal),
    TE.map((fault): Seen => (fault === undefined ? 'absent' : { fault })),
  )

type Step = (token: string | undefined) => Answered<Tried>

/** A lock whose answer was lost is found by its owner, which we made up. */
const foundLock = async (dav: Dav, to: DrivePath, owner: string): Promise<string | undefined> => {
  const found = await dav.api.look(to, 'locks', ownSignal())()
  const text = E.isRight(found) ? (found.right.properties.lockdiscovery ?? '') : ''
  const token = /(?:opaquelocktoken|urn:uuid):[0-9a-f-]+/i.exec(text)?.[0]
  return token !== undefined && text.includes(owner) ? `<${token}>` : undefined
}

/** The name is held for the length of the step; a lock that cannot be had for another reason than another's is done without. */
const locked =
  (dav: Dav, to: DrivePath, signal: AbortSignal, step: Step): Answered<Tried> =>
  async () => {
    const owner = `anydrive:${randomBytes(12).toString('hex')}`
    const answered = await dav.api.lock(to, owner, signal)()
    const lost = E.isLeft(answered) && leavesDoubt(answered.left)
    const token = lost ? await foundLock(dav, to, owner) : E.isRight(answered) ? answered.right : undefined
    const ends = E.isLeft(answered) && (answered.left.http === 423 || answered.left._tag === 'Aborted')
    const answer = ends ? answered : await step(token)()
    if (token !== undefined) await dav.api.unlock(to, token, ownSignal())()
    return answer
  }

/** One at a time; with a lock where the server has such, and with a look first where it ignores `Overwrite: F`. Temporary names are ours anyway. */
const exclusively = (dav: Dav, to: DrivePath, signal: AbortSignal, step: Step): Answered<Tried> => {
  if (isTemporary(nameOf(to))) return step(undefined)
  if (dav.server.overwriteRefuses === false)
    return dav.alone(
      to,
      pipe(
        dav.looks.find(to, signal),
        TE.flatMap((found) => (found === undefined ? step(undefined) : TE.right<Bad, Tried>('taken'))),
      ),
    )
  return dav.alone(to, dav.server.locksNames === true ? locked(dav, to, signal, step) : step(undefined))
}

const gone: Seen = { fault: notFound({ what: 'source' }) }

type Ends = { readonly source: Entry | undefined; readonly target: Entry | undefined }
const endsOf = (dav: Dav, from: DrivePath, to: DrivePath, signal: AbortSignal): Answered<Ends> =>
  pipe(
    TE.Do,
    TE.bind('source', () => dav.looks.find(from, signal)),
    TE.bind('target', () => dav.looks.find(to, signal)),
  )

export const moveTo = (dav: Dav, from: Place, to: DrivePath, signal: AbortSignal): Answered<Tried> =>
  exclusively(dav, to, signal, (token) =>
    tried(
      dav,
      {
        call: dav.api.move(from, { path: to, directory: from.directory, token }, signal),
        see: (sure, its) =>
          pipe(
            endsOf(dav, from.path, to, its),
            TE.flatMap(({ source, target }) => {
              if (source === undefined && !sure) return TE.right<Bad, Seen>(target === undefined ? 'unknown' : 'done')
              if (source === undefined) return TE.right<Bad, Seen>(gone)
              return target === undefined ? inTheWay(dav, to, its) : TE.right<Bad, Seen>('taken')
            }),
          ),
        check: 'source and target of the move',
      },
      signal,
    ),
  )

/** What stands at the target after a lost answer may be anybody's. */
export const copyTo = (dav: Dav, from: Place, to: DrivePath, signal: AbortSignal): Answered<Tried> =>
  exclusively(dav, to, signal, (token) =>
    tried(
      dav,
      {
        call: dav.api.copy(from, { path: to, directory: from.directory, token }, signal),
        see: (sure, its) =>
          pipe(
            endsOf(dav, from.path, to, its),
            TE.flatMap(({ source, target }) => {
              if (target !== undefined) return TE.right<Bad, Seen>(sure ? 'taken' : 'unknown')
              return source === undefined ? TE.right<Bad, Seen>(gone) : inTheWay(dav, to, its)
            }),
          ),
        check: 'the target of the copy',
      },
      signal,
    ),
  )

/** `ours`: a directory found after a lost answer is taken for ours. */
export const makeDirAt = (dav: Dav, at: DrivePath, ours: boolean, signal: AbortSignal): Answered<Tried> =>
  dav.alone(
    at,
    tried(
      dav,
      {
        call: dav.api.mkcol(at, signal),
        see: (sure, its) =>
          pipe(
            dav.looks.find(at, its),
            TE.flatMap((found) => {
              if (found === undefined) return inTheWay(dav, at, its)
              if (sure) return TE.right<Bad, Seen>('taken')
              return TE.right<Bad, Seen>(found.kind !== 'directory' ? 'taken' : ours ? 'done' : 'unknown')
            }),
          ),
        check: 'whether the directory is there',
      },
      signal,
    ),
  )

/** Whether or not it is there; only a failure to tell is a left. */
export const removeQuietly = async (dav: Dav, path: DrivePath, signal: AbortSignal): Promise<boolean> => {
  const removed = await dav.api.remove(path, undefined, signal)()
  if (E.isRight(removed) || removed.left._tag === 'NotFound') return true
  const again = leavesDoubt(removed.left) ? await dav.api.remove(path, undefined, signal)() : removed
  const clean = E.isRight(again) || again.left._tag === 'NotFound'
  if (!clean) dav.log({ name: 'temporary left', fault: E.isLeft(again) ? again.left._tag : undefined })
  return clean
}
