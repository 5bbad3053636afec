// Entries as lines of a scratch file, for as long as the process lives.
import type { Entry } from '@anydrive/core'

const revived = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text))

/** What was an entry when it was written; its dates are text now. */
type Written = Omit<Entry, 'createdAt' | 'modifiedAt'> & { readonly createdAt?: string; readonly modifiedAt?: string }

export const entryOf = (written: unknown): Entry => {
  const { createdAt, modifiedAt, ...rest } = written as Written
  const [created, modified] = [revived(createdAt), revived(modifiedAt)]
  return {
    ...(rest as Entry),
    ...(created === undefined ? {} : { createdAt: created }),
    ...(modified === undefined ? {} : { modifiedAt: modified }),
  }
}
