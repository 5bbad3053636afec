// What is written where: results to standard output, everything else to standard error.
import picocolors from 'picocolors'
import type { GlobalOptions, Io } from './io'
import type { Problem } from './problem'
import { createSink, type Sink, type WriteFailure } from './sink'
import { nameText, untrusted } from './text'

export interface Streams {
  readonly stdout: Sink
  readonly stderr: Sink
  /** Aborts as soon as standard output takes no more. */
  readonly signal: AbortSignal
  /** Waits until everything is written, or cannot be. */
  readonly flush: () => Promise<void>
  /** The first failure of standard output, else that of standard error. */
  readonly failure: () => WriteFailure | undefined
  readonly release: () => void
}

export const openStreams = (io: Io): Streams => {
  const failed = new AbortController()
  const stdout = createSink(io.stdout, 'standard output', () => {
    failed.abort()
  })
  const stderr = createSink(io.stderr, 'standard error')
  return {
    stdout,
    stderr,
    signal: failed.signal,
    flush: async () => {
      await Promise.all([stdout.flush(io.signal), stderr.flush(io.signal)])
    },
    failure: () => stdout.failure() ?? stderr.failure(),
    release: () => {
      stdout.release()
      stderr.release()
    },
  }
}

/** A terminal's place for what is drawn over and over. */
export interface Screen {
  readonly write: (text: string) => void
  readonly columns?: number | undefined
  readonly rows?: number | undefined
}

export interface Output {
  readonly colors: ReturnType<typeof picocolors.createColors>
  /** For standard error. */
  readonly errorColors: ReturnType<typeof picocolors.createColors>
  readonly json: boolean
  /** True once the reader of standard output has closed it: nobody needs more results. */
  readonly isClosed: () => boolean
  /** Writes a line of results; waits for a reader that is slower. */
  readonly line: (text: string) => Promise<void>
  /** Writes one value of a long listing as one line. */
  readonly jsonLine: (value: unknown) => Promise<void>
  /** Writes the one document of a command's results. */
  readonly document: (value: unknown) => Promise<void>
  readonly bytes: (chunk: Uint8Array) => Promise<void>
  /** Writes a message to standard error. */
  readonly message: (text: string) => void
  /** Hands messages to `handler` instead of writing them, until the returned function is called. */
  readonly divert: (handler: (text: string) => void) => () => void
  readonly problem: (problem: Problem) => void
  /** Standard error, where it is a terminal. */
  readonly screen: Screen | undefined
}

const isColored = ({ stdout, env }: Pick<Io, 'stdout' | 'env'>, options: GlobalOptions): boolean =>
  options.color !== false && (env['NO_COLOR'] ?? '') === '' && stdout.isTTY === true

const screenOf = ({ stderr }: Io, sink: Sink): Screen | undefined =>
  stderr.isTTY === true
    ? {
        write: (text) => void sink.write(text),
        get columns() {
          return stderr.columns
        },
        get rows() {
          return stderr.rows
        },
      }
    : undefined

export const createOutput = (io: Io, options: GlobalOptions, { stdout, stderr }: Streams): Output => {
  const colors = picocolors.createColors(isColored(io, options))
  const errorColors = picocolors.createColors(isColored({ ...io, stdout: io.stderr }, options))
  const [isStyled, isErrorStyled] = [colors, errorColors].map((its) => its.isColorSupported)
  const print = (text: string): Promise<void> => stdout.write(untrusted(text, isStyled))
  const directly = (text: string): void => void stderr.write(`${text}\n`)
  let handle = directly
  const message = (text: string): void => {
    handle(untrusted(text, isErrorStyled))
  }
  return {
    colors,
    errorColors,
    json: options.json === true,
    isClosed: () => stdout.failure()?.isClosed === true,
    line: (text) => print(`${text}\n`),
    jsonLine: (value) => print(`${JSON.stringify(value)}\n`),
    document: (value) => print(`${JSON.stringify(value, null, 2)}\n`),
    bytes: (chunk) => stdout.write(chunk),
    message,
    divert: (handler) => {
      handle = handler
      return () => {
        handle = directly
      }
    },
    problem: ({ message: text, remedy, error, exit }) => {
      if (options.json === true) {
        message(JSON.stringify({ error: { message: text, remedy, exit, ...(error as object | undefined) } }))
        return
      }
      message(`${errorColors.red('anydrive:')} ${nameText(text)}`)
      if (remedy !== undefined) message(`  ${nameText(remedy)}`)
    },
    screen: screenOf(io, stderr),
  }
}
