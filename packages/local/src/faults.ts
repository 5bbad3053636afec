// What the operating system's error codes mean: the one table, and where exceptions of `fs` become values.
import * as E from 'fp-ts/Either'
import {
  forbidden,
  invalidPath,
  limitExceeded,
  nameConflict,
  notFound,
  quotaExceeded,
  unavailable,
  unexpectedResponse,
  wrongKind,
  type DriveError,
  type Fault,
} from '@anydrive/core'

export type Bad = Fault | DriveError
export type Answer<A> = Promise<E.Either<Bad, A>>

/** Bytes of one name, on every file system that Linux and macOS use by default. */
export const longestName = 255

type Named = (answer: { readonly code: string }) => Fault

const quota: Named = (answer) => quotaExceeded(answer)
const denied: Named = (answer) => forbidden(answer)
const busy: Named = (answer) => unavailable(answer)

const faults: { readonly [code: string]: Named | undefined } = {
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
}

export const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'unknown'

/** Only the code is told: the system's sentence names paths of this machine. What has no code is a mistake of ours. */
export const toFault = (error: unknown): Fault => {
  const code = codeOf(error)
  if (code !== 'unknown') return (faults[code] ?? busy)({ code })
  const said = error instanceof Error ? error.name : typeof error
  return unexpectedResponse({ issues: [{ at: 'local', expected: 'an answer', got: 'exception' }], said })
}

/** Exceptions of `fs` end here. `gone`: what a missing path means, where it is not the source. */
export const attempt = async <A>(run: () => Answer<A>, gone?: 'parent'): Answer<A> => {
  try {
    return await run()
  } catch (error) {
    return E.left(gone !== undefined && codeOf(error) === 'ENOENT' ? notFound({ what: gone }) : toFault(error))
  }
}

/** The codes that the caller expects are a left; any other goes on to `attempt`. */
export const trying = <A, C extends string>(promise: Promise<A>, ...codes: ReadonlyArray<C>): Promise<E.Either<C, A>> =>
  promise.then(
    (a) => E.right(a),
    (error: unknown) => {
      const code = codes.find((one) => one === codeOf(error))
      return code === undefined ? (promise as Promise<never>) : E.left(code)
    },
  )

/** What is done to tidy up may fail; what is told is why tidying was needed. */
export const quietly = async (promise: Promise<unknown>): Promise<void> => {
  await promise.catch(() => undefined)
}
