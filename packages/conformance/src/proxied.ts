// What laws share that put a proxy between a drive and its server.
import { type DriveProvider, type Environment } from '@anydrive/core'
import { isChanging } from './hooks'
import { Violation, type Harness } from './law'
import { startFaultProxy, type FaultProxy, type Interceptor, type ProxyResponse } from './proxy'

/** Milliseconds after which a call counts as one that never ends; nothing that ends depends on them. */
const endlessAfter = 30_000

/** The result of a call that has to end; a `Violation` if it does not. */
export const ending = async <A>(what: string, running: Promise<A>): Promise<A> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Violation(`${what} did not end within ${endlessAfter / 1000} s`)), endlessAfter)
  })
  return Promise.race([running, late]).finally(() => clearTimeout(timer))
}

/** A provider object whose requests go through a proxy of its own; pauses take no time. */
export const throughProxy = async (
  { hooks, notApplicable }: Harness,
  run: (drive: DriveProvider, proxy: FaultProxy) => Promise<void>,
  environment: Environment = {},
): Promise<void> => {
  const { http } = hooks
  if (http === undefined) return notApplicable('the test gives no http hook')
  const proxy = await startFaultProxy(http.url(), http)
  try {
    await run(await http.open(proxy.url, { delay: () => Promise.resolve(), ...environment }), proxy)
  } finally {
    await proxy.close()
  }
}

const bytesOf = ({ body = '' }: ProxyResponse): Buffer => (typeof body === 'string' ? Buffer.from(body) : body)

/** The bytes with one of them changed, in the middle of where `content` begins; undefined where it is not in there. */
export const spoiled = (body: Buffer, content: Uint8Array): Buffer | undefined => {
  const at = body.indexOf(content.subarray(0, 64))
  if (at < 0) return undefined
  const changed = Buffer.from(body)
  const where = at + Math.floor(Math.min(content.byteLength, body.length - at) / 2)
  changed[where] = (changed[where] ?? 0) ^ 0x01
  return changed
}

/** Alters responses that carry the beginning of this content, as often as `times` says. */
export const onDownload =
  (content: Uint8Array, times: number, alter: Parameters<typeof applied>[1]): Interceptor =>
  async (_, forward) => {
    const response = await forward()
    if (times <= 0 || bytesOf(response).indexOf(content.subarray(0, 64)) < 0) return response
    times--
    return applied(response, alter)
  }
const applied = (
  response: ProxyResponse,
  alter: (response: ProxyResponse, body: Buffer) => ReturnType<Interceptor>,
): ReturnType<Interceptor> => alter(response, bytesOf(response))

/** Requests after the first change by which a drive that waits for a task asks for it again and again. */
const requestsOfPolling = 8

/** Resolves once the drive asks for a task that it has begun. Sets the proxy's interceptor. */
export const polling = (harness: Harness, proxy: FaultProxy): Promise<void> =>
  new Promise((resolve) => {
    let since = 0
    proxy.intercept((request, forward) => {
      if (changes(harness, request) && since === 0) since = 1
      else if (since > 0 && ++since > requestsOfPolling) resolve()
      return forward()
    })
  })

/** Whether a request may change something, as the test says. */
export const changes = ({ hooks }: Harness, request: Parameters<Interceptor>[0]): boolean =>
  hooks.http !== undefined && isChanging(hooks.http, request)
