// What a vendor writes: routes, calls, replies, refusals.
import { type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { type Readable } from 'node:stream'

export interface Call {
  readonly method: string
  /** Path and query as they came. */
  readonly url: string
  /** The `:name` parts of the route, percent-decoded. */
  readonly params: Readonly<Record<string, string | undefined>>
  /** What stood in the place of the route's `*`, percent-decoded; empty if nothing. */
  readonly rest: string
  /** Decoded; of a repeated key the first value. A bare key has the value ''. */
  readonly query: ReadonlyMap<string, string>
  /** Keys that came more than once. */
  readonly repeated: ReadonlyArray<string>
  readonly headers: IncomingHttpHeaders
  /** The parsed JSON body, whatever its content type; undefined where there was none, and for routes that take the stream. */
  readonly body: unknown
  /** The body as it came, for signatures over it; empty where `body` is undefined. */
  readonly raw: Uint8Array
  /** The raw request, for routes that take the stream. */
  readonly stream: IncomingMessage
}

export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | number>>
  /** Text or bytes are sent as they are; anything else but a stream goes into `json`. */
  readonly body?: string | Uint8Array | Readable
  readonly json?: unknown
}

export interface Route {
  /** The endpoint's name in the log and for faults; a function where one URL stands for several operations. */
  readonly name: string | ((call: Call) => string)
  readonly method: string | ReadonlyArray<string>
  /** `/a/:b/c`, or `/a/*`, which also matches `/a`. */
  readonly path: string
  /** Default `json`: the body is read and parsed before `handle`. */
  readonly body?: 'json' | 'stream'
  /** Throws a `Refusal` to answer with an error. Everything it changes without awaiting is one atomic step. */
  readonly handle: (call: Call, endpoint: string) => Reply | Promise<Reply>
}

/** An answer that ends a handler early. */
export class Refusal extends Error {
  readonly reply: Reply
  constructor(reply: Reply) {
    super(`refused with ${reply.status}`)
    this.reply = reply
  }
}

/** What the common machinery meets and the vendor words in its own way. */
export type Trouble =
  | { readonly kind: 'no-route' | 'wrong-method' | 'bad-url' | 'too-large' | 'unavailable' }
  | { readonly kind: 'bad-json'; readonly message: string }
  | { readonly kind: 'rate-limited'; readonly retryAfter?: number }
  | { readonly kind: 'internal'; readonly error: unknown }

export const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers,
  json: value,
})

export const empty = (status: number, headers: Readonly<Record<string, string>> = {}): Reply => ({ status, headers })
