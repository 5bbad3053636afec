// A call that the table of faults is run on: what is there before, what is asked, and what it would change.
import {
  fromBytes,
  parsePath,
  under,
  type ConflictStrategy,
  type DriveError,
  type DrivePath,
  type DriveProvider,
  type Feature,
  type Operation,
  type UploadRef,
} from '@anydrive/core'
import { aborted, locate } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { Violation } from '../law'
import type { Table } from './rows'
import { contentOf, type Node, type Tree } from './tree'

type At = (relative: string) => DrivePath
type Arranged = ReadonlyArray<string>

/** One change that a call asks for. Paths are relative to the folder of the case. */
export interface Unit {
  readonly effect: 'create' | 'write' | 'copy' | 'move' | 'remove'
  readonly from?: string
  readonly to?: string
  /** What is written. */
  readonly content?: Node
  readonly conflict: ConflictStrategy
  /** The drive declares that it composes this copy: until its last step it may be under a name that the service picked. */
  readonly composed?: boolean
}

/** What the call said of one unit. */
export type Stated =
  | { readonly status: 'done'; readonly path?: string; readonly how?: string }
  | { readonly status: 'failed'; readonly error: DriveError }

export interface Scenario {
  readonly operation: Operation
  readonly name: string
  readonly needs: ReadonlyArray<Feature>
  /** What is there before: path → text, or undefined for a directory. Parents come before their children. */
  readonly before: Readonly<Record<string, string | Uint8Array | undefined>>
  readonly units: ReadonlyArray<Unit>
  /** What is done first, undisturbed, and the ids that the call needs of it. */
  readonly arrange?: (observer: DriveProvider, at: At) => Promise<Arranged>
  /** What the call may change beside the tree, such as the trash: read before and after it, under names that no path of the case has. */
  readonly observe?: (observer: DriveProvider, at: At, arranged: Arranged) => Promise<Tree>
  /** It changes what all cases share: no other one runs at the same time, and the test must say that this may be lost. */
  readonly alone?: true
  readonly call: (
    drive: DriveProvider,
    at: At,
    options: { readonly signal: AbortSignal; readonly timeout?: number | undefined },
    arranged: Arranged,
  ) => Promise<ReadonlyArray<Stated>>
  /** How much of the table of faults is run: where a scenario repeats the requests of another one, a part is enough. */
  readonly table: Table
}

export const pathUnder =
  (root: DrivePath) =>
  (relative: string): DrivePath => {
    const parsed = parsePath(relative)
    if (E.isLeft(parsed)) throw new Violation(parsed.left.message)
    return under(root, parsed.right)
  }

type Single = E.Either<DriveError, { readonly path: string; readonly how: string }>
const single = (answer: Single): ReadonlyArray<Stated> =>
  E.isLeft(answer)
    ? [{ status: 'failed', error: answer.left }]
    : [{ status: 'done', path: answer.right.path, how: answer.right.how }]

type Outcomes = { readonly outcomes: ReadonlyArray<Stated> }
/** A left is said of every item. */
export const several = (answer: E.Either<DriveError, Outcomes>, count: number): ReadonlyArray<Stated> => {
  if (E.isLeft(answer)) return Array.from({ length: count }, () => ({ status: 'failed', error: answer.left }))
  if (answer.right.outcomes.length !== count)
    throw new Violation(`${count} outcomes were promised, got ${answer.right.outcomes.length}`)
  return answer.right.outcomes
}

export type Before = Scenario['before']
export const bystander = { keep: 'bystander' } as const
export const newText = 'new content'
/** As long as `newText`, so that sizes tell nothing. */
export const oldText = 'old content'

export const createDir = (conflict: ConflictStrategy, what: string, before: Before, table: Table): Scenario => ({
  operation: 'createDir',
  name: `createDir under ${conflict}, ${what}`,
  needs: [`conflict.createDir.${conflict}`],
  before: { ...bystander, ...before },
  units: [{ effect: 'create', to: 't', conflict }],
  call: async (drive, at, options) => single(await drive.createDir(at('t'), { ...options, conflict })()),
  table,
})

