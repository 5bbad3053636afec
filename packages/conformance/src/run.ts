// Checking laws: in a test runner, or without one.
import { has, remove, type Basis, type Capabilities, type ConflictStrategy, type Feature } from '@anydrive/core'
import { randomUUID } from 'node:crypto'
import { openBench } from './bench'
import { checkUnderFaults, type FaultyOptions } from './faulty'
import { Moot, type Law, type Subject, type Verdict } from './law'
import { laws as allLaws } from './laws'
import { checkAgainstModel } from './model'
import { programOptions } from './asked'

/** The shape that jest, vitest, mocha (`it`) and node:test share. */
export interface Runner {
  readonly describe: (name: string, body: () => void) => unknown
  readonly test: (name: string, body: () => Promise<void>, timeoutMs?: number) => unknown
}

const missingOf = (capabilities: Capabilities, law: Law): ReadonlyArray<Feature> =>
  law.needs.filter((feature) => !has(capabilities, feature))

const undeclared = (missing: ReadonlyArray<Feature>): string =>
  `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not declared`

/** Why a law does not apply to a drive that declares these. */
const inapplicable = (capabilities: Capabilities, law: Law): string | undefined => {
  const missing = missingOf(capabilities, law)
  return missing.length > 0 ? undeclared(missing) : law.mootFor?.(capabilities)
}

/** The weakest basis among the conflict rows that a law needs. */
const basisOf = (capabilities: Capabilities, law: Law): Basis | undefined => {
  const found = law.needs.flatMap((feature) => {
    const [section, row, strategy] = feature.split('.') as [string, keyof Capabilities['conflict'], ConflictStrategy]
    return section === 'conflict' ? [capabilities.conflict[row][strategy].basis] : []
  })
  return (['inferred', 'documented', 'probed'] as const).find((basis) => found.includes(basis))
}

const reasonOf = (u: unknown): string => (u instanceof Error ? u.message : String(u))

const inOwnFolder = async (subject: Subject, check: Law['check']): Promise<void> => {
  const bench = await openBench(subject, `law-${randomUUID().slice(0, 13)}`)
  try {
    await check(bench)
  } finally {
    await remove(bench.drive, bench.root, { permanent: true })()
  }
}

/** One law in a folder of its own, which is removed again. */
export const runLaw = async (subject: Subject, law: Law): Promise<Verdict> => {
  const missing = missingOf(subject.capabilities, law)
  const why = inapplicable(subject.capabilities, law)
  const basis = basisOf(subject.capabilities, law)
  try {
    if (why === undefined) {
      await inOwnFolder(subject, law.check)
      return { law, verdict: 'kept', basis }
    }
    const instead = missing.length > 0 ? law.otherwise : undefined
    if (instead !== undefined) await inOwnFolder(subject, instead)
    return { law, verdict: 'skipped', missing, why, refused: instead !== undefined }
  } catch (u) {
    if (u instanceof Moot) return { law, verdict: 'skipped', missing, why: u.message, refused: false }
    return { law, verdict: 'broken', why: reasonOf(u), basis }
  }
}

export interface RunOptions {
  /** Asked before and after each law: once it says why the run has ended, what is left is `not run`. */
  readonly ended?: (() => string | undefined) | undefined
}

export async function* runLaws(
  subject: Subject,
  laws: ReadonlyArray<Law> = allLaws,
  { ended = () => undefined }: RunOptions = {},
): AsyncGenerator<Verdict, void> {
  for (const law of laws) {
    const verdict = ended() === undefined ? await runLaw(subject, law) : undefined
    const why = ended()
    // A law that was cut short says nothing of the drive.
    if (why !== undefined && verdict?.verdict !== 'kept') yield { law, verdict: 'not run', why }
    else if (verdict !== undefined) yield verdict
  }
}

export interface ConformanceOptions {
  readonly laws?: ReadonlyArray<Law> | undefined
  /** Random programs beside the laws: how many steps are compared with the reference. */
  readonly steps?: number | undefined
  readonly seed?: number | undefined
  /** The same number of steps while the service misbehaves. */
  readonly faults?: FaultyOptions['faults'] | undefined
}

const testLaw = (test: Runner['test'], subject: Subject, law: Law, name: string): void => {
  test(name, async () => {
    const verdict = await runLaw(subject, law)
    if (verdict.verdict === 'broken') throw new Error(`${law.promise}: ${verdict.why}`)
  })
}

const lawsText = (laws: ReadonlyArray<Law>): string => (laws.length === 1 ? '1 law' : `${laws.length} laws`)

/** What does not apply is one test a reason: that the drive, as opened, declares no more than was said. */
const testInapplicable = (test: Runner['test'], subject: Subject, why: string, laws: ReadonlyArray<Law>): void => {
  test(`${why}: ${lawsText(laws)} not applicable`, async () => {
    const { capabilities } = await subject.open()
    const applies = laws.filter((law) => inapplicable(capabilities, law) === undefined)
    if (applies.length > 0)
      throw new Error(
        `the drive declares more than the capabilities given, and these laws were left out: ${applies.map(({ name }) => name).join('; ')}`,
      )
  })
}

const testLaws = (test: Runner['test'], subject: Subject, laws: ReadonlyArray<Law>): void => {
  const leftOut = new Map<string, Array<Law>>()
  for (const law of laws) {
    const why = inapplicable(subject.capabilities, law)
    const missing = missingOf(subject.capabilities, law)
    if (why === undefined) testLaw(test, subject, law, law.name)
    else if (missing.length > 0 && law.otherwise !== undefined)
      testLaw(test, subject, law, `refused without ${missing.join(' and ')}: ${law.name}`)
    else leftOut.set(why, [...(leftOut.get(why) ?? []), law])
  }
  for (const [why, those] of leftOut) testInapplicable(test, subject, why, those)
}

/** One test a law; of what does not apply one test a reason, named by it; then random programs, if asked for. */
export const conformance = ({ describe, test }: Runner, subject: Subject, options: ConformanceOptions = {}): void => {
  const laws = options.laws ?? allLaws
  for (const operation of new Set(laws.map((law) => law.operation)))
    describe(operation, () => {
      testLaws(
        test,
        subject,
        laws.filter((law) => law.operation === operation),
      )
    })
  if (options.steps === undefined) return
  const asked = programOptions(options)
  describe('random programs', () => {
    const timeout = 60_000 + (asked.steps ?? 0) * 100
    test('come to the same as on the reference drive', () => checkAgainstModel(subject, asked), timeout)
    const { faults } = options
    if (faults !== undefined)
      test('are told the truth while answers get lost', () => checkUnderFaults(subject, { ...asked, faults }), timeout)
  })
}
