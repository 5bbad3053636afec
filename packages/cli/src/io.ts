// The streams, signals and environment of the command; tests supply their own.
import type { Readable, Writable } from 'node:stream'

export type Out = Writable & {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  readonly rows?: number | undefined
}

export interface Io {
  readonly stdin: Readable
  readonly stdout: Out
  readonly stderr: Out
  readonly env: { readonly [name: string]: string | undefined }
  /** The working directory. */
  readonly cwd: string
  /** Aborts on SIGTERM, and on a SIGINT that no handler takes. */
  readonly signal: AbortSignal
  /** Calls the latest `handle` at each SIGINT; if it returns true, nothing else happens. Returns a function that removes it. */
  readonly onInterrupt?: ((handle: () => boolean) => () => void) | undefined
}

/** Requests a second by drive; under `''` for all drives that are not named. */
export type Rates = Readonly<Record<string, number>>

/** Options that every command takes. */
export interface GlobalOptions {
  readonly config?: string
  readonly json?: boolean
  readonly color?: boolean
  readonly verbose?: boolean
  readonly logFile?: string
  readonly logFormat?: 'json' | 'text'
  /** Only of the commands that have them. */
  readonly requestsPerSecond?: Rates
  readonly tpslimit?: number
  /** Milliseconds. */
  readonly stats?: number
  /** Seconds. */
  readonly timeout?: number
}
