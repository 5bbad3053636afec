// One step to a name that must be free: done, or taken; whatever the server answers, and although answers get lost.
import { notFound, type Answered, type DrivePath, type Entry } from '@anydrive/core'
import { guarded } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Place } from './api'
import { committed, lasting, type Dav } from './context'
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

/** A refusal is named by what stands at both ends, and tried once more where nothing there explains it; after a lost answer the step is repeated only if it cannot have happened. */
export const tried = (dav: Dav, { call, see, check }: Trying, signal: AbortSignal): Answered<Tried> => {
  const refused = (fault: Bad, again: boolean): Answered<Seen> =>
    pipe(
      see(true, lasting(signal)),
      // What stood there a moment ago is gone: it was taken all the same.
      TE.map((seen) => (seen === 'absent' && fault._tag === 'PreconditionFailed' ? 'taken' : seen)),
      TE.flatMap((seen) => {
        // A parent may have come meanwhile.
        if (seen === 'absent' && again) return step(false)
        return seen === 'absent' || seen === 'unknown' ? TE.left(fault) : TE.right(seen)
      }),
    )
  const step = (again: boolean): Answered<Seen> =>
    pipe(
      call,
      TE.map((): Seen => 'done'),
      TE.orElse((fault) => (isWorthALook(fault) && !leavesDoubt(fault) ? refused(fault, again) : TE.left(fault))),
    )
  return pipe(
    guarded<Bad, Seen>({
      call: step(true),
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

/** One at a time at each name; a look first only where a server ignores `Overwrite: F`. */
const exclusively = (dav: Dav, to: DrivePath, signal: AbortSignal, step: Answered<Tried>): Answered<Tried> =>
  dav.alone(
    to,
    dav.server.overwriteRefuses !== false
      ? step
      : pipe(
          dav.looks.find(to, signal),
          TE.flatMap((found) => (found === undefined ? step : TE.right<Bad, Tried>('taken'))),
        ),
  )

const gone: Seen = { fault: notFound({ what: 'source' }) }

type Ends = { readonly source: Entry | undefined; readonly target: Entry | undefined }
const endsOf = (dav: Dav, from: DrivePath, to: DrivePath, signal: AbortSignal): Answered<Ends> =>
  pipe(
    TE.Do,
    TE.bind('source', () => dav.looks.find(from, signal)),
    TE.bind('target', () => dav.looks.find(to, signal)),
  )

export const moveTo = (dav: Dav, from: Place, to: DrivePath, signal: AbortSignal): Answered<Tried> =>
  exclusively(
    dav,
    to,
    signal,
    tried(
      dav,
      {
        call: committed(signal, (own) => dav.api.move(from, { path: to, directory: from.directory }, own)),
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
  exclusively(
    dav,
    to,
    signal,
    tried(
      dav,
      {
        call: dav.api.copy(from, { path: to, directory: from.directory }, signal),
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
        call: committed(signal, (own) => dav.api.mkcol(at, own)),
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
