// Copies or moves one thing to one place: by the drive itself within a drive, as a migration with proof between two drives.
import {
  copy,
  type DrivePath,
  isError,
  move,
  nameOf,
  under,
  type DriveError,
  type Entry,
  type Placed,
} from '@anydrive/core'
import type { Summary } from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import type { Context } from './context'
import { locationText, type Location } from './location'
import { exitOfSummary, runEngine } from './run-engine'
import { remarksText } from './summary'
import { nameText } from './text'
import { exits, ofDrive, ofMigration, usage, type ExitCode, type Problem } from './problem'

export type Conflict = 'ask' | 'rename' | 'overwrite' | 'skip'
export interface Way {
  readonly conflict: Conflict
  readonly recursive: boolean
  /** The source is removed afterwards; of a directory on another drive, only what has arrived. */
  readonly move: boolean
}
export interface Row {
  readonly from: string
  readonly to: string
  readonly status: 'done' | 'skipped' | 'failed'
  readonly exit: ExitCode
  readonly renamed?: boolean
  /** Only of a transfer between two drives. */
  readonly summary?: Summary
  readonly problem?: Problem
}
interface Pair {
  readonly from: Location
  readonly to: Location
}

const texts = ({ from, to }: Pair) => ({ from: locationText(from, from.path), to: locationText(to, to.path) })

const failed = (pair: Pair, problem: Problem): Row => ({
  ...texts(pair),
  status: 'failed',
  exit: problem.exit,
  problem,
})

const between = async (context: Context, pair: Pair, way: Way): Promise<Row> => {
  const { from, to } = pair
  const { ended } = await runEngine(context, {
    from: { drive: from.drive, path: from.path },
    to: { drive: to.drive, path: to.path },
    conflict: way.conflict,
    removeSource: way.move,
    removeRoot: way.move,
  })
  if (E.isLeft(ended)) return failed(pair, ofMigration(ended.left))
  const summary = ended.right
  const exit = exitOfSummary(summary)
  const [renamed] = summary.renamed
  return {
    from: locationText(from, from.path),
    to: locationText(to, renamed?.from === from.path ? renamed.to : to.path),
    renamed: summary.renames > 0,
    status:
      exit !== exits.done ? 'failed' : summary.files + summary.directories + summary.merged === 0 ? 'skipped' : 'done',
    exit,
    summary,
  }
}

const within = async (context: Context, pair: Pair, way: Way): Promise<Row> => {
  const { from, to } = pair
  const operation = way.move ? move : copy
  const conflict = way.conflict === 'skip' ? 'ask' : way.conflict
  const done: E.Either<DriveError, Placed> = await operation(from.drive, from.path, to.path, {
    conflict,
    signal: context.signal,
  })()
  if (E.isRight(done))
    return {
      ...texts(pair),
      to: locationText(to, done.right.path),
      status: 'done',
      exit: exits.done,
      renamed: done.right.path !== to.path,
    }
  const error = done.left
  if (way.conflict === 'skip' && error._tag === 'NameConflict')
    return { ...texts(pair), status: 'skipped', exit: exits.done }
  // Where the drive cannot copy by itself, the bytes go through this machine.
  if (isError('Unsupported')(error) && error.feature.startsWith('operations.')) return between(context, pair, way)
  return failed(pair, ofDrive(error))
}

/** Into a directory that exists, or that several sources go to; a file also into one that is written with a `/` at its end. */
const targetOf = (source: Location, entry: Entry, target: Location, into: boolean): Location =>
  into || (target.asDirectory && entry.kind !== 'directory')
    ? { ...target, path: under(target.path, nameOf(source.path) as DrivePath) }
    : target

const one = async (context: Context, from: Location, target: Location, into: boolean, way: Way): Promise<Row> => {
  const entry = await from.drive.stat(from.path, { signal: context.signal })()
  if (E.isLeft(entry)) return failed({ from, to: target }, ofDrive(entry.left))
  const pair = { from, to: targetOf(from, entry.right, target, into) }
  if (entry.right.kind === 'directory' && !way.recursive)
    return failed(
      pair,
      usage(`${locationText(from, from.path)} is a directory`, 'Add --recursive to copy it with all below it.'),
    )
  if (from.drive === pair.to.drive) return within(context, pair, way)
  if (entry.right.kind === 'other')
    return failed(pair, {
      exit: exits.partly,
      message: `${locationText(from, from.path)} is neither a file nor a directory (${nameText(entry.right.what)})`,
      remedy: 'Only files and directories are transferred to another drive.',
    })
  return between(context, pair, way)
}

/** One after another, in the order of the command line. */
export const transfer = async (
  context: Context,
  sources: ReadonlyArray<Location>,
  target: Location,
  way: Way,
): Promise<ReadonlyArray<Row>> => {
  const existing = await target.drive.stat(target.path, { signal: context.signal })()
  const into = sources.length > 1 || (E.isRight(existing) && existing.right.kind === 'directory')
  const rows: Array<Row> = []
  for (const source of sources) {
    if (context.signal.aborted) break
    rows.push(await one(context, source, target, into, way))
  }
  return rows
}

/** Reports what failed, was skipped or got another name; the exit code is that of the failure, or 1 where something was done. */
export const report = async ({ out, signal }: Context, rows: ReadonlyArray<Row>): Promise<ExitCode> => {
  for (const { from, to, problem, status, renamed, summary } of rows) {
    if (problem !== undefined) out.problem(problem)
    else if (status === 'skipped') out.message(`skipped ${nameText(from)}: ${nameText(to)} already exists`)
    else if (summary !== undefined) for (const line of remarksText(summary)) out.message(line.trim())
    else if (renamed === true) out.message(`renamed ${nameText(from)} → ${nameText(to)}`)
  }
  if (out.json) await out.document(rows.map(({ exit: _exit, problem, ...row }) => ({ ...row, error: problem?.error })))
  if (signal.aborted) return exits.interrupted
  const bad = rows.filter(({ exit }) => exit !== exits.done)
  const [first] = bad
  if (first === undefined) return exits.done
  return bad.length === rows.length ? first.exit : exits.partly
}
