// Random programs on a drive whose service loses responses and connections: whatever the drive says must be true.
import { root } from '@anydrive/core'
import { isTemporary } from '@anydrive/core/adapter'
import { openMemory } from '@anydrive/memory'
import * as fc from 'fast-check'
import { programOptions, type ProgramOptions } from './program-options'
import { openHarness } from './harness'
import { Violation, type Subject } from './law'
import { programOf, stepOf, type Step } from './steps'
import { at, carryOut, resolve, treeOf, type Outcome, type Tree, type State } from './state'

/** Whether the effect may be there or not, after what was said. */
const isDoubt = (word: string): boolean =>
  ['Indeterminate', 'TaskFailed'].includes(word) || word.endsWith('(may have happened)')
/** What a drive says of an effect that is there. Of a removal it is `done`, whoever removed the entry. */
const placed = ['as-asked', 'renamed']
const isDone = (word: string): boolean => placed.includes(word) || word === 'done'

const seeded = async (tree: Tree): Promise<State> => {
  const state: State = { drive: openMemory(), root }
  for (const [path, what] of tree)
    await carryOut(
      state,
      { do: what === 'dir' ? 'createDir' : 'writeFile', at: path, conflict: 'ask', parents: 'create' },
      Number(what),
    )
  return state
}

const parentOf = (path: string): string => path.split('/').slice(0, -1).join('/')
const signature = (tree: Tree): string =>
  [...tree]
    .map(([path, what]) => `${path} ${what}`)
    .sort()
    .join('\n')

/** The tree with what is at and below one path under another one. */
const relabelled = (tree: Tree, from: string, to: string): Tree =>
  new Map(
    [...tree].map(([path, what]) => [
      path === from || path.startsWith(`${from}/`) ? to + path.slice(from.length) : path,
      what,
    ]),
  )

/**
 * The expected tree with every choice of names for what was renamed in it: the actual drive picks free names by a
 * pattern of its own, so any new sibling may be the one.
 */
function* namings(expected: Tree, renamed: ReadonlyArray<string>, actual: Tree): Generator<Tree, void> {
  const [path, ...more] = renamed
  if (path === undefined) {
    yield expected
    return
  }
  const free = [...actual.keys()].filter((one) => parentOf(one) === parentOf(path) && !expected.has(one))
  for (const name of [path, ...free])
    yield* namings(
      relabelled(expected, path, name),
      more.map((one) => (one.startsWith(`${path}/`) ? name + one.slice(path.length) : one)),
      actual,
    )
}
const isEqual = (expected: Tree, actual: Tree): boolean =>
  expected.size === actual.size && [...expected].every(([path, what]) => actual.get(path) === what)
/** The directories above what a step places, unless they must exist already: they stay, though the step fails. */
const parentsOf = (step: Step): ReadonlySet<string> => {
  const isPlacing = step.do === 'createDir' || step.do === 'writeFile'
  const batch = step.do === 'batchMove' || step.do === 'batchCopy' ? step.items.map(({ to }) => to) : []
  const targets = isPlacing ? [step.at] : step.do === 'copyDir' ? [step.to] : batch
  const all = targets.flatMap((to) => to.split('/').map((_, i, names) => names.slice(0, i).join('/')))
  return new Set('parents' in step && step.parents === 'require' ? [] : all)
}
const isEqualButFor = (parents: ReadonlySet<string>, expected: Tree, actual: Tree): boolean =>
  [...expected].every(([path, what]) => actual.get(path) === what) &&
  [...actual].every(([path, what]) => expected.has(path) || (what === 'dir' && parents.has(path)))

const wordsOf = (outcome: Outcome): ReadonlyArray<string> => outcome.said.map((said) => said.replace(/^left /, ''))

