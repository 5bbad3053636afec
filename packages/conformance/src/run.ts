// Checking laws: in a test runner, or without one.
import { has, remove, type Basis, type Capabilities, type ConflictStrategy, type Feature } from '@anydrive/core'
import { randomUUID } from 'node:crypto'
import { groundsOf } from './grounds'
import { openHarness } from './harness'
import { doubtTests } from './doubt'
import { checkUnderFaults, type FaultyOptions } from './faulty'
import { missingHook, type TestHooks } from './hooks'
import { NotApplicable, type Law, type Subject, type LawResult } from './law'
import { laws as allLaws } from './laws'
import { checkAgainstModel } from './model'
import { programOptions } from './program-options'

/** The shape that jest, vitest, mocha (`it`) and node:test share. */
export interface Runner {
  readonly describe: (name: string, body: () => void) => unknown
  readonly test: (name: string, body: () => Promise<void>, timeoutMs?: number) => unknown
}

const missingOf = (capabilities: Capabilities, law: Law): ReadonlyArray<Feature> =>
  law.needs.filter((feature) => !has(capabilities, feature))

const undeclared = (missing: ReadonlyArray<Feature>): string =>
  `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not declared`

/** Why a law does not apply to a drive that declares these, on a test server that can do this. */
const inapplicable = (capabilities: Capabilities, hooks: TestHooks | undefined, law: Law): string | undefined => {
  const missing = missingOf(capabilities, law)
  if (missing.length > 0) return undeclared(missing)
  return law.notApplicableFor?.(capabilities) ?? missingHook(hooks, law.needsHooks ?? [])
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
  const harness = await openHarness(subject, `law-${randomUUID().slice(0, 13)}`)
  try {
    await check(harness)
  } finally {
    await remove(harness.drive, harness.root, { permanent: true })()
  }
}

/** One law in a folder of its own, which is removed again. */
export const runLaw = async (subject: Subject, law: Law): Promise<LawResult> => {
  const missing = missingOf(subject.capabilities, law)
  const why = inapplicable(subject.capabilities, subject.hooks, law)
  const basis = basisOf(subject.capabilities, law)
  try {
    if (why === undefined) {
      await inOwnFolder(subject, law.check)
      return { law, status: 'kept', basis }
    }
    const instead = missing.length > 0 ? law.otherwise : undefined
    if (instead !== undefined) await inOwnFolder(subject, instead)
    return { law, status: 'skipped', missing, why, refused: instead !== undefined }
  } catch (u) {
    if (u instanceof NotApplicable) return { law, status: 'skipped', missing, why: u.message, refused: false }
    return { law, status: 'broken', why: reasonOf(u), basis }
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
): AsyncGenerator<LawResult, void> {
  for (const law of laws) {
    const result = ended() === undefined ? await runLaw(subject, law) : undefined
    const why = ended()
    // A law that was cut short says nothing of the drive.
    if (why !== undefined && result?.status !== 'kept') yield { law, status: 'not run', why }
    else if (result !== undefined) yield result
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
    const result = await runLaw(subject, law)
    if (result.status === 'broken')
      throw new Error([`${law.promise}: ${result.why}`, ...groundsOf(law, result.basis)].join('\n'))
  })
}

const lawsText = (laws: ReadonlyArray<Law>): string => (laws.length === 1 ? '1 law' : `${laws.length} laws`)

/** What does not apply is one test a reason: that the drive, as opened, declares no more than was said. */
const testInapplicable = (test: Runner['test'], subject: Subject, why: string, laws: ReadonlyArray<Law>): void => {
  test(`${why}: ${lawsText(laws)} not applicable`, async () => {
    const { capabilities } = await subject.open()
    const applies = laws.filter((law) => inapplicable(capabilities, subject.hooks, law) === undefined)
    if (applies.length > 0)
      throw new Error(
        `the drive declares more than the capabilities given, and these laws were skipped: ${applies.map(({ name }) => name).join('; ')}`,
      )
  })
}

const testLaws = (test: Runner['test'], subject: Subject, laws: ReadonlyArray<Law>): void => {
  const leftOut = new Map<string, Array<Law>>()
  for (const law of laws) {
    const why = inapplicable(subject.capabilities, subject.hooks, law)
    const missing = missingOf(subject.capabilities, law)
    if (why === undefined) testLaw(test, subject, law, law.name)
    else if (missing.length > 0 && law.otherwise !== undefined)
      testLaw(test, subject, law, `refused without ${missing.join(' and ')}: ${law.name}`)
    else leftOut.set(why, [...(leftOut.get(why) ?? []), law])
  }
  for (const [why, those] of leftOut) testInapplicable(test, subject, why, those)
}

/** One test a law; of what does not apply one test a reason, named by it; the table of faults, if the test gives an http hook; then random programs, if asked for. */
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
  if (subject.hooks?.http !== undefined)
    describe('truth of what is said after a fault', () => {
      for (const { name, check } of doubtTests(subject)) test(name, check, 600_000)
    })
  if (options.steps === undefined) return
  const asked = programOptions(options)
  describe('random programs', () => {
    const timeout = 60_000 + (asked.steps ?? 0) * 100
    test('come to the same as on the reference drive', () => checkAgainstModel(subject, asked), timeout)
    const { faults } = options
    if (faults !== undefined)
      test('report the truth while responses get lost', () => checkUnderFaults(subject, { ...asked, faults }), timeout)
  })
}
