// What must happen once although answers get lost: look, then repeat only what cannot have happened.
import type { DriveError, Fault } from '@anydrive/core'
import { guarded } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import { identity, pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Asked } from './api'
import type { Smh } from './context'
import { leavesDoubt } from './looks'

/** What a look sees: the effect, a refusal that is certain, or neither. */
export type Seen<A> = E.Either<Fault, A> | 'absent' | 'unknown'

interface Once<A> {
  /** `repeated`: an earlier call's answer was lost, and its effect may still come. */
  readonly call: (repeated: boolean) => Asked<A>
  readonly look: Asked<Seen<A>>
  /** For the reader of an `Indeterminate`: where to look. */
  readonly check: string
  readonly signal: AbortSignal
}

export const mayBeOurs = (fault: Fault | DriveError): boolean =>
  fault._tag === 'NameConflict' || fault._tag === 'NotFound'

/** Also after a repetition: a name that is taken, or a source that is gone, may be the first call's late effect. */
export const once = <A>(smh: Smh, { call, look, check, signal }: Once<A>): Asked<A> => {
  let lost = false
  const seen: Asked<Seen<A>> = () => {
    lost = true
    return look()
  }
  const late = (fault: Fault): Asked<E.Either<Fault, A>> =>
    lost && mayBeOurs(fault)
      ? pipe(
          look,
          TE.orElse(() => TE.left(fault)),
          TE.flatMap((found) =>
            typeof found !== 'string' && E.isRight(found) ? TE.right<Fault, E.Either<Fault, A>>(found) : TE.left(fault),
          ),
        )
      : TE.left(fault)
  return pipe(
    guarded<Fault, E.Either<Fault, A>>({
      call: () =>
        pipe(
          call(lost),
          TE.map((a): E.Either<Fault, A> => E.right(a)),
          TE.orElse(late),
        )(),
      look: seen,
      check,
      ambiguous: leavesDoubt,
      signal,
      surroundings: smh.surroundings,
    }),
    TE.flatMapEither(identity),
  )
}
