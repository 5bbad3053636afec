// The settings of the transport, as they stand under `http` in a drive's settings.
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { readFileSync } from 'node:fs'
import { isProxyUrl } from './proxy'

const number = (name: string, holds: (n: number) => boolean): t.Type<number> =>
  new t.Type<number>(
    name,
    (u): u is number => typeof u === 'number' && holds(u),
    (u, context) => (typeof u === 'number' && holds(u) ? t.success(u) : t.failure(u, context)),
    t.identity,
  )
const Positive = number('a positive number', (n) => n > 0 && Number.isFinite(n))
const NotNegative = number('a number, 0 or more', (n) => n >= 0 && Number.isFinite(n))
const Count = number('a whole number, 1 or more', (n) => n >= 1 && Number.isInteger(n))

const pem = (u: unknown): E.Either<unknown, string> => {
  if (typeof u !== 'string') return E.left(u)
  const read = u.includes('-----BEGIN') ? E.right(u) : E.tryCatch(() => readFileSync(u, 'utf8'), t.identity)
  return E.filterOrElse(
    (text: string) => text.includes('-----BEGIN CERTIFICATE-----'),
    () => u as unknown,
  )(read)
}
const Certificates = new t.Type<string>(
  'certificates in PEM, or a readable file of them',
  t.string.is,
  (u, context) => {
    const read = pem(u)
    return E.isLeft(read) ? t.failure(u, context) : t.success(read.right)
  },
  t.identity,
)

const isProxy = (u: unknown): u is string =>
  typeof u === 'string' && (u === 'none' || u === 'environment' || isProxyUrl(u))
const Proxy = new t.Type<string>(
  'the http or https URL of a proxy, "none" or "environment"',
  isProxy,
  // A failure shows the type of what was given, never the value: it may hold a password.
  (u, context) => (isProxy(u) ? t.success(u) : t.failure(typeof u === 'string' ? '' : u, context)),
  t.identity,
)

/** Times in milliseconds. */
export interface HttpSettings {
  /** Without a byte in either direction; 60,000. */
  readonly idleTimeout?: number | undefined
  /** For one attempt at a request that sends no stream, until it is answered, and until the response ends where that is no stream; 120,000. */
  readonly totalTimeout?: number | undefined
  /** Bytes a second below which a transfer counts as stuck, over one `idleTimeout`; 1024, and 0 for never. */
  readonly minimumRate?: number | undefined
  /** Requests in flight; 16. Uploads of streams are counted apart, as many again. */
  readonly concurrency?: number | undefined
  /** Unlimited unless given. */
  readonly requestsPerSecond?: number | undefined
  /** Whether the rate adapts to a service that refuses requests with 429 and no `Retry-After`; true. */
  readonly adaptiveRate?: boolean | undefined
  /** Requests a second until the first such refusal; no limit unless given. */
  readonly startRate?: number | undefined
  /** Requests a second below which an adapting rate does not fall; 0.125. */
  readonly lowestRate?: number | undefined
  /** Requests a second above which an adapting rate does not rise; no limit unless given. */
  readonly highestRate?: number | undefined
  /** Of one request, the first included; 5. */
  readonly attempts?: number | undefined
  /** The longest pause between two attempts, and the longest `Retry-After` that is obeyed; 30,000. */
  readonly longestDelay?: number | undefined
  /** Certificates trusted besides the usual ones: PEM text, or (when decoded) the path of a file that holds it. */
  readonly ca?: string | undefined
  /**
   * The URL of a proxy for all requests (`http://user:password@host:port`), `none`, or `environment`: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY,
   * never for this machine itself; `environment`.
   */
  readonly proxy?: string | undefined
  /**
   * Whether URLs that the service names (downloads, uploads, redirects) may lead to loopback, link-local and private addresses although the host of
   * the drive has none; false.
   */
  readonly privateAddresses?: boolean | undefined
}
export const HttpSettings: t.Type<HttpSettings> = t.exact(
  t.partial({
    idleTimeout: Positive,
    totalTimeout: Positive,
    minimumRate: NotNegative,
    concurrency: Count,
    requestsPerSecond: Positive,
    adaptiveRate: t.boolean,
    startRate: Positive,
    lowestRate: Positive,
    highestRate: Positive,
    attempts: Count,
    longestDelay: Positive,
    ca: Certificates,
    proxy: Proxy,
    privateAddresses: t.boolean,
  }),
  'HttpSettings',
) as unknown as t.Type<HttpSettings>

export const defaults = {
  idleTimeout: 60_000,
  totalTimeout: 120_000,
  minimumRate: 1024,
  concurrency: 16,
  lowestRate: 0.125,
  attempts: 5,
  longestDelay: 30_000,
} as const
