// The form in which the entries stand in the page: what the writer writes and the page's script reads.

/** What many entries have in common; an empty text is nothing. */
export interface Shape {
  readonly kind: string
  readonly status: string
  readonly how: string
  readonly instant: boolean
  readonly evidence: string
  readonly departure: string
}

/**
 * `keep`: as many characters of the path before as this one begins with, and `rest` follows; `shape` counts in `shapes`; `bytes` is -1 where it is
 * unknown. The target is `toStart` and the last `toTail` characters of the path; with `toTail` -1 there is none. `why` and `remedy` count in `words`. What is missing at the
 * end of a row is `0`, `-1`, `''`, `-1`, `0`, `0`.
 */
export type Row = readonly [
  keep: number,
  rest: string,
  shape?: number,
  bytes?: number,
  toStart?: string,
  toTail?: number,
  why?: number,
  remedy?: number,
]

export interface Embedded {
  readonly rows: ReadonlyArray<Row>
  readonly shapes: ReadonlyArray<Shape>
  /** The first is empty. */
  readonly words: ReadonlyArray<string>
}
