// Model-based: the same random program on the drive and on the reference, compared after each step.
import { nameOf, root } from '@anydrive/core'
import { openMemory } from '@anydrive/memory'
import * as E from 'fp-ts/Either'
import * as fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { programOptions, type ProgramOptions } from './program-options'
import { openHarness } from './harness'
import { Violation, type Law, type Subject } from './law'
import { oneByOne, reasonsOf } from './reasons'
import { programOf, stepOf, type Step } from './steps'
import { at, carryOut, resolve, treeOf, type Outcome, type State, type Tree } from './state'

/** The reference takes the free name that the drive picked. */
const follow = async (model: State, from: string | undefined, to: string | undefined): Promise<void> => {
  if (from === undefined || to === undefined || from === to) return
  const moved = await model.drive.batchMove([{ from: at(model, from), to: at(model, to) }])()
  if (E.isLeft(moved) || moved.right.outcomes[0]?.status !== 'done')
    throw new Violation(`the drive picked ${nameOf(at(model, to))}, which is not free`)
}

const differ = (what: string, actual: unknown, expected: unknown): Violation =>
  new Violation(`${what}: the reference has ${JSON.stringify(expected)}, the drive has ${JSON.stringify(actual)}`)

const checkSame = (actual: Tree, expected: Tree, what: string): void => {
  if (!isDeepStrictEqual([...actual], [...expected])) throw differ(what, [...actual], [...expected])
}

interface Expected extends Outcome {
  /** Of each item: the failures that its state allows. */
  readonly allowed: ReadonlyArray<ReadonlySet<string>>
}

/** The reference does a batch literally one item after another, each under the name that the drive gave it. */
const expectedOf = async (model: State, step: Step, n: number, actual: Outcome): Promise<Expected> => {
  const said: Array<string> = []
  const placed: Array<string | undefined> = []
  const allowed: Array<ReadonlySet<string>> = []
  for (const [i, one] of oneByOne(step).entries()) {
    allowed.push(await reasonsOf(model, one))
    const outcome = await carryOut(model, one, n)
    said.push(...outcome.said)
    placed.push(...outcome.placed)
    await follow(model, outcome.placed[0], actual.placed[i])
  }
  return { said, placed, allowed }
}

const agrees = (expected: Expected, actual: Outcome): boolean =>
  isDeepStrictEqual(actual.said, expected.said) ||
  (actual.said.length === expected.said.length &&
    actual.said.every((word, i) => {
      const reasons = expected.allowed[i] ?? new Set()
      return word === expected.said[i] || (reasons.has(word) && reasons.has(expected.said[i] ?? ''))
    }))

/** Runs one program in both states; the steps with their spots named are told to `seen`. */
const runProgram = async (
  subject: State,
  model: State,
  steps: ReadonlyArray<Step>,
  seen: (step: Step) => void,
): Promise<void> => {
  let tree = await treeOf(model)
  for (const [i, step] of steps.entries()) {
    const resolved = resolve(tree, step)
    seen(resolved)
    const what = `step ${i + 1}, ${resolved.do}`
    const actual = await carryOut(subject, resolved, i + 1)
    const expected = await expectedOf(model, resolved, i + 1, actual)
    if (!agrees(expected, actual)) throw differ(what, actual.said, expected.said)
    tree = await treeOf(model)
    checkSame(await treeOf(subject), tree, `the tree after ${what}`)
  }
  // Once more, and every byte: an entry that looks unchanged may hold others.
  checkSame(await treeOf({ drive: subject.drive, root: subject.root }), tree, 'the tree at the end')
}

/** 1,000 steps unless given. Fails with the shortest program found, as TypeScript. */
export const checkAgainstModel = async (subject: Subject, given: ProgramOptions = {}): Promise<void> => {
  const options = programOptions(given)
  const length = 20
  const runs = Math.max(1, Math.ceil((2 * (options.steps ?? 1000)) / length))
  let count = 0
  let failing: ReadonlyArray<Step> = []
  const property = fc.asyncProperty(
    fc.array(stepOf(subject.capabilities), { minLength: 1, maxLength: length, size: 'max' }),
    async (steps) => {
      const program: Array<Step> = []
      const harness = await openHarness(subject, `model-${process.pid}-${Date.now().toString(36)}-${++count}`)
      const model: State = { drive: openMemory(), root }
      try {
        await runProgram({ drive: harness.drive, root: harness.root, known: new Map() }, model, steps, (step) =>
          program.push(step),
        )
      } catch (error) {
        failing = program
        throw error
      } finally {
        await harness.drive.batchRemove([harness.root], { permanent: true })()
      }
    },
  )
  const result = await fc.check(property, {
    numRuns: runs,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  })
  if (!result.failed) return
  const why = result.errorInstance instanceof Error ? result.errorInstance.message : 'unknown'
  throw new Violation(
    `${why}\nseed ${result.seed}, ${result.numShrinks} times shrunk; drive is toPromises(…):\n${programOf(failing)}`,
  )
}

/** A random program as a law, to be run beside the others. */
export const programLaw = (subject: Subject, given: ProgramOptions = {}): Law => ({
  name: `${programOptions(given).steps ?? 1000} random steps come to the same as on the reference drive`,
  operation: 'programs',
  promise: '2 The interface',
  needs: [],
  check: () => checkAgainstModel(subject, given),
})
