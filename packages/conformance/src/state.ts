// A program's state: a drive and a folder of it, what stands there, and what a step came to.
import {
  fromBytes,
  parsePath,
  readBytes,
  relativeTo,
  under,
  walk,
  type BatchSettled,
  type DriveError,
  type DrivePath,
  type DriveProvider,
  type Placed,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { Violation } from './law'
import type { Spot, Step } from './steps'

/** A drive and the folder that a program sees as its root. */
export interface State {
  readonly drive: DriveProvider
  readonly root: DrivePath
}
/** Relative path → `dir`, or the size of the file. */
export type Tree = ReadonlyMap<string, 'dir' | number>

export const at = (state: State, relative: string): DrivePath => {
  const path = parsePath(relative)
  if (E.isLeft(path)) throw new Violation(path.left.message)
  return under(state.root, path.right)
}

export const treeOf = async (state: State, temporaries: 'hide' | 'show' = 'hide'): Promise<Tree> => {
  const found = new Map<string, 'dir' | number>()
  for await (const one of walk(state.drive, state.root, { temporaries })) {
    if (E.isLeft(one)) throw new Violation(`the tree cannot be read: ${one.left.message}`)
    found.set(relativeTo(state.root, one.right.path), one.right.kind === 'file' ? one.right.size : 'dir')
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

const spotOf = (tree: Tree, spot: Spot): string => {
  if (typeof spot === 'string') return spot
  const standing = [...tree.keys()]
  return standing[spot % Math.max(1, standing.length)] ?? 'a'
}

/** The step with its spots named, as both states will see it. */
export const resolve = (tree: Tree, step: Step): Step => {
  switch (step.do) {
    case 'copyDir':
      return { ...step, from: spotOf(tree, step.from) }
    case 'batchMove':
    case 'batchCopy':
      return { ...step, items: step.items.map((item) => ({ ...item, from: spotOf(tree, item.from) })) }
    case 'batchRemove':
      return { ...step, items: step.items.map((item) => spotOf(tree, item)) }
    case 'stat':
    case 'list':
    case 'readFile':
      return { ...step, at: spotOf(tree, step.at) }
    default:
      return step
  }
}

/** What a step came to, in words that two drives can agree on; `placed` are the final names, in order. */
export interface Outcome {
  readonly said: ReadonlyArray<string>
  readonly placed: ReadonlyArray<string | undefined>
}

const single = (state: State, answer: E.Either<DriveError, Placed>): Outcome =>
  E.isLeft(answer)
    ? { said: [answer.left._tag], placed: [undefined] }
    : { said: [answer.right.how], placed: [relativeTo(state.root, answer.right.path)] }

const batch = (state: State, answer: E.Either<DriveError, BatchSettled<unknown, Placed>>): Outcome =>
  E.isLeft(answer)
    ? { said: [`left ${answer.left._tag}`], placed: [] }
    : {
        said: answer.right.outcomes.map((o) => (o.status === 'done' ? o.how : o.error._tag)),
        placed: answer.right.outcomes.map((o) => (o.status === 'done' ? relativeTo(state.root, o.path) : undefined)),
      }

export const carryOut = async (state: State, step: Step, size: number): Promise<Outcome> => {
  const { drive } = state
  const path = (spot: Spot) => at(state, String(spot))
  switch (step.do) {
    case 'createDir':
      return single(state, await drive.createDir(path(step.at), step)())
    case 'writeFile':
      return single(state, await drive.writeFile(path(step.at), fromBytes('x'.repeat(size)), step)())
    case 'copyDir':
      return single(state, await drive.copyDir(path(step.from), path(step.to), { conflict: step.conflict })())
    case 'batchMove':
    case 'batchCopy': {
      const items = step.items.map(({ from, to, conflict }) => ({ from: path(from), to: path(to), conflict }))
      return batch(state, await drive[step.do](items, { parents: step.parents })())
    }
    case 'batchRemove': {
      const answer = await drive.batchRemove(step.items.map(path))()
      const said = E.isLeft(answer)
        ? [`left ${answer.left._tag}`]
        : answer.right.outcomes.map((o) => (o.status === 'done' ? 'done' : o.error._tag))
      return { said, placed: [] }
    }
    case 'readFile': {
      const content = await drive.readFile(path(step.at))()
      if (E.isLeft(content)) return { said: [content.left._tag], placed: [] }
      const bytes = await readBytes(content.right)()
      return { said: [E.isLeft(bytes) ? bytes.left._tag : `${bytes.right.byteLength} bytes`], placed: [] }
    }
    case 'list': {
      const page = await drive.list(path(step.at))()
      return {
        said: E.isLeft(page) ? [page.left._tag] : page.right.items.map((e) => `${e.kind} ${e.name}`).sort(),
        placed: [],
      }
    }
    case 'stat': {
      const entry = await drive.stat(path(step.at))()
      return { said: E.isLeft(entry) ? [entry.left._tag] : [entry.right.kind, entry.right.name], placed: [] }
    }
  }
}
