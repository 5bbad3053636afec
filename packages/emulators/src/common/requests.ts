// The log of answered requests: bounded, and without secrets.
import { type FaultKind } from './faults'

export interface RequestRecord {
  /** By the emulator's clock. */
  readonly at: number
  readonly method: string
  /** Path and query as they came, secrets replaced by `…`. */
  readonly path: string
  /** The emulator's name of the operation, such as `createDirectory`. */
  readonly endpoint: string
  /** 0 where the answer never left. */
  readonly status: number
  /** The injected fault that shaped the answer. */
  readonly fault?: FaultKind
}

export interface RequestLog {
  /** The latest records (at most 10,000), oldest first; of one endpoint if named. */
  readonly list: (endpoint?: string) => ReadonlyArray<RequestRecord>
  /** All requests since the start or the last `clear`, also those no longer listed. */
  readonly count: (endpoint?: string) => number
  /** Counts by endpoint. */
  readonly counts: () => Readonly<Record<string, number>>
  readonly clear: () => void
}

export const makeRequestLog = (capacity = 10_000): RequestLog & { readonly add: (record: RequestRecord) => void } => {
  let ring: Array<RequestRecord> = []
  let oldest = 0
  let counts = new Map<string, number>()
  const ordered = (): ReadonlyArray<RequestRecord> => [...ring.slice(oldest), ...ring.slice(0, oldest)]
  return {
    add: (record) => {
      counts.set(record.endpoint, (counts.get(record.endpoint) ?? 0) + 1)
      if (ring.length < capacity) ring.push(record)
      else {
        ring[oldest] = record
        oldest = (oldest + 1) % capacity
      }
    },
    list: (endpoint) => ordered().filter((record) => endpoint === undefined || record.endpoint === endpoint),
    count: (endpoint) =>
      endpoint === undefined ? [...counts.values()].reduce((sum, n) => sum + n, 0) : (counts.get(endpoint) ?? 0),
    counts: () => Object.fromEntries(counts),
    clear: () => {
      ring = []
      oldest = 0
      counts = new Map()
    },
  }
}

const secretKey = /token|secret|sign|authorization|credential|password/i

/** The query with the values of secret-looking keys replaced; the path untouched. */
export const maskQuery = (url: string): string => {
  const mark = url.indexOf('?')
  if (mark < 0) return url
  const query = url
    .slice(mark + 1)
    .split('&')
    .map((pair) => {
      const [key = ''] = pair.split('=', 1)
      return secretKey.test(key) && pair.length > key.length ? `${key}=…` : pair
    })
    .join('&')
  return `${url.slice(0, mark)}?${query}`
}
