// Which entries are shown, and in which order.
import { evidenceOf, statusText } from '../src/words'
import { noteText } from './details'
import type { Entry } from './entries'

export interface Filter {
  readonly text: string
  readonly status: string
  readonly evidence: string
  readonly how: string
}
export type Column = 'path' | 'status' | 'bytes' | 'evidence' | 'note'
export interface Order {
  readonly column: Column
  readonly descending: boolean
}

/** Names that went as asked, and entries that have none at the target. */
export const howOf = ({ shape }: Entry): string => (shape.how === '' ? 'as-asked' : shape.how)

export const filtered = (entries: ReadonlyArray<Entry>, filter: Filter): ReadonlyArray<Entry> => {
  const text = filter.text.toLowerCase()
  const { status, evidence, how } = filter
  return entries.filter(
    (entry) =>
      (status === '' || entry.shape.status === status) &&
      (evidence === '' || entry.shape.evidence === evidence) &&
      (how === '' || howOf(entry) === how) &&
      (text === '' || entry.searched.includes(text)),
  )
}

const keys: { readonly [C in Column]: (entry: Entry) => string | number } = {
  path: ({ path }) => path,
  status: ({ shape }) => statusText(shape.status),
  bytes: ({ bytes }) => bytes,
  evidence: ({ shape }) => (shape.evidence === '' ? '' : `${evidenceOf(shape.evidence).rank}${shape.evidence}`),
  note: (entry) => noteText(entry),
}

/** Equal ones keep the order in which they were written, in either direction; what is empty comes last. */
export const sorted = (entries: ReadonlyArray<Entry>, { column, descending }: Order): ReadonlyArray<Entry> => {
  const keyed = entries.map((entry) => ({ entry, key: keys[column](entry) }))
  const sign = descending ? -1 : 1
  keyed.sort((a, b) => {
    if (a.key === b.key) return a.entry.index - b.entry.index
    if (a.key === '' || b.key === '') return a.key === '' ? 1 : -1
    return a.key < b.key ? -sign : sign
  })
  return keyed.map(({ entry }) => entry)
}

export interface Value {
  readonly value: string
  readonly count: number
}

/** The values that occur, the most frequent first. */
export const valuesOf = (entries: ReadonlyArray<Entry>, of: (entry: Entry) => string): ReadonlyArray<Value> => {
  const counts = new Map<string, number>()
  for (const entry of entries) counts.set(of(entry), (counts.get(of(entry)) ?? 0) + 1)
  return [...counts]
    .filter(([value]) => value !== '')
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count)
}
