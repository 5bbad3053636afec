// Entries as rows of the page: packed one by one, those that matter first where there are too many.
import type { Row, Shape } from './embedded'
import type { ReportOptions, ReportRecord } from './input'

export interface Rows {
  /** The row as JSON; undefined where the page has enough of its kind. */
  readonly add: (record: ReportRecord) => string | undefined
  /** What the rows refer to, as the rest of the JSON object that they stand in. */
  readonly rest: () => string
  readonly written: () => number
  /** Left out because there are too many. */
  readonly left: () => { readonly plain: number; readonly notable: number }
}

const defaults = { plain: 100_000, notable: 100_000 }

/** JSON that ends no script, holds no line of its own, and nothing that changes the direction of text. */
const safeJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>&\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

const isNotable = ({ status, how }: ReportRecord): boolean =>
  status === 'failed' ||
  status === 'blocked' ||
  status === 'other' ||
  status === 'pending' ||
  how === 'renamed' ||
  how === 'encoded'

const commonStart = (a: string, b: string): number => {
  const most = Math.min(a.length, b.length)
  let i = 0
  while (i < most && a.charCodeAt(i) === b.charCodeAt(i)) i += 1
  return i
}
const commonEnd = (a: string, b: string): number => {
  const most = Math.min(a.length, b.length)
  let i = 0
  while (i < most && a.charCodeAt(a.length - 1 - i) === b.charCodeAt(b.length - 1 - i)) i += 1
  return i
}

/** Numbers for values, in the order in which they come. */
const numbering = <A>(keyOf: (value: A) => string) => {
  const known = new Map<string, number>()
  const values: Array<A> = []
  return {
    values,
    of: (value: A): number => {
      const key = keyOf(value)
      const found = known.get(key)
      if (found !== undefined) return found
      known.set(key, values.length)
      values.push(value)
      return values.length - 1
    },
  }
}

const shapeOf = (record: ReportRecord): Shape => ({
  kind: record.kind,
  status: record.status,
  how: record.how ?? '',
  instant: record.instant === true,
  evidence: record.evidence ?? '',
  departure: record.departure ?? '',
})

const missing: ReadonlyArray<unknown> = [undefined, undefined, 0, -1, '', -1, 0, 0]
const trimmed = (row: Required<Row>): ReadonlyArray<unknown> => {
  let length = row.length as number
  while (length > 2 && row[length - 1] === missing[length - 1]) length -= 1
  return row.slice(0, length)
}

export const createRows = (options: ReportOptions = {}): Rows => {
  const most = { plain: options.plain ?? defaults.plain, notable: options.notable ?? defaults.notable }
  const seen = { plain: 0, notable: 0 }
  const shapes = numbering((shape: Shape) => JSON.stringify(shape))
  const words = numbering((word: string) => word)
  words.of('')
  let before = ''

  const pack = (record: ReportRecord): string => {
    const { path, to } = record
    const keep = commonStart(before, path)
    before = path
    const tail = to === undefined ? -1 : commonEnd(path, to)
    return safeJson(
      trimmed([
        keep,
        path.slice(keep),
        shapes.of(shapeOf(record)),
        record.bytes ?? -1,
        to === undefined ? '' : to.slice(0, to.length - tail),
        tail,
        words.of(record.why ?? ''),
        words.of(record.remedy ?? ''),
      ]),
    )
  }
  return {
    add: (record) => {
      const sort = isNotable(record) ? 'notable' : 'plain'
      seen[sort] += 1
      return seen[sort] > most[sort] ? undefined : pack(record)
    },
    rest: () => `"shapes":${safeJson(shapes.values)},"words":${safeJson(words.values)}`,
    written: () => Math.min(seen.plain, most.plain) + Math.min(seen.notable, most.notable),
    left: () => ({
      plain: Math.max(0, seen.plain - most.plain),
      notable: Math.max(0, seen.notable - most.notable),
    }),
  }
}
