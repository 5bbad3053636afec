// What the command sees of the world: given by the process, or by a test.
import type { Readable, Writable } from 'node:stream'

export interface Io {
  readonly stdin: Readable
  /** Results. */
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  /** Messages. */
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Aborts at SIGINT and SIGTERM. */
  readonly signal: AbortSignal
}
