// What the error codes of the operating system mean: the only table, and where exceptions of `fs` become values.
import * as E from 'fp-ts/Either'
import type { Fault } from '@anydrive/core'
import {
  forbidden,
  invalidPath,
  limitExceeded,
  nameConflict,
  notFound,
  quotaExceeded,
  unavailable,
  wrongKind,
} from '@anydrive/core/adapter'
import type { Failure } from '@anydrive/kit'

export type Result<A> = Promise<E.Either<Failure, A>>

/** A directory could not be flushed to the disk after a change in it. */
export class NotFlushed extends Error {
  override readonly name = 'NotFlushed'
  readonly code: string
  constructor(code: string) {
    super(`not flushed: ${code}`)
    this.code = code
  }
}

/** Bytes of one name, on every file system that Linux and macOS use by default. */
export const longestName = 255

type FaultOf = (answer: { readonly code: string }) => Fault

const quota: FaultOf = (answer) => quotaExceeded(answer)
const denied: FaultOf = (answer) => forbidden(answer)
const busy: FaultOf = (answer) => unavailable({ effect: 'none', ...answer })

const faults: ReadonlyMap<string, FaultOf> = new Map<string, FaultOf>(
  Object.entries({
    ENOENT: (answer) => notFound({ what: 'source', ...answer }),
    EEXIST: (answer) => nameConflict(answer),
    ENOTEMPTY: (answer) => nameConflict(answer),
    ENOTDIR: (answer) => wrongKind({ expected: 'directory', ...answer }),
    ELOOP: (answer) => wrongKind({ expected: 'directory', ...answer }),
    EISDIR: (answer) => wrongKind({ expected: 'file', ...answer }),
    ENOSPC: quota,
    EDQUOT: quota,
    EFBIG: (answer) => limitExceeded({ limit: 'size', ...answer }),
    ENAMETOOLONG: (answer) => limitExceeded({ limit: 'name', max: longestName, ...answer }),
    EACCES: denied,
    EPERM: denied,
    EROFS: denied,
    EINVAL: (answer) => invalidPath({ reason: 'the file system does not take this name', ...answer }),
    EILSEQ: (answer) => invalidPath({ reason: 'the file system does not take this name', ...answer }),
    EBUSY: busy,
    EMFILE: busy,
    ENFILE: busy,
    ENOMEM: busy,
    ESTALE: busy,
    EIO: busy,
  }),
)

export const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'unknown'

/** Of the operating system, and not of Node's own (`ERR_…`), which are mistakes of a caller. */
const isSystemCode = (code: string): boolean => /^E[A-Z0-9]+$/.test(code)

/** Only the code is shown: the system's message has paths of this machine. What is no error of the system is thrown again. */
export const toFault = (error: unknown): Fault => {
  const code = codeOf(error)
  if (error instanceof NotFlushed)
    return unavailable({ effect: 'unknown', code, said: 'the change may not survive a power cut' })
  if (!isSystemCode(code)) throw error
  return (faults.get(code) ?? busy)({ code })
}

/** Errors of the system become faults here; `gone` is what a missing path means, where it is not the source. Other exceptions pass. */
export const catching = async <A>(run: () => Result<A>, gone?: 'parent'): Result<A> => {
  try {
    return await run()
  } catch (error) {
    return E.left(gone !== undefined && codeOf(error) === 'ENOENT' ? notFound({ what: gone }) : toFault(error))
  }
}

/** The codes that the caller expects are a left; any other is thrown. */
export const trying = <A, C extends string>(promise: Promise<A>, ...codes: ReadonlyArray<C>): Promise<E.Either<C, A>> =>
  promise.then(
    (a) => E.right(a),
    (error: unknown) => {
      const code = codes.find((one) => one === codeOf(error))
      return code === undefined ? (promise as Promise<never>) : E.left(code)
    },
  )

/** Cleaning up may fail; the result is the failure that made it necessary. */
export const quietly = async (promise: Promise<unknown>): Promise<void> => {
  await promise.catch(() => undefined)
}
