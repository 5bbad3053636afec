// The state of a program: a drive and a folder of it, what is in it, and the outcome of a step.
import {
  mayHaveHappened,
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
  type FileEntry,
  type Placed,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { Violation } from './law'
import type { Spot, Step } from './steps'
import { contentOf } from './words'

/** A drive and the folder that a program sees as its root. */
export interface State {
  readonly drive: DriveProvider
  readonly root: DrivePath
  /** What was read of files that tell when their bytes change: by path, until the entry differs. */
  readonly known?: Map<string, { readonly entry: string; readonly content: number }>
}
/** Relative path → `dir`, or the number of the step that wrote the bytes of the file. */
export type Tree = ReadonlyMap<string, 'dir' | number>

const writerOf = (path: string, bytes: Uint8Array): number => {
  const text = Buffer.from(bytes).toString()
  const n = Number(/\d{6}$/.exec(text)?.[0])
  if (contentOf(n) !== text) throw new Violation(`${path} holds what no step has written: ${JSON.stringify(text)}`)
  return n
}
const readWriter = async ({ drive, known }: State, path: string, entry: FileEntry): Promise<number> => {
  const { version, checksums, ...rest } = entry
  const tells = version !== undefined || Object.keys(checksums).length > 0
  const seen = known?.get(path)
  const now = JSON.stringify({ version, checksums, ...rest })
  if (tells && seen?.entry === now) return seen.content
  const opened = await drive.readFile(entry.path)()
  const bytes = E.isLeft(opened) ? opened : await readBytes(opened.right)()
  if (E.isLeft(bytes)) throw new Violation(`${path} cannot be read: ${bytes.left.message}`)
  const content = writerOf(path, bytes.right)
  known?.set(path, { entry: now, content })
  return content
}

export const at = (state: State, relative: string): DrivePath => {
  const path = parsePath(relative)
  if (E.isLeft(path)) throw new Violation(path.left.message)
  return under(state.root, path.right)
}

export const treeOf = async (state: State, temporaries: 'hide' | 'show' = 'hide'): Promise<Tree> => {
  const found = new Map<string, 'dir' | number>()
  for await (const one of walk(state.drive, state.root, { temporaries })) {
    if (E.isLeft(one)) throw new Violation(`the tree cannot be read: ${one.left.message}`)
    const path = relativeTo(state.root, one.right.path)
    found.set(path, one.right.kind === 'file' ? await readWriter(state, path, one.right) : 'dir')
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

const spotOf = (tree: Tree, spot: Spot): string => {
  if (typeof spot === 'string') return spot
  const existing = [...tree.keys()]
  return existing[spot % Math.max(1, existing.length)] ?? 'a'
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

/** The tag, and whether the effect may be there all the same. */
const wordOf = (error: DriveError): string =>
  mayHaveHappened(error) && error._tag !== 'Indeterminate' && error._tag !== 'TaskFailed'
    ? `${error._tag} (may have happened)`
    : error._tag

const single = (state: State, answer: E.Either<DriveError, Placed>): Outcome =>
  E.isLeft(answer)
    ? { said: [wordOf(answer.left)], placed: [undefined] }
    : { said: [answer.right.how], placed: [relativeTo(state.root, answer.right.path)] }

const batch = (state: State, answer: E.Either<DriveError, BatchSettled<unknown, Placed>>): Outcome =>
  E.isLeft(answer)
    ? { said: [`left ${wordOf(answer.left)}`], placed: [] }
    : {
        said: answer.right.outcomes.map((o) => (o.status === 'done' ? o.how : wordOf(o.error))),
        placed: answer.right.outcomes.map((o) => (o.status === 'done' ? relativeTo(state.root, o.path) : undefined)),
      }

/** Runs a step; `n` numbers what it writes. */
export const carryOut = async (state: State, step: Step, n: number): Promise<Outcome> => {
  const { drive } = state
  const path = (spot: Spot) => at(state, String(spot))
  switch (step.do) {
    case 'createDir':
      return single(state, await drive.createDir(path(step.at), step)())
    case 'writeFile':
      return single(state, await drive.writeFile(path(step.at), fromBytes(contentOf(n)), step)())
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
        ? [`left ${wordOf(answer.left)}`]
        : answer.right.outcomes.map((o) => (o.status === 'done' ? 'done' : wordOf(o.error)))
      return { said, placed: [] }
    }
    case 'readFile': {
      const content = await drive.readFile(path(step.at))()
      if (E.isLeft(content)) return { said: [content.left._tag], placed: [] }
      const bytes = await readBytes(content.right)()
      return {
        said: [E.isLeft(bytes) ? bytes.left._tag : `by step ${writerOf(String(step.at), bytes.right)}`],
        placed: [],
      }
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
