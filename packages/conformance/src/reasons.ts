// Why a step may be refused, by the state of the reference: where several reasons apply, a drive may tell any of them.
import { ancestorsOf, isInside, type DrivePath, type EntryKind } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Pair, Spot, Step } from './steps'
import { at, type State } from './state'

type Kind = EntryKind | 'nothing'
type Reasons = ReadonlySet<string>

const kindAt = async (state: State, path: DrivePath): Promise<Kind> => {
  const found = await state.drive.stat(path)()
  return E.isRight(found) ? found.right.kind : 'nothing'
}

const belowAFile = async (state: State, path: DrivePath): Promise<boolean> => {
  for (const ancestor of ancestorsOf(path)) if ((await kindAt(state, ancestor)) === 'file') return true
  return false
}

const ofSource = async (state: State, path: DrivePath, wanted?: EntryKind): Promise<ReadonlyArray<string>> => {
  const kind = await kindAt(state, path)
  if (kind === 'nothing') return (await belowAFile(state, path)) ? ['NotFound', 'WrongKind'] : ['NotFound']
  return wanted !== undefined && kind !== wanted ? ['WrongKind'] : []
}

const ofTarget = async (state: State, path: DrivePath, required: boolean): Promise<ReadonlyArray<string>> => {
  const reasons: Array<string> = []
  if ((await kindAt(state, path)) !== 'nothing') reasons.push('NameConflict')
  if (await belowAFile(state, path)) reasons.push('WrongKind', ...(required ? ['NotFound'] : []))
  for (const ancestor of ancestorsOf(path))
    if (required && (await kindAt(state, ancestor)) === 'nothing') reasons.push('NotFound')
  return reasons
}

const ofPair = async (state: State, { from, to }: Pair, required: boolean, wanted?: EntryKind): Promise<Reasons> => {
  const source = at(state, String(from))
  const target = at(state, to)
  return new Set([
    ...(await ofSource(state, source, wanted)),
    ...(source !== target && isInside(source, target) ? ['NestedTarget'] : []),
    ...(await ofTarget(state, target, required)),
  ])
}

/** For a batch: of its only item. */
export const reasonsOf = async (state: State, step: Step): Promise<Reasons> => {
  const path = (spot: Spot) => at(state, String(spot))
  switch (step.do) {
    case 'createDir':
    case 'writeFile':
      return new Set(await ofTarget(state, path(step.at), step.parents === 'require'))
    case 'copyDir':
      return ofPair(state, step, false, 'directory')
    case 'batchMove':
    case 'batchCopy': {
      const [item] = step.items
      return item === undefined ? new Set() : ofPair(state, item, step.parents === 'require')
    }
    case 'batchRemove':
      return new Set(await ofSource(state, path(step.items[0] ?? '')))
    case 'list':
      return new Set(await ofSource(state, path(step.at), 'directory'))
    case 'readFile':
      return new Set(await ofSource(state, path(step.at), 'file'))
    case 'stat':
      return new Set(await ofSource(state, path(step.at)))
  }
}

/** The same work as steps of one item each, which is how a batch is promised to behave. */
export const oneByOne = (step: Step): ReadonlyArray<Step> => {
  if (step.do === 'batchMove' || step.do === 'batchCopy') return step.items.map((item) => ({ ...step, items: [item] }))
  return step.do === 'batchRemove' ? step.items.map((item) => ({ ...step, items: [item] })) : [step]
}