export const copyDir = (conflict: ConflictStrategy, what: string, before: Before, table: Table): Scenario => ({
  operation: 'copyDir',
  name: `copyDir under ${conflict}, ${what}`,
  needs: ['operations.copyDir', `conflict.copyDir.${conflict}`],
  before: { ...bystander, ...before },
  units: [{ effect: 'copy', from: 's', to: 't', conflict }],
  call: async (drive, at, options) => single(await drive.copyDir(at('s'), at('t'), { ...options, conflict })()),
  table,
})

type Pair = readonly [from: string, to: string]
export const transfer = (
  operation: 'batchMove' | 'batchCopy',
  conflict: ConflictStrategy,
  what: string,
  before: Before,
  pairs: ReadonlyArray<Pair>,
  table: Table,
): Scenario => {
  const moves = operation === 'batchMove'
  const isDirectory = pairs.some(([from]) => from in before && before[from] === undefined)
  const rows = moves ? (['moveFile', 'moveDir'] as const) : (['copyFile', 'copyDir'] as const)
  return {
    operation,
    name: `${operation} under ${conflict}, ${what}`,
    needs: [
      `operations.${operation}`,
      `conflict.${rows[0]}.${conflict}`,
      ...(isDirectory ? [`conflict.${rows[1]}.${conflict}` as const] : []),
      ...(isDirectory && !moves ? (['features.copyDirInBatch'] as const) : []),
    ],
    before: { ...bystander, ...before },
    units: pairs.map(([from, to]) => ({ effect: moves ? 'move' : 'copy', from, to, conflict })),
    call: async (drive, at, options) =>
      several(
        await drive[operation](
          pairs.map(([from, to]) => ({ from: at(from), to: at(to), conflict })),
          options,
        )(),
        pairs.length,
      ),
    table,
  }
}

export const remove = (what: string, before: Before, paths: ReadonlyArray<string>, table: Table): Scenario => ({
  operation: 'batchRemove',
  name: `batchRemove, ${what}`,
  needs: ['operations.batchRemove'],
  before: { ...bystander, ...before },
  units: paths.map((from) => ({ effect: 'remove', from, conflict: 'ask' })),
  call: async (drive, at, options) => {
    const stated = several(await drive.batchRemove(paths.map(at), options)(), paths.length)
    return stated.map((one) => (one.status === 'done' ? { status: 'done' } : one))
  },
  table,
})

export const write = (
  conflict: ConflictStrategy,
  what: string,
  before: Before,
  content: string | Uint8Array,
  table: Table,
): Scenario => ({
  operation: 'writeFile',
  name: `writeFile under ${conflict}, ${what}`,
  needs: [`conflict.writeFile.${conflict}`],
  before: { ...bystander, ...before },
  units: [{ effect: 'write', to: 't', content: contentOf(Buffer.from(content)), conflict }],
  call: async (drive, at, options) =>
    single(await drive.writeFile(at('t'), fromBytes(content), { ...options, conflict })()),
  table,
})

/** An upload that its caller ends at the first checkpoint, and then abandons: nothing of it is ever seen. */
export const abandon = (conflict: ConflictStrategy, before: Before): Scenario => ({
  ...write(conflict, '', before, newText, 'short'),
  operation: 'abandonUpload',
  name: `abandonUpload of a file that was to be written under ${conflict}`,
  call: async (drive, at, options) => {
    const stopped = locate({ vendor: drive.vendor, operation: 'writeFile' })(aborted({ effect: 'none' }))
    let ref: UploadRef | undefined
    const onCheckpoint = (reached: UploadRef) => {
      ref = reached
      return TE.left(stopped)
    }
    const written = await drive.writeFile(at('t'), fromBytes(newText), { ...options, conflict, onCheckpoint })()
    if (ref !== undefined) await drive.abandonUpload(ref, options)()
    return single(written)
  },
})
