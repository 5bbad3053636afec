// The entries, unpacked from the page.
import type { Embedded, Row, Shape } from '../src/embedded'

export interface Entry {
  /** Where it stands in the page: the order in which it was written. */
  readonly index: number
  readonly path: string
  readonly to: string | undefined
  /** -1: unknown. */
  readonly bytes: number
  readonly shape: Shape
  readonly why: string
  readonly remedy: string
  /** In small letters, what a text is looked for in. */
  readonly searched: string
}

const nothing: Shape = { kind: '', status: '', how: '', instant: false, evidence: '', departure: '' }

const unpacked = (row: Row, before: string, index: number, { shapes, words }: Embedded): Entry => {
  const [keep, rest, shapeAt = 0, bytes = -1, toStart = '', toTail = -1, whyAt = 0, remedyAt = 0] = row
  const path = before.slice(0, keep) + rest
  const to = toTail < 0 ? undefined : toStart + path.slice(path.length - toTail)
  const shape = shapes[shapeAt] ?? nothing
  const why = words[whyAt] ?? ''
  const named = shape.how === 'renamed' || shape.how === 'encoded' ? (to ?? '') : ''
  const searched = named === '' && why === '' ? path.toLowerCase() : `${path}\n${named}\n${why}`.toLowerCase()
  return { index, path, to, bytes, shape, why, remedy: words[remedyAt] ?? '', searched }
}

export const readEntries = (json: string): ReadonlyArray<Entry> => {
  const embedded = JSON.parse(json) as Embedded
  let before = ''
  return embedded.rows.map((row, index) => {
    const entry = unpacked(row, before, index, embedded)
    before = entry.path
    return entry
  })
}
