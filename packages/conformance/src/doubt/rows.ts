// The table of faults: what can become of a changing request and its response.
import type { HttpHook } from '../hooks'
import type { Interceptor, ProxiedRequest, ProxyAnswer, ProxyResponse } from '../proxy'

type Forward = () => Promise<ProxyResponse>

/** What a fault can do beside answering: all on signals of the test, nothing by time. */
interface Stage {
  readonly http: HttpHook
  /** Runs once the call has ended. */
  readonly later: (effect: Forward) => void
  /** Runs once the next request of any kind has been answered, or the call has ended. */
  readonly afterNext: (effect: Forward) => void
  /** Aborts the call. */
  readonly abort: () => void
  /** How many requests met the fault, this one included. */
  readonly struck: () => number
}

export interface FaultRow {
  readonly name: string
  /** Which requests meet the fault: the one at which it begins, all changing ones from there on, or everything until the call ends, with or without it. */
  readonly reaches: 'one' | 'changes' | 'everything' | 'everything after'
  /** Undefined where the row cannot be brought about for this request. */
  readonly act: (request: ProxiedRequest, forward: Forward, stage: Stage) => Promise<ProxyAnswer> | undefined
  /** The request reaches the server twice, and the client gets this of the two responses. */
  readonly twice?: 'first' | 'second'
  /** The service works as ever right after, so that a composed operation can be finished or rolled back. */
  readonly recovers?: true
  /** The call waits for time-outs and grace periods, so that many can wait together. */
  readonly waits?: true
  /** Milliseconds that the call is given. */
  readonly timeout?: number
  /** The smallest table that the row is part of. */
  readonly table: Table
}

/** Each holds the one before. */
export type Table = 'short' | 'main' | 'whole'
const sizes: ReadonlyArray<Table> = ['short', 'main', 'whole']

const page = '<!DOCTYPE html><html><head><title>Sign in</title></head><body>Welcome to the network.</body></html>'
const html = { 'content-type': 'text/html; charset=utf-8' }
const json = { 'content-type': 'application/json' }

const status = (code: number): ProxyResponse => ({
  status: code,
  headers: html,
  body: `<html><body>${code}</body></html>`,
})
const drop: ProxyAnswer = 'drop'
const never = new Promise<never>(() => undefined)
const isSuccess = ({ status: code }: ProxyResponse): boolean => code >= 200 && code < 300

/** The response of the server, altered if it is a success: a refusal stays as it is. */
const altered =
  (alter: (response: ProxyResponse) => ProxyAnswer) =>
  async (_: unknown, forward: Forward): Promise<ProxyAnswer> => {
    const response = await forward()
    return isSuccess(response) ? alter(response) : response
  }
const withBody =
  (body: string, headers: Readonly<Record<string, string>>) =>
  (response: ProxyResponse): ProxyResponse => ({
    status: response.status === 204 ? 200 : response.status,
    headers,
    body,
  })
const bytesOf = ({ body }: ProxyResponse): Buffer => Buffer.from(body ?? '')
const half = (response: ProxyResponse): number => Math.floor(bytesOf(response).length / 2)

const instead = (answer: ProxyAnswer) => () => Promise.resolve(answer)
const afterwards = (answer: ProxyAnswer) => async (_: unknown, forward: Forward) => {
  await forward()
  return answer
}
const delayed =
  (answer: ProxyAnswer | 'none', when: 'later' | 'afterNext'): FaultRow['act'] =>
  (_, forward, stage) => {
    stage[when](forward)
    return answer === 'none' ? never : Promise.resolve(answer)
  }

const one = (name: string, act: FaultRow['act'], more: Partial<FaultRow> = {}): FaultRow => ({
  name,
  reaches: 'one',
  table: 'main',
  act,
  ...more,
})
const short = { table: 'short' } as const
const whole = { table: 'whole' } as const
const recovers = { recovers: true } as const
const both = { ...short, ...recovers } as const

