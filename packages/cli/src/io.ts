// What the command is given by its surroundings; tests give their own.
import type { Readable, Writable } from 'node:stream'

export type Out = Writable & { readonly isTTY?: boolean | undefined; readonly columns?: number | undefined }

export interface Io {
  readonly stdin: Readable
  readonly stdout: Out
  readonly stderr: Out
  readonly env: { readonly [name: string]: string | undefined }
  /** The working directory. */
  readonly cwd: string
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal
}

/** Options that every command takes. */
export interface GlobalOptions {
  readonly config?: string
  readonly json?: boolean
  readonly color?: boolean
  readonly verbose?: boolean
  /** Seconds. */
  readonly timeout?: number
}
