// Checking laws: in a test runner, or without one.
import { has, remove, type Basis, type Capabilities, type ConflictStrategy, type Feature } from '@anydrive/core'
import { randomUUID } from 'node:crypto'
import { openBench } from './bench'
import type { Law, Subject, Verdict } from './law'
import { laws as allLaws } from './laws'

/** The shape that jest, vitest, mocha (`it`) and node:test share. */
export interface Runner {
  readonly describe: (name: string, body: () => void) => unknown
  readonly test: (name: string, body: () => Promise<void>) => unknown
}

const missingOf = (capabilities: Capabilities, law: Law): ReadonlyArray<Feature> =>
  law.needs.filter((feature) => !has(capabilities, feature))

const isConflict = (feature: Feature): boolean => feature.startsWith('conflict.')

/** The weakest basis among the conflict rows that a law needs. */
const basisOf = (capabilities: Capabilities, law: Law): Basis | undefined => {
  const found = law.needs.filter(isConflict).map((feature) => {
    const [, row, strategy] = feature.split('.') as [string, keyof Capabilities['conflict'], ConflictStrategy]
    return capabilities.conflict[row][strategy].basis
  })
  return (['inferred', 'documented', 'probed'] as const).find((basis) => found.includes(basis))
}

const reasonOf = (u: unknown): string => (u instanceof Error ? u.message : String(u))

/** One law in a folder of its own, which is removed again. */
export const runLaw = async (subject: Subject, law: Law): Promise<Verdict> => {
  const missing = missingOf(subject.capabilities, law)
  if (missing.length > 0 && law.otherwise === undefined) return { law, verdict: 'skipped', missing, refused: false }
  const basis = basisOf(subject.capabilities, law)
  try {
    const bench = await openBench(subject, `law-${randomUUID().slice(0, 13)}`)
    try {
      await (missing.length > 0 && law.otherwise !== undefined ? law.otherwise(bench) : law.check(bench))
    } finally {
      await remove(bench.drive, bench.root, { permanent: true })()
    }
    return missing.length > 0 ? { law, verdict: 'skipped', missing, refused: true } : { law, verdict: 'kept', basis }
  } catch (u) {
    return { law, verdict: 'broken', why: reasonOf(u), basis }
  }
}

export async function* runLaws(subject: Subject, laws: ReadonlyArray<Law> = allLaws): AsyncGenerator<Verdict, void> {
  for (const law of laws) yield await runLaw(subject, law)
}

/** One test a law. Where its needs are not declared, what must be refused instead is tested, if the law says what; else it is left out. */
export const conformance = (
  { describe, test }: Runner,
  subject: Subject,
  options: { readonly laws?: ReadonlyArray<Law> | undefined } = {},
): void => {
  const laws = options.laws ?? allLaws
  for (const operation of new Set(laws.map((law) => law.operation))) {
    describe(operation, () => {
      for (const law of laws.filter((one) => one.operation === operation)) {
        const missing = missingOf(subject.capabilities, law)
        if (missing.length > 0 && law.otherwise === undefined) continue
        test(missing.length > 0 ? `without ${missing.join(', ')}: ${law.name}` : law.name, async () => {
          const verdict = await runLaw(subject, law)
          if (verdict.verdict === 'broken') throw new Error(`${law.promise}: ${verdict.why}`)
        })
      }
    })
  }
}
