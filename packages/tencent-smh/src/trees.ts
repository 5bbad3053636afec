// Whether a copy stands: by size and checksum for files, by all that lies below for directories.
import type { DrivePath, Entry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Smh } from './context'
import { bounds } from './settings'

/** Requests that a comparison of two trees may cost. */
const budget = 64

const sameFile = (a: Entry, b: Entry): boolean =>
  a.kind === 'file' &&
  b.kind === 'file' &&
  a.size === b.size &&
  a.checksums.crc64xz !== undefined &&
  a.checksums.crc64xz === b.checksums.crc64xz

interface Listing {
  readonly smh: Smh
  readonly signal: AbortSignal
  spent: number
}

const everyChild = async (
  listing: Listing,
  dir: DrivePath,
  space: string | undefined,
): Promise<ReadonlyMap<string, Entry> | undefined> => {
  const children = new Map<string, Entry>()
  let marker: string | undefined
  do {
    if (++listing.spent > budget) return undefined
    const page = await listing.smh.looks.list(dir, { marker, limit: bounds.page }, listing.signal, space)()
    if (E.isLeft(page)) return undefined
    for (const entry of page.right.items) children.set(entry.name, entry)
    marker = page.right.next
  } while (marker !== undefined)
  return children
}

/** `unknown` where it would cost too many requests to tell. */
export const isCopy = async (
  smh: Smh,
  original: Entry,
  copy: Entry,
  { space, signal }: { readonly space: string | undefined; readonly signal: AbortSignal },
): Promise<boolean | 'unknown'> => {
  const listing: Listing = { smh, signal, spent: 0 }
  const compare = async (a: Entry, b: Entry): Promise<boolean | 'unknown'> => {
    if (a.kind !== 'directory' || b.kind !== 'directory') return sameFile(a, b)
    const from = await everyChild(listing, a.path, space)
    const to = await everyChild(listing, b.path, undefined)
    if (from === undefined || to === undefined) return 'unknown'
    if (from.size !== to.size) return false
    for (const [name, entry] of from) {
      const twin = to.get(name)
      const same = twin === undefined ? false : await compare(entry, twin)
      if (same !== true) return same
    }
    return true
  }
  return compare(original, copy)
}
