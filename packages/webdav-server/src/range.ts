// The Range header: RFC 9110, 14.

/** `end` is the first byte that is not wanted. */
export interface Span {
  readonly start: number
  readonly end: number
}

interface RangeSpec {
  readonly first?: number
  readonly last?: number
  /** Of the last bytes, how many. */
  readonly suffix?: number
}

const specOf = (text: string): RangeSpec | undefined => {
  const [, first, last = '', suffix] = /^(?:(\d+)-(\d*)|-(\d+))$/.exec(text) ?? []
  if (suffix !== undefined) return { suffix: Number(suffix) }
  if (first === undefined) return undefined
  if (last === '') return { first: Number(first) }
  return Number(last) < Number(first) ? undefined : { first: Number(first), last: Number(last) }
}

/** `none`: it has no byte of the file. An empty file has no part, so its last bytes are the whole of it. */
const spanOf = ({ first = 0, last = Infinity, suffix }: RangeSpec, size: number): Span | 'all' | 'none' => {
  if (suffix === 0) return 'none'
  if (suffix !== undefined) return size === 0 ? 'all' : { start: Math.max(0, size - suffix), end: size }
  return first >= size ? 'none' : { start: first, end: Math.min(size, last + 1) }
}

/** The one range that is wanted; `all` where the header is malformed, of another unit, or asks for several ranges; `none` where no range overlaps the file. */
export const rangeOf = (text: string, size: number): Span | 'all' | 'none' => {
  const listed = /^bytes=(.*)$/i.exec(text.trim())?.[1] ?? ''
  const specs = listed
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(specOf)
  const spans: Array<Span | 'all'> = []
  for (const spec of specs) {
    if (spec === undefined) return 'all'
    const span = spanOf(spec, size)
    if (span !== 'none') spans.push(span)
  }
  if (specs.length === 0 || spans.length > 1) return 'all'
  return spans[0] ?? 'none'
}
