// How the members that only SMH has send a request: read, or change with what a repetition may do.
import type { CallOptions, Result } from '@anydrive/core'
import type { MemberDrive, RawResult } from '@anydrive/core/adapter'
import { attempt, type Failure } from '@anydrive/kit'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Smh } from './client'

interface Change<A> {
  readonly name: string
  /** What to look at where the outcome is unknown. */
  readonly check: string
  readonly repeat: 'always' | 'never'
  readonly run: (signal: AbortSignal) => RawResult<A>
  /** Whether a fault says, after a request of which the outcome was unknown, that nothing is left to do. */
  readonly isDone?: (fault: Failure) => boolean
}

export const memberCalls = (smh: Smh, drive: MemberDrive) => {
  const change = <A>(
    options: CallOptions | undefined,
    { name, check, repeat, run, isDone }: Change<A | undefined>,
  ): Result<A | undefined> =>
    drive.vendorCall({ operation: `smh.${name}`, changes: true }, options, ({ signal }) =>
      attempt<A | undefined>({
        ...smh.how(signal),
        send: ({ unknown }) =>
          pipe(
            run(signal),
            TE.orElse((fault) => (unknown && isDone?.(fault) === true ? TE.right(undefined) : TE.left(fault))),
          ),
        ...{ repeat, check },
      }),
    )
  return {
    read: <A>(name: string, options: CallOptions | undefined, run: (signal: AbortSignal) => RawResult<A>): Result<A> =>
      drive.vendorCall({ operation: `smh.${name}`, changes: false }, options, ({ signal }) => run(signal)),
    /** With a result. */
    create: <A>(options: CallOptions | undefined, { name, check, repeat, run }: Omit<Change<A>, 'isDone'>): Result<A> =>
      drive.vendorCall({ operation: `smh.${name}`, changes: true }, options, ({ signal }) =>
        attempt<A>({ ...smh.how(signal), send: () => run(signal), repeat, check }),
      ),
    /** Without. */
    change: (options: CallOptions | undefined, how: Change<unknown>): Result<void> =>
      pipe(
        change(options, how),
        TE.map(() => undefined),
      ),
  }
}
export type MemberCalls = ReturnType<typeof memberCalls>
