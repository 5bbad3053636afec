// How many requests a migration would send, and how long it would take, by estimate.
import type { Capabilities } from '@anydrive/core'

/** Requests of one call. */
export interface RequestCosts {
  /** Of one page. */
  readonly list: number
  readonly look: number
  readonly createDir: number
  readonly read: number
  /** By the file's bytes. */
  readonly write: (size: number) => number
  readonly overwrite: (size: number) => number
}
/** What sends none: a directory of this machine, say. */
export const noRequests: RequestCosts = {
  list: 0,
  look: 0,
  createDir: 0,
  read: 0,
  write: () => 0,
  overwrite: () => 0,
}

const mib = 2 ** 20
const onePut = 32 * mib

const partsOf = (size: number, { partSize, maxParts = 10_000 }: Capabilities['upload']): number => {
  const least = Math.max(16 * mib, partSize?.min ?? 0, Math.ceil(size / maxParts / mib) * mib)
  return Math.ceil(size / Math.min(least, partSize?.max ?? Infinity))
}

/**
 * As documented of the services (docs/contract.md, section 8): a page, a look and a directory are one each. Where uploads have parts, reading is a link and the
 * content, a file of one part is begun, sent and confirmed, and one of several has a request a part; where they have none, each is one. Replacing where the
 * vendor cannot takes four more.
 */
export const requestCosts = ({ upload, conflict }: Pick<Capabilities, 'upload' | 'conflict'>): RequestCosts => {
  const isPlain = upload.parts === 'none'
  const write = (size: number): number => (isPlain ? 1 : size <= onePut ? 3 : partsOf(size, upload) + 2)
  const replacing = conflict.writeFile.overwrite.support === 'native' ? 0 : 4
  return {
    list: 1,
    look: 1,
    createDir: 1,
    read: isPlain ? 1 : 2,
    write,
    overwrite: (size) => write(size) + replacing,
  }
}

/** Requests a second of each drive, and bytes a second of all files together; what is absent is not limited. */
export interface Rates {
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly bandwidth?: number | undefined
}
export interface Estimate {
  readonly requests: { readonly from: number; readonly to: number }
  readonly bytes: number
  readonly rates: Rates
  /** Milliseconds: of what takes longest at the given rates; absent where no rate was given. */
  readonly duration?: number
  readonly boundBy?: 'requests to the source' | 'requests to the target' | 'requests' | 'bandwidth'
}

const round = (n: number): number => Math.ceil(n)

/** `oneDrive`: both ends share one rate. */
export const estimateOf = (
  requests: { readonly from: number; readonly to: number },
  bytes: number,
  rates: Rates,
  oneDrive: boolean,
): Estimate => {
  const seconds = (n: number, rate: number | undefined): number => (rate === undefined ? 0 : n / rate)
  const shared = oneDrive ? seconds(requests.from + requests.to, rates.from ?? rates.to) : 0
  const bounds = [
    { by: 'requests', s: shared },
    { by: 'requests to the source', s: seconds(requests.from, rates.from) },
    { by: 'requests to the target', s: seconds(requests.to, rates.to) },
    { by: 'bandwidth', s: seconds(bytes, rates.bandwidth) },
  ] as const
  const longest = bounds.reduce((a, b) => (b.s > a.s ? b : a))
  return {
    requests: { from: round(requests.from), to: round(requests.to) },
    bytes,
    rates,
    ...(longest.s > 0 ? { duration: Math.round(longest.s * 1000), boundBy: longest.by } : {}),
  }
}
