// What the command is given by its surroundings; tests give their own.
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
  /** Aborts on SIGTERM, and on a SIGINT that nobody takes. */
  readonly signal: AbortSignal
  /** `take` is asked at each SIGINT first, the latest given: true where it needs no more. Answers how to let go of it. */
  readonly onInterrupt?: ((take: () => boolean) => () => void) | undefined
}

/** Requests a second, by drive; of those not named, under `''`. */
export type Rates = Readonly<Record<string, number>>

/** Options that every command takes. */
export interface GlobalOptions {
  readonly config?: string
  readonly json?: boolean
  readonly color?: boolean
  readonly verbose?: boolean
  /** Of a command that takes them. */
  readonly requestsPerSecond?: Rates
  readonly tpslimit?: number
  /** Seconds. */
  readonly timeout?: number
}
