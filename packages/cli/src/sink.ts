// The one way in which the command writes to a stream, be it standard output, standard error or a file.
import type { Out } from './io'
import { codeOf } from './error-code'
import { exits, type Problem } from './problem'

/** Why a stream takes no more. `isClosed`: the reader of a pipe has closed it (EPIPE). */
export interface WriteFailure {
  readonly isClosed: boolean
  readonly problem: Problem
}

export interface Sink {
  /** Resolves once the stream takes more, or has failed; what is written after a failure is dropped. */
  readonly write: (chunk: string | Uint8Array) => Promise<void>
  /** Resolves once all that was written has reached the system, the stream has failed, or the signal aborts. */
  readonly flush: (signal?: AbortSignal) => Promise<void>
  /** Ends the stream, and resolves once it is closed. */
  readonly end: () => Promise<void>
  readonly failure: () => WriteFailure | undefined
  /** Stops watching the stream for errors. */
  readonly release: () => void
}

const reasons: { readonly [code: string]: string } = {
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is exceeded',
  EFBIG: 'the file would become too large',
  EIO: 'input/output error',
  EBADF: 'it is not open for writing',
  EACCES: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOENT: 'its directory does not exist',
  ENOTDIR: 'its directory is not a directory',
  EISDIR: 'it is a directory',
  EPIPE: 'its reader has closed it',
}

export const writeProblem = (name: string, error: unknown): Problem => {
  const code = codeOf(error)
  const reason = reasons[code ?? ''] ?? String(error)
  return {
    exit: exits.partly,
    message: `cannot write to ${name}: ${reason}${code === undefined ? '' : ` (${code})`}`,
    remedy: 'What was written is incomplete. Make room, or write to another place, and run it again.',
    error: { _tag: 'OutputFailed', ...(code === undefined ? {} : { code }) },
  }
}

/** `onFailure` is called once, at the first error of the stream. */
export const createSink = (stream: Out, name: string, onFailure?: (failure: WriteFailure) => void): Sink => {
  let failure: WriteFailure | undefined
  const fail = (error: Error): void => {
    if (failure !== undefined) return
    failure = { isClosed: codeOf(error) === 'EPIPE', problem: writeProblem(name, error) }
    onFailure?.(failure)
  }
  stream.on('error', fail)

  const isUsable = (): boolean => failure === undefined && !stream.destroyed
  /** Until the event comes, or none can come any more. */
  const until = (begin: (done: () => void) => void, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        for (const event of ['drain', 'close', 'error']) stream.off(event, done)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      stream.once('close', done).once('error', done)
      signal?.addEventListener('abort', done, { once: true })
      begin(done)
    })

  return {
    write: async (chunk) => {
      if (!isUsable() || stream.write(chunk)) return
      await until((done) => stream.once('drain', done))
    },
    flush: async (signal) => {
      if (!isUsable() || signal?.aborted === true) return
      await until((done) => {
        stream.write('', done)
      }, signal)
      // An error is emitted after the callback of the write that met it.
      await new Promise((resolve) => setImmediate(resolve))
    },
    end: async () => {
      if (stream.closed) return
      await until(() => {
        stream.end()
      })
    },
    failure: () => failure,
    release: () => {
      stream.off('error', fail)
    },
  }
}
