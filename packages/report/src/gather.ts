// What the sections list, gathered while the entries pass: in bounded memory, however many there are.
import type { ReportRecord } from './input'

export interface Reason {
  readonly reason: string
  readonly remedy: string
  readonly count: number
  /** The first of them. */
  readonly examples: ReadonlyArray<{ readonly path: string; readonly why: string }>
}
export interface Gathered {
  /** The most frequent first. */
  readonly reasons: ReadonlyArray<Reason>
  /** Failures for further reasons. */
  readonly otherReasons: number
  readonly renamed: ReadonlyArray<Respelt>
  readonly encoded: ReadonlyArray<Respelt>
}
export interface Respelt {
  readonly path: string
  readonly to: string
}
export interface Gathering {
  readonly add: (record: ReportRecord) => void
  readonly all: () => Gathered
}

export const mostListed = 100
const mostReasons = 200
const mostExamples = 20

export const gathering = (): Gathering => {
  const reasons = new Map<
    string,
    { reason: string; remedy: string; count: number; examples: Array<Reason['examples'][number]> }
  >()
  const renamed: Array<Respelt> = []
  const encoded: Array<Respelt> = []
  let otherReasons = 0
  const addFailure = ({ path, why = 'no reason is known', reason = why, remedy = '' }: ReportRecord): void => {
    const key = `${reason}\n${remedy}`
    const group = reasons.get(key)
    if (group === undefined && reasons.size >= mostReasons) otherReasons += 1
    else if (group === undefined) reasons.set(key, { reason, remedy, count: 1, examples: [{ path, why }] })
    else {
      group.count += 1
      if (group.examples.length < mostExamples) group.examples.push({ path, why })
    }
  }
  return {
    add: (record) => {
      const { status, how, path, to } = record
      if (status === 'failed') addFailure(record)
      const list = how === 'renamed' ? renamed : how === 'encoded' ? encoded : undefined
      if (list !== undefined && to !== undefined && list.length < mostListed) list.push({ path, to })
    },
    all: () => ({
      reasons: [...reasons.values()].sort((a, b) => b.count - a.count),
      otherReasons,
      renamed,
      encoded,
    }),
  }
}
