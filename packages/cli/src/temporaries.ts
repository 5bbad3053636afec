// Temporary files of anydrive: shown in listings, instead of hidden.
import type { DriveProvider, Entry, Page } from '@anydrive/core'
import { isTemporary } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'

const temporary = 'temporary file of anydrive; see anydrive cleanup'

const shown = (entry: Entry): Entry => {
  if (!isTemporary(entry.name)) return entry
  const { path, name, modifiedAt } = entry
  return { kind: 'other', path, name, what: temporary, ...(modifiedAt === undefined ? {} : { modifiedAt }) }
}

const originals = new WeakMap<DriveProvider, DriveProvider>()

/** The drive, but its listings show temporaries of anydrive, as neither files nor directories. With `temporaries: 'show'` they are listed as they are. */
export const withTemporaries = (drive: DriveProvider): DriveProvider => {
  const wrapped: DriveProvider = {
    ...drive,
    list: (path, options = {}) =>
      options.temporaries === 'show'
        ? drive.list(path, options)
        : async () =>
            E.map((page: Page<Entry>) => ({ ...page, items: page.items.map(shown) }))(
              await drive.list(path, { ...options, temporaries: 'show' })(),
            ),
  }
  originals.set(wrapped, drive)
  return wrapped
}

/** The drive that was given to `withTemporaries`. */
export const withoutTemporaries = (drive: DriveProvider): DriveProvider => originals.get(drive) ?? drive
