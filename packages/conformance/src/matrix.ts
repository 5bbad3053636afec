// What results come to: operation × capability × result, what was not checked and why, and which inferences held; as data.
import type { Basis, Feature } from '@anydrive/core'
import { groundsOf } from './grounds'
import type { Law, LawResult } from './law'

export interface MatrixRow {
  readonly operation: string
  /** What the laws of this row need beside the operation itself; empty where they are asked of every drive. */
  readonly capability: string
  /** On what the drive's author believes the capability to be kept; `inferred`: no document says so. */
  readonly basis?: Basis
  readonly kept: number
  /** Not declared, and refused as promised. */
  readonly refused: number
  readonly skipped: number
  readonly broken: number
  readonly notRun: number
}
/** A capability that was declared on an inference about the vendor, and whether this run bears it out. */
export interface Inference {
  readonly feature: string
  readonly held: boolean
  readonly kept: number
  readonly broken: number
}
export interface NotChecked {
  readonly why: string
  readonly laws: ReadonlyArray<string>
}
export interface Matrix {
  readonly rows: ReadonlyArray<MatrixRow>
  readonly broken: ReadonlyArray<{
    readonly operation: string
    readonly law: string
    readonly promise: string
    readonly why: string
    readonly inferred: boolean
    /** The documents that it rests on: sentences. */
    readonly grounds: ReadonlyArray<string>
  }>
  readonly inferences: ReadonlyArray<Inference>
  /** Laws that do not apply, by what is missing. */
  readonly skipped: ReadonlyArray<NotChecked>
  /** Laws that the run did not come to. */
  readonly notRun: ReadonlyArray<NotChecked>
}

const capabilityOf = ({ needs }: Law): string =>
  needs.filter((feature) => !feature.startsWith('operations.')).join(' + ')

const basisOf = (result: LawResult): Basis | undefined => ('basis' in result ? result.basis : undefined)

const grouped = <A>(all: ReadonlyArray<A>, keyOf: (one: A) => string): ReadonlyMap<string, ReadonlyArray<A>> => {
  const groups = new Map<string, Array<A>>()
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one])
  return groups
}

const rowOf = (operation: string, capability: string, own: ReadonlyArray<LawResult>): MatrixRow => {
  const count = (is: (v: LawResult) => boolean) => own.filter(is).length
  const basis = own.map(basisOf).find((found) => found !== undefined)
  return {
    operation,
    capability,
    ...(basis === undefined ? {} : { basis }),
    kept: count((v) => v.status === 'kept'),
    refused: count((v) => v.status === 'skipped' && v.refused),
    skipped: count((v) => v.status === 'skipped' && !v.refused),
    broken: count((v) => v.status === 'broken'),
    notRun: count((v) => v.status === 'not run'),
  }
}

const rowsOf = (results: ReadonlyArray<LawResult>): ReadonlyArray<MatrixRow> =>
  [...grouped(results, (v) => v.law.operation)].flatMap(([operation, own]) =>
    [...grouped(own, (v) => capabilityOf(v.law))]
      // What is asked of every drive comes first.
      .sort(([a], [b]) => Number(b === '') - Number(a === ''))
      .map(([capability, those]) => rowOf(operation, capability, those)),
  )

const isConflict = (feature: Feature): boolean => feature.startsWith('conflict.')

const inferencesOf = (results: ReadonlyArray<LawResult>): ReadonlyArray<Inference> => {
  const inferred = results.filter((v) => basisOf(v) === 'inferred')
  const features = new Set(inferred.flatMap((v) => v.law.needs.filter(isConflict)))
  return [...features].map((feature) => {
    const own = inferred.filter((v) => v.law.needs.includes(feature))
    const broken = own.filter((v) => v.status === 'broken').length
    return { feature, held: broken === 0, kept: own.length - broken, broken }
  })
}

const notChecked = (results: ReadonlyArray<LawResult>, status: 'skipped' | 'not run'): ReadonlyArray<NotChecked> => {
  const own = results.flatMap((v) =>
    v.status === status && !('refused' in v && v.refused) ? [{ why: v.why, name: v.law.name }] : [],
  )
  return [...grouped(own, ({ why }) => why)].map(([why, laws]) => ({ why, laws: laws.map(({ name }) => name) }))
}

export const matrixOf = (results: ReadonlyArray<LawResult>): Matrix => ({
  rows: rowsOf(results),
  broken: results.flatMap((v) =>
    v.status === 'broken'
      ? [
          {
            operation: v.law.operation,
            law: v.law.name,
            promise: v.law.promise,
            why: v.why,
            inferred: v.basis === 'inferred',
            grounds: groundsOf(v.law, v.basis),
          },
        ]
      : [],
  ),
  inferences: inferencesOf(results),
  skipped: notChecked(results, 'skipped'),
  notRun: notChecked(results, 'not run'),
})
