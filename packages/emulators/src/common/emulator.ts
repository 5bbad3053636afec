// What every emulator takes and gives: the common options, and the handle of one that runs.
import { type FaultControl, type FaultSpec, type Latency } from './faults'
import { type RequestLog } from './requests'

export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json | undefined }
export type JsonObject = Readonly<Record<string, Json | undefined>>

export interface EmulatorOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number | undefined
  /** Default `127.0.0.1`. */
  readonly host?: string | undefined
  /** Refuse, the vendor's way, what no document of the vendor describes: unknown fields, wrong types, wrong methods. */
  readonly strict?: boolean | undefined
  /** Ids, suffixes and faults follow from it. Default 1. */
  readonly seed?: number | undefined
  /** Probabilities of faults, as an object or as `lost=0.05,5xx=0.1`. */
  readonly faults?: FaultSpec | string | undefined
  /** Milliseconds before each answer, fixed or drawn from a range. */
  readonly latencyMs?: Latency | undefined
  /** More requests than this within one second (of `now`) are answered with 429. */
  readonly ratePerSecond?: number | undefined
  /** Seconds to announce in `Retry-After` with a 429; absent: no such header. */
  readonly retryAfter?: number | undefined
  /** Keeps everything in this directory, and starts from what is there. Absent: memory, and a temporary directory for large bodies. */
  readonly dataDir?: string | undefined
  /** HTTPS, for the API and the object store alike: `true` makes an authority and a certificate for 127.0.0.1 and localhost. */
  readonly tls?: true | { readonly cert: string; readonly key: string } | undefined
  /** Milliseconds since 1970. Everything that takes time or expires follows this clock. */
  readonly now?: (() => number) | undefined
}

export interface Emulator {
  /** Scheme, host and port, without a trailing slash. */
  readonly url: string
  /** The `drives` of an `anydrive.json` that reach this emulator: settings by name. */
  readonly configuration: Readonly<Record<string, JsonObject>>
  readonly faults: FaultControl
  readonly requests: RequestLog
  /** The certificate (PEM) to trust, where `tls: true` made one. */
  readonly caFile?: string
  /** Ends every connection at once; temporary files are gone when it resolves. Closing twice is closing once. */
  readonly close: () => Promise<void>
}
