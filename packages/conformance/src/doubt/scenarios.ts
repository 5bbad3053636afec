// The calls that the table of faults is run on: what is there before, what is asked, and what it would change.
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
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { Violation } from '../law'
import type { Table } from './rows'
import { patternBytes } from '../words'
import { contentOf, type Node } from './tree'

/** One change that a call asks for. Paths are relative to the folder of the case. */
export interface Unit {
  readonly effect: 'create' | 'write' | 'copy' | 'move' | 'remove'
  readonly from?: string
  readonly to?: string
  /** What is written. */
  readonly content?: Node
  readonly conflict: ConflictStrategy
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
  readonly call: (
    drive: DriveProvider,
    at: (relative: string) => DrivePath,
    options: { readonly signal: AbortSignal; readonly timeout?: number | undefined },
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

type Outcomes = {
  readonly outcomes: ReadonlyArray<
    | { readonly status: 'done'; readonly path: string; readonly how: string }
    | { readonly status: 'failed'; readonly error: DriveError }
  >
}
/** A left is said of every item. */
const several = (answer: E.Either<DriveError, Outcomes>, count: number): ReadonlyArray<Stated> => {
  if (E.isLeft(answer)) return Array.from({ length: count }, () => ({ status: 'failed', error: answer.left }))
  if (answer.right.outcomes.length !== count)
    throw new Violation(`${count} outcomes were promised, got ${answer.right.outcomes.length}`)
  return answer.right.outcomes
}

type Before = Scenario['before']
const bystander = { keep: 'bystander' } as const
const takenByDirectory: Before = { t: undefined, 't/kept': 'kept within' }
const takenByFile: Before = { t: 'in the way' }
const source: Before = { s: undefined, 's/one': 'first file', 's/sub': undefined, 's/sub/two': 'second file' }
const newText = 'new content'
/** As long as `newText`, so that sizes tell nothing. */
const oldText = 'old content'

const createDir = (conflict: ConflictStrategy, what: string, before: Before, table: Table): Scenario => ({
  operation: 'createDir',
  name: `createDir under ${conflict}, ${what}`,
  needs: [`conflict.createDir.${conflict}`],
  before: { ...bystander, ...before },
  units: [{ effect: 'create', to: 't', conflict }],
  call: async (drive, at, options) => single(await drive.createDir(at('t'), { ...options, conflict })()),
  table,
})

const copyDir = (conflict: ConflictStrategy, what: string, before: Before, table: Table): Scenario => ({
  operation: 'copyDir',
  name: `copyDir under ${conflict}, ${what}`,
  needs: ['operations.copyDir', `conflict.copyDir.${conflict}`],
  before: { ...bystander, ...before },
  units: [{ effect: 'copy', from: 's', to: 't', conflict }],
  call: async (drive, at, options) => single(await drive.copyDir(at('s'), at('t'), { ...options, conflict })()),
  table,
})

type Pair = readonly [from: string, to: string]
const transfer = (
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

const remove = (what: string, before: Before, paths: ReadonlyArray<string>, table: Table): Scenario => ({
  operation: 'batchRemove',
  name: `batchRemove, ${what}`,
  needs: ['operations.batchRemove'],
  before: { ...bystander, ...before },
  units: paths.map((from) => ({ effect: 'remove', from, conflict: 'ask' })),
  call: async (drive, at, options) => {
    const answer = await drive.batchRemove(paths.map(at), options)()
    return several(
      E.map(({ outcomes }: { outcomes: ReadonlyArray<{ status: 'done' | 'failed' }> }) => ({ outcomes }) as Outcomes)(
        answer,
      ),
      paths.length,
    ).map((stated) => (stated.status === 'done' ? { status: 'done' } : stated))
  },
  table,
})

const write = (
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

const ofTransfers = (operation: 'batchMove' | 'batchCopy'): ReadonlyArray<Scenario> => [
  transfer(operation, 'ask', 'a file, name free', { f: 'moving' }, [['f', 't']], 'whole'),
  transfer(operation, 'ask', 'a directory, name free', source, [['s', 't']], 'main'),
  transfer(operation, 'ask', 'a file into another directory', { f: 'moving', d: undefined }, [['f', 'd/t']], 'short'),
  transfer(
    operation,
    'ask',
    'several items',
    { a: 'first', b: 'second', ...source },
    [
      ['a', 'x'],
      ['b', 'y'],
      ['s/one', 'z'],
    ],
    'short',
  ),
  transfer(
    operation,
    'ask',
    'several items of which one fails',
    { a: 'first', b: 'second', ...takenByFile },
    [
      ['a', 'x'],
      ['b', 't'],
    ],
    'short',
  ),
  transfer(operation, 'ask', 'source missing, target existing', takenByFile, [['nothing', 't']], 'short'),
  transfer(
    operation,
    'ask',
    'name taken by a file of the same size',
    { f: newText, t: oldText },
    [['f', 't']],
    'short',
  ),
  transfer(operation, 'ask', 'name taken by a directory', { ...source, ...takenByDirectory }, [['s', 't']], 'short'),
  transfer(operation, 'rename', 'a file, name free', { f: 'moving' }, [['f', 't']], 'short'),
  transfer(operation, 'rename', 'a file, name taken', { f: newText, t: oldText }, [['f', 't']], 'main'),
  transfer(
    operation,
    'overwrite',
    'a file over a file of the same size',
    { f: newText, t: oldText },
    [['f', 't']],
    'main',
  ),
]

/** `multipartSize`: of a file that is sent in parts, where that is known. */
export const scenarios = (multipartSize: number | undefined): ReadonlyArray<Scenario> => [
  createDir('ask', 'name free', {}, 'whole'),
  createDir('ask', 'name taken by a directory with content', takenByDirectory, 'short'),
  createDir('ask', 'name taken by a file', takenByFile, 'short'),
  createDir('rename', 'name free', {}, 'short'),
  createDir('rename', 'name taken by a directory with content', takenByDirectory, 'main'),
  copyDir('ask', 'name free', source, 'whole'),
  copyDir('ask', 'name taken by a directory with content', { ...source, ...takenByDirectory }, 'short'),
  copyDir('ask', 'name taken by an empty directory', { ...source, t: undefined }, 'short'),
  copyDir('ask', 'name taken by a file', { ...source, ...takenByFile }, 'short'),
  copyDir('ask', 'source missing, target existing', takenByDirectory, 'short'),
  copyDir('rename', 'name free', source, 'short'),
  copyDir('rename', 'name taken by a directory with content', { ...source, ...takenByDirectory }, 'main'),
  ...ofTransfers('batchMove'),
  transfer('batchMove', 'rename', 'a directory, name taken', { ...source, ...takenByDirectory }, [['s', 't']], 'short'),
  ...ofTransfers('batchCopy'),
  remove('a file', { f: 'text' }, ['f'], 'whole'),
  remove('a directory with content', source, ['s'], 'short'),
  remove('several items, one of them missing', { a: 'first', b: 'second' }, ['a', 'nothing', 'b'], 'short'),
  write('ask', 'name free', {}, newText, 'whole'),
  write('ask', 'name taken by a file of the same size', { t: oldText }, newText, 'short'),
  write('ask', 'name taken by a directory', takenByDirectory, newText, 'short'),
  write('rename', 'name free', {}, newText, 'short'),
  write('rename', 'name taken by a file of the same size', { t: oldText }, newText, 'main'),
  write('overwrite', 'name free', {}, newText, 'short'),
  write('overwrite', 'a file of the same size', { t: oldText }, newText, 'main'),
  ...(multipartSize === undefined
    ? []
    : [
        write('ask', 'in parts', {}, patternBytes(multipartSize), 'short'),
        write(
          'overwrite',
          'in parts over a file of the same size',
          { t: new Uint8Array(multipartSize) },
          patternBytes(multipartSize),
          'short',
        ),
      ]),
]