const faultRows: ReadonlyArray<FaultRow> = [
  one('connection lost before the effect', instead(drop), both),
  one('response lost after the effect', afterwards(drop), both),
  ...[500, 502, 503, 504].flatMap((code) => [
    one(`${code} before the effect`, instead(status(code)), code === 503 ? both : { ...whole, ...recovers }),
    one(`${code} after the effect`, afterwards(status(code)), code === 504 ? both : { ...whole, ...recovers }),
  ]),
  one('504, and the effect comes after the call', delayed(status(504), 'later'), short),
  one('504, and the effect comes after the next request', delayed(status(504), 'afterNext'), short),
  one(
    'no response, and the effect comes after the call was aborted',
    (_, forward, stage) => {
      stage.later(forward)
      stage.abort()
      return never
    },
    { waits: true },
  ),
  one('aborted on its way, the effect comes, the response is lost', async (_, forward, stage) => {
    stage.abort()
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    await forward()
    return drop
  }),
  one('no response within the time given, and the effect comes after the call', delayed('none', 'later'), {
    timeout: 250,
    waits: true,
  }),
  one(
    'body of a success cut off',
    altered((response) => (half(response) === 0 ? drop : { cut: response, after: half(response) })),
  ),
  one(
    'body of a success shortened',
    altered((response) => ({ ...response, body: bytesOf(response).subarray(0, half(response)) })),
    short,
  ),
  one('body of a success replaced by {}', altered(withBody('{}', json)), whole),
  one('body of a success replaced by null', altered(withBody('null', json)), whole),
  one('200 {} and no effect', instead({ status: 200, headers: json, body: '{}' }), short),
  one('200 null and no effect', instead({ status: 200, headers: json, body: 'null' }), whole),
  one(
    '200 with a page of HTML after the effect',
    altered(() => ({ status: 200, headers: html, body: page })),
  ),
  one('200 with a page of HTML and no effect', instead({ status: 200, headers: html, body: page })),
  one(
    'redirect to another page after the effect',
    altered(() => ({ status: 302, headers: { ...html, location: '/sign-in' }, body: page })),
    whole,
  ),
  one(
    'redirect to another page and no effect',
    instead({ status: 302, headers: { ...html, location: '/sign-in' }, body: page }),
  ),
  one(
    'sent twice, the first response arrives',
    async (_, forward) => {
      const first = await forward()
      await forward()
      return first
    },
    { twice: 'first' },
  ),
  one(
    'sent twice, the second response arrives',
    async (_, forward) => {
      await forward()
      return forward()
    },
    { twice: 'second' },
  ),
  one(
    'refused by the service',
    (request, _, { http }) => {
      const refusal = http.refusal?.(request)
      return refusal === undefined ? undefined : Promise.resolve(refusal)
    },
    both,
  ),
  { name: 'service gone before the effect', reaches: 'everything', act: instead(drop), table: 'short' },
  {
    name: 'service gone after the effect of the first',
    reaches: 'everything',
    act: async (_, forward, stage) => {
      if (stage.struck() === 1) await forward()
      return drop
    },
    table: 'short',
  },
  { name: 'service gone after the response', reaches: 'everything after', act: instead(drop), table: 'short' },
  { name: '504 after each effect', reaches: 'changes', act: afterwards(status(504)), table: 'short' },
  { name: '503 before each effect', reaches: 'changes', act: instead(status(503)), table: 'whole' },
  {
    name: '504 at each, and the effects come after the call',
    reaches: 'changes',
    act: delayed(status(504), 'later'),
    table: 'main',
  },
]

/** The rows of a table. */
export const rowsOf = (table: Table): ReadonlyArray<FaultRow> =>
  faultRows.filter((row) => sizes.indexOf(row.table) <= sizes.indexOf(table))

/** What the interceptor did and left to do. */
export interface Injection {
  readonly interceptor: Interceptor
  /** Whether the request was reached, and if the row did not apply to it, why. */
  readonly met: () => ProxiedRequest | undefined
  readonly leftOut: () => string | undefined
  /** The call has ended: lets effects come that were kept back, and passes everything from now on. */
  readonly end: () => Promise<void>
}

/** The row at the k-th changing request, counted from 1. */
export const inject = (
  row: FaultRow,
  k: number,
  http: HttpHook,
  isChange: (r: ProxiedRequest) => boolean,
  abort: () => void,
): Injection => {
  let count = 0
  let met: ProxiedRequest | undefined
  let leftOut: string | undefined
  let struck = 0
  let ended = false
  const laters: Array<Forward> = []
  const nexts: Array<Forward> = []
  const stage: Stage = {
    http,
    later: (f) => laters.push(f),
    afterNext: (f) => nexts.push(f),
    abort,
    struck: () => struck,
  }
  const run = async (effects: Array<Forward>): Promise<void> => {
    for (const effect of effects.splice(0)) await effect().catch(() => undefined)
  }
  const faulty = (request: ProxiedRequest): boolean => {
    const isPast = count >= k
    const changing = isChange(request)
    if (changing) count++
    if (ended || count < k) return false
    if (row.reaches === 'everything after') return isPast
    if (row.reaches === 'one') return changing && count === k
    return row.reaches === 'everything' ? true : changing
  }
  return {
    interceptor: async (request, forward) => {
      const strikes = faulty(request)
      if (strikes) {
        leftOut ??= http.indistinguishable?.(row.name, request)
        struck++
        const answer = leftOut === undefined ? row.act(request, () => forward(), stage) : undefined
        if (answer !== undefined) {
          met ??= request
          return answer
        }
        leftOut ??= 'the row cannot be brought about for this request'
      }
      const waiting = nexts.splice(0)
      const response = await forward()
      await run(waiting)
      return response
    },
    met: () => met,
    leftOut: () => leftOut,
    end: async () => {
      ended = true
      await run([...nexts.splice(0), ...laters.splice(0)])
    },
  }
}
