// The one exception: a DriveError where only throwing is possible, in streams and promises.
import { type DriveError, type Fault, type FaultTag, network } from './errors'

const mark = Symbol.for('@anydrive/core/DriveException')

const causes = new WeakMap<object, unknown>()

/** Remembers what made this fault, for the `cause` of its exception; a fault itself stays plain data. */
export const withCause = <F extends Fault | DriveError>(fault: F, cause: unknown): F => {
  if (cause !== undefined) causes.set(fault, cause)
  return fault
}
/** The error of a fault has the cause of the fault. */
export const sameCause = <E extends DriveError>(fault: object, error: E): E => withCause(error, causes.get(fault))

/** An `Error` whose `code` is the error's tag, as Node's own errors have it. */
export class DriveException<E extends DriveError = DriveError> extends Error {
  override readonly name = 'DriveException'
  readonly code: E['_tag']
  readonly error: E
  readonly [mark] = true

  constructor(error: E) {
    super(error.message, causes.has(error) ? { cause: causes.get(error) } : {})
    this.code = error._tag
    this.error = error
  }

  /** Also true for one thrown by another copy of this package. */
  static is<T extends FaultTag = FaultTag>(
    u: unknown,
    ...tags: ReadonlyArray<T>
  ): u is DriveException<Extract<DriveError, { readonly _tag: T }>> {
    return (
      typeof u === 'object' &&
      u !== null &&
      mark in u &&
      (tags.length === 0 || (tags as ReadonlyArray<string>).includes((u as DriveException).code))
    )
  }
}

const hasFault = (u: unknown): u is { readonly fault: Fault } =>
  typeof u === 'object' &&
  u !== null &&
  'fault' in u &&
  typeof u.fault === 'object' &&
  u.fault !== null &&
  '_tag' in u.fault

/** What a broken stream's error says: an error that is located already, a transport's `fault`, or else `Network`. */
export const faultOf = (u: unknown): Fault | DriveError => {
  if (DriveException.is(u)) return u.error
  return hasFault(u) ? u.fault : network({ effect: 'none' })
}