/** The step cut down to the items of a choice, or undefined where nothing is left. */
const part = (step: Step, chosen: ReadonlyArray<boolean>): Step | undefined => {
  if (step.do === 'batchMove' || step.do === 'batchCopy') {
    const items = step.items.filter((_, i) => chosen[i])
    return items.length === 0 ? undefined : { ...step, items }
  }
  if (step.do === 'batchRemove') {
    const items = step.items.filter((_, i) => chosen[i])
    return items.length === 0 ? undefined : { ...step, items }
  }
  return chosen[0] === true ? step : undefined
}

/** The parents that an item has left behind although nothing else of it happened: other items meet them. */
const parentsLeft = (before: Tree, step: Step, chosen: ReadonlyArray<boolean>, after: Tree): Tree => {
  if ((step.do !== 'batchMove' && step.do !== 'batchCopy') || step.parents !== 'create') return before
  const dropped: ReadonlyArray<string> = step.items.filter((_, i) => chosen[i] === false).map(({ to }) => to)
  const isLeft = (path: string): boolean => dropped.some((to) => to.startsWith(`${path}/`))
  return new Map([...before, ...[...after].filter(([path, what]) => what === 'dir' && isLeft(path))])
}

/** Whether each item happened: every way in which the doubtful ones may have gone. An item that failed without doubt did not happen. */
const choices = (said: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<boolean>> =>
  said.reduce<ReadonlyArray<ReadonlyArray<boolean>>>(
    (all, word) => {
      const options = isDoubt(word) ? [true, false] : [isDone(word)]
      return all.flatMap((one) => options.map((option) => [...one, option]))
    },
    [[]],
  )

const itemsOf = (step: Step): number => ('items' in step ? step.items.length : 1)

/** The files below a path, itself included. */
const filesAt = (tree: Tree, path: string): ReadonlyArray<number> =>
  [...tree].flatMap(([at, what]) => (what !== 'dir' && (at === path || at.startsWith(`${path}/`)) ? [what] : []))

/** A copy in doubt may be there in part, under whatever name: what each doubtful item would have copied. */
const copiesInDoubt = (before: Tree, step: Step, said: ReadonlyArray<string>): ReadonlyArray<number> => {
  if (step.do === 'copyDir') return filesAt(before, String(step.from))
  if (step.do !== 'batchCopy') return []
  return step.items.flatMap(({ from }, i) => (isDoubt(said[i] ?? '') ? filesAt(before, String(from)) : []))
}

/** Whether `more` is `tree`'s files and nothing beside some of the spare ones. */
const isWithSome = (more: Tree, tree: Tree, spare: ReadonlyArray<number>): boolean => {
  const left = [...spare]
  const missing = new Map<number, number>()
  for (const what of tree.values()) if (what !== 'dir') missing.set(what, (missing.get(what) ?? 0) + 1)
  for (const what of more.values()) {
    if (what === 'dir') continue
    const count = missing.get(what) ?? 0
    if (count > 0) missing.set(what, count - 1)
    else if (left.includes(what)) left.splice(left.indexOf(what), 1)
    else return false
  }
  return [...missing.values()].every((count) => count === 0)
}
const directories = (tree: Tree): number => [...tree.values()].filter((what) => what === 'dir').length

interface Snapshot {
  readonly visible: Tree
  /** With the temporaries of emulated operations. */
  readonly all: Tree
}
const snapshotOf = async (state: State): Promise<Snapshot> => {
  const all = await treeOf(state, 'show')
  return { visible: new Map([...all].filter(([path]) => !path.split('/').some(isTemporary))), all }
}

/** An operation in doubt may have stopped half-way, under another name: then nothing may be lost, and nothing be there twice. */
const halfWay = (
  before: Snapshot,
  after: Snapshot,
  outcomes: ReadonlyArray<Tree>,
  n: number,
  spare: ReadonlyArray<number>,
): boolean => {
  const aside = [...before.all].filter(([path]) => !before.visible.has(path))
  const allowed = [before.visible, ...outcomes].map((tree): Tree => new Map([...tree, ...aside]))
  allowed.push(new Map([...before.all, ['new content', n]]))
  return allowed.some((tree) => isWithSome(after.all, tree, spare) && directories(after.all) >= directories(tree))
}

/** Whether the reference places what the drive says that it placed, and in the same way. */
const agree = (said: ReadonlyArray<string>, expected: Outcome): boolean =>
  said.every((word, i) => !placed.includes(word) || word === expected.said[i])

/** Whether what is there is what some way of reading the answer says. */
const explains = async (
  before: Snapshot,
  after: Snapshot,
  step: Step,
  said: ReadonlyArray<string>,
  n: number,
): Promise<boolean> => {
  const count = itemsOf(step)
  const perItem = said.length === count ? said : Array.from({ length: count }, () => said[0] ?? 'Network')
  const outcomes: Array<Tree> = []
  for (const chosen of choices(perItem)) {
    const left = parentsLeft(before.visible, step, chosen, after.visible)
    for (const start of left.size === before.visible.size ? [before.visible] : [before.visible, left]) {
      const state = await seeded(start)
      const done = part(step, chosen)
      const outcome = done === undefined ? undefined : await carryOut(state, done, n)
      const renamed = outcome?.placed.filter((path, i) => path !== undefined && outcome.said[i] === 'renamed') ?? []
      const tree = await treeOf(state)
      outcomes.push(tree)
      const chosenWords = perItem.filter((_, i) => chosen[i])
      if (outcome !== undefined && !agree(chosenWords, outcome)) continue
      const parents = chosen.includes(false) ? parentsOf(step) : new Set<string>()
      for (const named of namings(tree, renamed as ReadonlyArray<string>, after.visible))
        if (isEqualButFor(parents, named, after.visible)) return true
    }
  }
  const doubt = perItem.some((word) => isDoubt(word))
  return doubt && halfWay(before, after, outcomes, n, copiesInDoubt(before.visible, step, perItem))
}

export interface FaultyOptions extends ProgramOptions {
  /** Faults are off while the tree is read. */
  readonly faults: { readonly on: () => void; readonly off: () => void }
}

const stepsEach = 12

/** Runs programs under faults; fails with the program after which what is there contradicts what was said. */
export const checkUnderFaults = async (subject: Subject, given: FaultyOptions): Promise<void> => {
  const { on, off } = given.faults
  const options = programOptions(given)
  const runs = Math.max(1, Math.ceil((options.steps ?? 300) / stepsEach))
  let count = 0
  const property = fc.asyncProperty(
    fc.array(stepOf(subject.capabilities), { minLength: stepsEach, maxLength: stepsEach }),
    async (steps) => {
      off()
      const harness = await openHarness(subject, `faulty-${process.pid}-${Date.now().toString(36)}-${++count}`)
      const state: State = { drive: harness.drive, root: harness.root, known: new Map() }
      const program: Array<Step> = []
      try {
        let before = await snapshotOf(state)
        for (const [i, step] of steps.entries()) {
          const resolved = resolve(before.visible, step)
          program.push(resolved)
          on()
          const outcome = await carryOut(state, resolved, i + 1)
          off()
          const after = await snapshotOf(state)
          if (!(await explains(before, after, resolved, wordsOf(outcome), i + 1)))
            throw new Violation(
              `step ${i + 1} said ${wordsOf(outcome).join(', ')}; before:\n${signature(before.visible)}\nafter:\n${[...after.all].join('\n')}\nprogram:\n${programOf(program)}`,
            )
          before = after
        }
        const last = await snapshotOf({ drive: state.drive, root: state.root })
        if (!isEqual(before.all, last.all))
          throw new Violation(`a file has changed that looked unchanged; program:\n${programOf(program)}`)
      } finally {
        off()
        await harness.drive.batchRemove([at(state, '')], { permanent: true })()
      }
    },
  )
  const result = await fc.check(property, {
    numRuns: runs,
    endOnFailure: true,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  })
  if (!result.failed) return
  const why = result.errorInstance instanceof Error ? result.errorInstance.message : 'failed'
  throw new Violation(`seed ${result.seed}, ${why}`)
}
