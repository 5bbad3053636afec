// What verdicts come to: operation × capability × verdict, what was not checked and why, and which inferences held; as data.
import type { Basis, Feature } from '@anydrive/core'
import type { Law, Verdict } from './law'

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
  }>
  readonly inferences: ReadonlyArray<Inference>
  /** Laws that do not apply, by what is missing. */
  readonly skipped: ReadonlyArray<NotChecked>
  /** Laws that the run did not come to. */
  readonly notRun: ReadonlyArray<NotChecked>
}

const capabilityOf = ({ needs }: Law): string =>
  needs.filter((feature) => !feature.startsWith('operations.')).join(' + ')

const basisOf = (verdict: Verdict): Basis | undefined => ('basis' in verdict ? verdict.basis : undefined)

const grouped = <A>(all: ReadonlyArray<A>, keyOf: (one: A) => string): ReadonlyMap<string, ReadonlyArray<A>> => {
  const groups = new Map<string, Array<A>>()
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one])
  return groups
}

const rowOf = (operation: string, capability: string, own: ReadonlyArray<Verdict>): MatrixRow => {
  const count = (is: (v: Verdict) => boolean) => own.filter(is).length
  const basis = own.map(basisOf).find((found) => found !== undefined)
  return {
    operation,
    capability,
    ...(basis === undefined ? {} : { basis }),
    kept: count((v) => v.verdict === 'kept'),
    refused: count((v) => v.verdict === 'skipped' && v.refused),
    skipped: count((v) => v.verdict === 'skipped' && !v.refused),
    broken: count((v) => v.verdict === 'broken'),
    notRun: count((v) => v.verdict === 'not run'),
  }
}

const rowsOf = (verdicts: ReadonlyArray<Verdict>): ReadonlyArray<MatrixRow> =>
  [...grouped(verdicts, (v) => v.law.operation)].flatMap(([operation, own]) =>
    [...grouped(own, (v) => capabilityOf(v.law))]
      // What is asked of every drive comes first.
      .sort(([a], [b]) => Number(b === '') - Number(a === ''))
      .map(([capability, those]) => rowOf(operation, capability, those)),
  )

const isConflict = (feature: Feature): boolean => feature.startsWith('conflict.')

const inferencesOf = (verdicts: ReadonlyArray<Verdict>): ReadonlyArray<Inference> => {
  const inferred = verdicts.filter((v) => basisOf(v) === 'inferred')
  const features = new Set(inferred.flatMap((v) => v.law.needs.filter(isConflict)))
  return [...features].map((feature) => {
    const own = inferred.filter((v) => v.law.needs.includes(feature))
    const broken = own.filter((v) => v.verdict === 'broken').length
    return { feature, held: broken === 0, kept: own.length - broken, broken }
  })
}

const notChecked = (verdicts: ReadonlyArray<Verdict>, verdict: 'skipped' | 'not run'): ReadonlyArray<NotChecked> => {
  const own = verdicts.flatMap((v) =>
    v.verdict === verdict && !('refused' in v && v.refused) ? [{ why: v.why, name: v.law.name }] : [],
  )
  return [...grouped(own, ({ why }) => why)].map(([why, laws]) => ({ why, laws: laws.map(({ name }) => name) }))
}

export const matrixOf = (verdicts: ReadonlyArray<Verdict>): Matrix => ({
  rows: rowsOf(verdicts),
  broken: verdicts.flatMap((v) =>
    v.verdict === 'broken'
      ? [
          {
            operation: v.law.operation,
            law: v.law.name,
            promise: v.law.promise,
            why: v.why,
            inferred: v.basis === 'inferred',
          },
        ]
      : [],
  ),
  inferences: inferencesOf(verdicts),
  skipped: notChecked(verdicts, 'skipped'),
  notRun: notChecked(verdicts, 'not run'),
})
