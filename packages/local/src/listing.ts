// Pages of a directory, in ascending order of names: scanned as a stream, with a window of names kept from page to page.
import * as E from 'fp-ts/Either'
import { opendir } from 'node:fs/promises'
import { under, type DrivePath, type Entry, type Page } from '@anydrive/core'
import { notFound } from '@anydrive/core/adapter'
import { mapLimit } from '@anydrive/kit'
import type { Dir } from './directories'
import { toEntry, lookup } from './entries'
import type { Result } from './errors'
import { decoded } from './directories'

/** The names after `after`, the first ones in order; `more`: there are others behind them. */
interface Window {
  readonly names: ReadonlyArray<string>
  readonly more: boolean
}
interface Scan extends Window {
  readonly skipped: ReadonlyArray<string>
}

const cut = (names: Array<string>, most: number): Array<string> => names.sort().slice(0, most)

/** One pass over the directory that keeps at most twice `most` names, however many there are. */
const scan = async (dir: Dir, after: string | undefined, most: number): Promise<Scan> => {
  let names: Array<string> = []
  let more = false
  const skipped: Array<string> = []
  const trim = () => {
    more = true
    names = cut(names, most)
  }
  // Node takes 'buffer' here, its types do not know it.
  const entries = await opendir(dir.self, { encoding: 'buffer' as BufferEncoding, bufferSize: 1024 })
  for await (const entry of entries) {
    const name = decoded(entry.name as unknown as Buffer)
    if (typeof name !== 'string') skipped.push(name.toString('utf8'))
    else if (after === undefined || name > after) names.push(name)
    if (names.length > 2 * most) trim()
  }
  if (names.length > most) trim()
  return { names: cut(names, most), more, skipped }
}

const lookupsAtOnce = 64
/** Names in one window. */
const windowSize = 50_000
const windowsKept = 4
const prefix = 'after:'

export interface Listing {
  /** Two pages of one listing meet in the window that the first left, else the directory is scanned again from there. */
  readonly page: (
    dir: Dir,
    path: DrivePath,
    request: { readonly cursor?: string | undefined; readonly limit: number },
  ) => Result<Page<Entry>>
}

export const createListing = (size = windowSize): Listing => {
  const windows = new Map<string, Window>()
  const keep = (key: string, window: Window): void => {
    windows.set(key, window)
    for (const old of [...windows.keys()].slice(0, Math.max(0, windows.size - windowsKept))) windows.delete(old)
  }

  return {
    page: async (dir, path, { cursor, limit }) => {
      if (cursor?.startsWith(prefix) === false) return E.left(notFound({ what: 'cursor' }))
      const after = cursor?.slice(prefix.length)
      const key = (name: string) => `${path}\0${name}`
      const known = after === undefined ? undefined : windows.get(key(after))
      if (after !== undefined) windows.delete(key(after))
      const scanned = known === undefined ? await scan(dir, after, Math.max(size, limit)) : undefined
      const window = known ?? scanned ?? { names: [], more: false }
      const here = window.names.slice(0, limit)
      const rest = window.names.slice(limit)
      const last = here.at(-1)
      const goesOn = last !== undefined && (rest.length > 0 || window.more)
      if (goesOn && rest.length > 0) keep(key(last), { names: rest, more: window.more })
      const found = await mapLimit(here, lookupsAtOnce, async (name): Promise<ReadonlyArray<Entry>> => {
        const stats = await lookup(dir, name)
        return stats === undefined ? [] : [toEntry(under(path, name as DrivePath), stats)]
      })
      const skipped = cursor === undefined ? (scanned?.skipped ?? []) : []
      return E.right({
        items: found.flat(),
        ...(goesOn ? { next: prefix + last } : {}),
        ...(skipped.length > 0 ? { skipped } : {}),
      })
    },
  }
}
