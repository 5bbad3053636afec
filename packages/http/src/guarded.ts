// What must not be repeated blindly: after an ambiguous failure, look.
import { aborted, indeterminate, mayHaveHappened, type Fault } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import { timersOf } from '@anydrive/kit'
import type { HttpFault, HttpSurroundings } from './request'

export interface Guarded<E, A> {
  readonly call: TaskEither<E, A>
  /** The effect found is the answer; `absent`: it cannot have happened; `unknown`: that cannot be told. */
  readonly look: TaskEither<E, A | 'absent' | 'unknown'>
  /** For the reader of an `Indeterminate`: where to look. */
  readonly check: string
  /** Failures after which it may have happened; Network, Timeout and Unavailable unless their `effect` is `none`. */
  readonly ambiguous?: ((error: E) => boolean) | undefined
  /** Of the call, the first included; 3. */
  readonly attempts?: number | undefined
  /** Where given, no further call is made once it has aborted. */
  readonly signal?: AbortSignal | undefined
  readonly surroundings?: HttpSurroundings | undefined
}

const pauseBefore = 500
const never = new AbortController().signal

const isInDoubt = (error: unknown): boolean => mayHaveHappened(error as Fault)

/**
 * A look that fails leaves it `Indeterminate`. If the last call failed too and nothing came of it, its error is the answer. A service that
 * was left alone with a request may still carry it out after the look: then it is `Aborted`, and may have happened.
 */
export const guarded =
  <E, A>(o: Guarded<E, A>): TaskEither<E | Fault<'Indeterminate'> | HttpFault, A> =>
  async () => {
    const { ambiguous = isInDoubt, attempts = 3, signal = never } = o
    const { delay, random } = timersOf(o.surroundings)
    for (let attempt = 1; ; attempt++) {
      const called = await o.call()
      if (E.isRight(called) || !ambiguous(called.left)) return called
      const leftAlone: boolean = signal.aborted
      const found = await o.look()
      if (E.isLeft(found) || found.right === 'unknown') return E.left(indeterminate({ check: o.check }))
      if (found.right !== 'absent') return E.right(found.right)
      if (leftAlone) return E.left(aborted({ effect: 'unknown' }))
      if (attempt >= attempts) return called
      await delay(pauseBefore * 2 ** (attempt - 1) * random(), signal)
      if (signal.aborted) return E.left(aborted({ effect: 'none' }))
    }
  }
