// What is asked and what is answered, as data; secrets stay Secret until the one function that sends.
import type { Effect, Fault, Secret, Environment } from '@anydrive/core'
import type { TaskEither } from 'fp-ts/TaskEither'
import type { Readable } from 'node:stream'

/**
 * What the transport may do after a failure. A `read` changes nothing and is repeated. A `change` is repeated only where it certainly had no effect
 * (not sent, or refused as not processed); everything else is decided by `attempt` of `@anydrive/kit`.
 */
export type RequestKind = 'read' | 'change'

/** A query parameter without a value: `{ move: flag }` prints `?move`. */
export const flag = Object.freeze({ flag: true as const })
export type Flag = typeof flag
export type QueryValue = string | number | boolean | Secret | Flag | undefined

/** May be opened several times, once an attempt; the stream is destroyed in every outcome. */
export type OpenBody = (
  signal: AbortSignal,
) => Readable | TaskEither<{ readonly _tag: string; readonly message?: string }, Readable>

export type HttpBody =
  /** Serialised here; a Secret anywhere within is revealed in what is sent. */
  | { readonly json: unknown }
  | { readonly text: string; readonly type: string | false }
  /** Exactly `size` bytes. Type `false` sends no content-type, which presigned URLs need. */
  | { readonly stream: OpenBody; readonly size: number; readonly type: string | false }

export type HttpMethod =
  | 'GET'
  | 'HEAD'
  | 'PUT'
  | 'POST'
  | 'PATCH'
  | 'DELETE'
  | 'PROPFIND'
  | 'PROPPATCH'
  | 'MKCOL'
  | 'COPY'
  | 'MOVE'
  | 'OPTIONS'

/** Printable at any time: JSON, `inspect` and templates show `[secret]` for what is Secret. */
export interface HttpRequest {
  /** Names the request in logs. */
  readonly endpoint: string
  readonly method: HttpMethod
  /** Scheme, host and perhaps a path, with or without a closing `/`. A signed URL is given whole, as a Secret. */
  readonly base: string | Secret
  /**
   * Of a URL that a service names: the address of the drive. The request is refused unless the URL is https (or the drive's is http, too), and unless
   * it leads to a public address (or the drive's own host is in a private network, or the setting `privateAddresses` permits it).
   */
  readonly namedBy?: string | undefined
  /** Raw; each is percent-encoded here, `/` included. */
  readonly segments?: ReadonlyArray<string> | undefined
  /** In this order; `undefined` is left out. */
  readonly query?: { readonly [name: string]: QueryValue } | undefined
  readonly headers?: { readonly [name: string]: string | Secret | undefined } | undefined
  readonly body?: HttpBody | undefined
  /** `stream` gives a stream for a status of 2xx only; any other answer is read as text. */
  readonly answer: 'text' | 'stream'
  readonly kind: RequestKind
  /** How long the text of a success may be: `listing` up to 64 MiB, `small` up to 8 MiB; `small` unless given. */
  readonly expects?: 'listing' | 'small' | undefined
  readonly signal: AbortSignal
  /** 1 unless the request is being repeated; set by `withRetry`. */
  readonly attempt?: number | undefined
}

/** Any status: what a status means is the adapter's to say. Printing it shows no body. */
export interface HttpResponse {
  readonly status: number
  /** Any case. */
  readonly header: (name: string) => string | undefined
  /** Empty where there is a stream. At most what the request `expects`; of a refusal, the first 256 KiB. */
  readonly text: string
  /** The caller's: read to the end or destroyed. It fails with a `FaultError`. */
  readonly stream?: Readable
  readonly attempts: number
  /** Milliseconds since the epoch by the local clock: right before the last attempt was sent, and when its status arrived. */
  readonly sentAt: number
  readonly receivedAt: number
  /** Whether the request may have had an effect although this response is no documented success: see `mayHaveHappened`. */
  readonly effect: Effect
}

/**
 * `effect`: `none` where it is certain that the service did not act on the request.
 * `UnexpectedResponse` is an answer too long to be held; `InvalidPath` a request with a header that cannot be sent.
 */
export type HttpFault = Fault<
  'Network' | 'Timeout' | 'Aborted' | 'SourceFailed' | 'UnexpectedResponse' | 'InvalidPath'
> & {
  readonly effect?: Effect
}
export type Http<E = HttpFault> = (request: HttpRequest) => TaskEither<E, HttpResponse>
export type Wrapper<E1 = HttpFault, E2 = E1> = (next: Http<E1>) => Http<E2>

/** What tests replace; all of it has a default. */
export type HttpSurroundings = Pick<Environment, 'now' | 'random' | 'delay' | 'log' | 'rateShare'>

/** What the stream of an answer fails with: the connection cut, no bytes in time, aborted. */
export class FaultError extends Error {
  override readonly name = 'FaultError'
  readonly fault: HttpFault
  constructor(fault: HttpFault) {
    super(`the answer broke off: ${fault._tag}${fault.code === undefined ? '' : ` (${fault.code})`}`)
    this.fault = fault
  }
}
