// What outlives a provider: the tree, the bin, tasks, and uploads under way. Two providers on one store are two clients of one drive.
import * as E from 'fp-ts/Either'
import { randomUUID } from 'node:crypto'
import type { DrivePath, TaskOperation, TaskResults } from '@anydrive/core'
import { putOther } from './changes'
import { childOf, createTree, find, type Tree } from './tree'
import type { DirNode, Node } from './nodes'
import type { SameNames } from './names'

/** What a task did, and how many looks it still keeps running. */
interface StoredTask {
  readonly operation: TaskOperation
  readonly result: TaskResults[TaskOperation]
  readonly looks: number
  left: number
}

export interface StoredUpload {
  readonly path: DrivePath
  /** Bytes of the whole. */
  readonly size: number
  readonly parts: Array<Uint8Array>
}

export interface Trashed {
  /** Numbers that grow. */
  readonly id: string
  readonly path: DrivePath
  readonly node: Node
  readonly removedAt: number
}

export interface MemoryStore {
  readonly tree: Tree
  readonly bin: Array<Trashed>
  readonly tasks: Map<string, StoredTask>
  readonly uploads: Map<string, StoredUpload>
  /** Unlike any other store's, so that a reference to another drive's task or upload is never taken for one of this. */
  readonly nextId: () => string
  /** What cursors of the change feed begin with: unlike any other store's. */
  readonly feedMark: string
}

export const createStore = (
  same: SameNames = { case: 'sensitive', normalisation: 'as-is' },
  now: () => number = Date.now,
  feedKeeps = 0,
): MemoryStore => {
  const own = randomUUID()
  let last = 0
  return {
    tree: createTree(same, now(), feedKeeps),
    bin: [],
    tasks: new Map(),
    uploads: new Map(),
    nextId: () => `${own}-${++last}`,
    feedMark: `${own}:`,
  }
}

const plainNaming = {
  maxLength: Infinity,
  lengthUnit: 'bytes',
  forbidden: '',
  reserved: [],
  case: 'sensitive',
  normalisation: 'as-is',
} as const

/** Puts an entry there that is neither file nor directory, as other clients of a drive leave them; for tests. False: the name is taken. */
export const plantOther = (store: MemoryStore, path: DrivePath, what: string): boolean =>
  E.isRight(
    putOther(store.tree, path, what, {
      conflict: 'ask',
      parents: 'create',
      naming: plainNaming,
      capacity: undefined,
      keepsVersions: false,
      now: store.tree.root.createdAt,
    }),
  )

/** Puts a bare name into a directory that cannot be a segment of a path, so that it is listed as skipped; for tests. */
export const plantSkipped = (store: MemoryStore, dir: DrivePath, name: string): boolean => {
  const found = find(store.tree, dir)
  if (E.isLeft(found) || found.right.kind !== 'directory' || childOf(store.tree, found.right, name) !== undefined)
    return false
  const parent: DirNode = found.right
  parent.skipped = [...(parent.skipped ?? []), name]
  return true
}
