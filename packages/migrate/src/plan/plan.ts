// A migration as it would be, without writing anything: an entry at a time.
import {
  isInside,
  nameOf,
  parentOf,
  root,
  showPath,
  type DirEntry,
  type DriveError,
  type DrivePath,
  type Entry,
} from '@anydrive/core'
import { aborted, locate, nestedTarget, wrongKind } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import type { Scratch } from '../external-sort'
import { existingEntry } from '../run'
import { extras } from '../extras'
import { isWhollyMovable, movableIn } from '../make-room'
import { namesFor } from '../names/names-for'
import type { MigrateOptions } from '../options'
import { ownFilesOf } from '../own-files'
import { isFinal } from '../pairs'
import { candidates, type BothSides, type Candidate, type Failure } from './candidates'
import { requestCosts, type Rates, type RequestCosts } from './estimate'
import type { PlanEnd, PlanHeader } from './file'
import { planEntry, type Planner, type PlannedEntry, type Place } from './plan-entry'
import { existingOf, type PlanLine } from './line'
import { oneName } from './one-name'
import { createSums, type PlanSummary, type Sums } from './sums'

export interface PlanOptions extends Pick<
  MigrateOptions,
  'from' | 'to' | 'conflict' | 'compare' | 'names' | 'include' | 'signal' | 'ownFiles' | 'removeExtra'
> {
  /** What the two drives are called where the plan is made; their vendors unless given. */
  readonly called?: { readonly source: string; readonly target: string } | undefined
  /** Of the program that makes the plan. */
  readonly tool?: string | undefined
  readonly now?: (() => number) | undefined
  /** For the estimate of time. */
  readonly rates?: Rates | undefined
  /** For the estimate of requests; by the drives' capabilities unless given. */
  readonly costs?: { readonly from?: RequestCosts | undefined; readonly to?: RequestCosts | undefined } | undefined
  /** Where what is too much for memory is sorted, and how much is. */
  readonly scratch?: Scratch | undefined
}
export interface MigrationPlan {
  readonly header: PlanHeader
  /** Once. A directory that cannot be read is a left, and the rest follows. `isFinal`: nothing does. */
  readonly lines: AsyncGenerator<E.Either<Failure, PlanLine>, void>
  /** Of the lines so far; asks the destination for its room, so after the last. */
  readonly summary: () => Promise<PlanSummary>
}

interface Level extends Place {
  readonly all: AsyncGenerator<E.Either<Failure, Candidate>, void>
  /** Made only with the first file in it. */
  pending: { readonly planEntry: PlannedEntry; readonly entry: Entry } | undefined
}
interface Planning {
  readonly options: PlanOptions
  readonly planner: Planner
  readonly sums: Sums
}
type Answer = E.Either<Failure, PlanLine>

const counted = ({ sums }: Planning, { line, findings }: PlannedEntry, entry: Entry): Answer => {
  sums.add(line, entry, findings)
  return E.right(line)
}

const sidesOf = ({ options, planner, sums }: Planning, dir: DrivePath, standing: DrivePath | undefined): BothSides => ({
  from: { drive: planner.from, dir },
  to: standing === undefined ? undefined : { drive: planner.to, dir: standing },
  own: { from: ownFilesOf(planner.from, options.ownFiles ?? []), to: ownFilesOf(planner.to, options.ownFiles ?? []) },
  include: options.include ?? (() => true),
  names: namesFor(options.names ?? 'refuse', planner.to.capabilities.naming),
  respells: (options.names ?? 'refuse') !== 'refuse',
  one: planner.one,
  reading: { signal: options.signal, scratch: options.scratch },
  onPage: sums.page,
  onSkipped: (name) => {
    sums.note(showPath(dir), { what: 'unnameable', says: JSON.stringify(name) })
  },
})

interface Below {
  readonly entry: DirEntry
  readonly line: PlanLine
  /** What stands where it goes. */
  readonly standing: DrivePath | undefined
  readonly above: Place['out']
}
const levelOf = (planning: Planning, { entry, line, standing, above }: Below): Level => ({
  dir: entry.path,
  to: line.to,
  out: above ?? (line.do === 'skip' || line.do === 'refuse' ? { do: line.do, dir: entry.path } : undefined),
  all: candidates(sidesOf(planning, entry.path, line.do === 'merge' ? standing : undefined)),
  pending: undefined,
})

/** The directories above that were waiting for something in them. */
function* due(planning: Planning, open: ReadonlyArray<Level>): Generator<Answer, void> {
  for (const level of open) {
    const { pending } = level
    level.pending = undefined
    if (pending !== undefined) yield counted(planning, pending.planEntry, pending.entry)
  }
}

const unreadable = ({ sums }: Planning, { dir }: Level, failure: Failure): void => {
  if ('vendor' in failure) sums.note(showPath(dir), { what: 'unreadable', says: failure.message })
}
const stop = (): Answer => E.left(locate({ vendor: 'anydrive', operation: 'list' })(aborted({ effect: 'none' })))

async function* below(planning: Planning, top: Level): AsyncGenerator<Answer, void> {
  const open = [top]
  try {
    for (let deepest = open.at(-1); deepest !== undefined; deepest = open.at(-1)) {
      if (planning.options.signal?.aborted === true) {
        yield stop()
        return
      }
      const next = await deepest.all.next()
      if (next.done === true) {
        open.pop()
        continue
      }
      const found = E.isLeft(next.value) ? next.value : await plannedHere(planning, deepest, next.value.right)
      if (E.isLeft(found)) {
        yield found
        if (isFinal(found.left)) return
        unreadable(planning, deepest, found.left)
        continue
      }
      const { candidate, ...rest } = found.right
      const { entry } = candidate
      if (entry.kind === 'directory') {
        const level = levelOf(planning, {
          entry,
          line: rest.line,
          standing: candidate.existing?.path,
          above: deepest.out,
        })
        open.push(level)
        if (candidate.ifUsed) {
          level.pending = { planEntry: rest, entry }
          continue
        }
      }
      if (entry.kind !== 'other') yield* due(planning, entry.kind === 'directory' ? open.slice(0, -1) : open)
      yield counted(planning, rest, entry)
    }
  } finally {
    for (const level of open) await level.all.return()
  }
}

const plannedHere = async (
  { planner }: Planning,
  place: Place,
  candidate: Candidate,
): Promise<E.Either<DriveError, PlannedEntry & { readonly candidate: Candidate }>> =>
  E.map((it: PlannedEntry) => ({ ...it, candidate }))(await planEntry(planner, place, candidate))

/** An end of the migration: what it is called at the destination was said by the caller. */
const endOf = (entry: Entry, to: DrivePath, existing: Entry | undefined): Candidate => ({
  entry: { ...entry, name: nameOf(to) },
  ifUsed: false,
  name: E.right(nameOf(to)),
  existing,
  similar: undefined,
  duplicate: undefined,
  landed: undefined,
  given: new Set(),
})

const existingAt = async (
  { options, planner }: Planning,
  to: DrivePath,
): Promise<E.Either<DriveError, Entry | undefined>> => {
  const found = await planner.to.stat(to, { signal: options.signal })()
  return existingEntry(found)
}

const isNested = ({ planner }: Planning, source: Entry, to: DrivePath): boolean =>
  planner.from === planner.to &&
  (source.kind === 'directory' ? isInside(source.path, to) || isInside(to, source.path) : source.path === to)

async function* planned(planning: Planning): AsyncGenerator<Answer, void> {
  const { options, planner } = planning
  const found = await planner.from.stat(options.from.path ?? root, { signal: options.signal })()
  if (E.isLeft(found)) {
    yield found
    return
  }
  const source = found.right
  const to = options.to.path ?? (source.kind === 'file' ? (nameOf(source.path) as DrivePath) : root)
  const isWrongKind = source.kind === 'other' || (source.kind === 'file' && options.removeExtra !== undefined)
  if (isWrongKind || isNested(planning, source, to)) {
    const where = { vendor: planner.to.vendor, operation: 'copyDir', path: to } as const
    yield E.left(locate(where)(isWrongKind ? wrongKind({ expected: 'directory' }) : nestedTarget()))
    return
  }
  const standing = await existingAt(planning, to)
  if (E.isLeft(standing)) {
    yield standing
    return
  }
  const place: Place = { dir: parentOf(source.path), to: parentOf(to), out: undefined }
  if (to === root && source.kind === 'directory') {
    const line = { do: 'merge', kind: 'directory', from: source.path, to, existing: null, why: [] } as const
    yield* below(planning, levelOf(planning, { entry: source, line, standing: root, above: undefined }))
    return
  }
  const end = await planEntry(planner, place, endOf(source, to, standing.right))
  if (E.isLeft(end)) {
    yield end
    return
  }
  yield counted(planning, end.right, source)
  if (source.kind !== 'directory') return
  const { line } = end.right
  yield* below(planning, levelOf(planning, { entry: source, line, standing: standing.right?.path, above: undefined }))
}

/** What a sync would remove: after everything else, and only if all of that can be transferred. */
async function* withRemovals(planning: Planning): AsyncGenerator<Answer, void> {
  const { options, planner, sums } = planning
  let isWhole = true
  for await (const line of planned(planning)) {
    if (E.isLeft(line)) isWhole = false
    yield line
  }
  const to = options.to.path ?? root
  if (!isWhole || sums.summary(undefined).notCarried > 0) return
  const existing = await existingAt(planning, to)
  if (E.isLeft(existing)) yield existing
  if (E.isLeft(existing) || existing.right?.kind !== 'directory') return
  for await (const one of extras({
    from: { drive: planner.from, dir: options.from.path ?? root },
    to: { drive: planner.to, dir: to },
    names: options.names ?? 'refuse',
    include: options.include ?? (() => true),
    own: {
      source: ownFilesOf(planner.from, options.ownFiles ?? []),
      target: ownFilesOf(planner.to, options.ownFiles ?? []),
    },
    otherKinds: true,
    signal: options.signal,
    scratch: options.scratch,
  })) {
    if (one.status === 'extra') {
      const { entry, source } = one
      sums.remove()
      yield E.right({
        do: 'remove',
        kind: entry.kind,
        from: source,
        to: entry.path,
        existing: existingOf(entry),
        why: ['extra'],
      })
    } else if (one.status === 'unknown') {
      sums.note(showPath(one.path), {
        what: one.name === undefined ? 'unreadable' : 'unnameable',
        says: one.error.message,
      })
      if (one.name === undefined) yield E.left(one.error)
    } else if (one.status === 'broken') yield E.left(one.error)
  }
  if (options.signal?.aborted === true) yield stop()
}

const headerOf = (options: PlanOptions): PlanHeader => {
  const end = (which: 'source' | 'target', { drive, path = root }: MigrateOptions['from']): PlanEnd => ({
    vendor: drive.vendor,
    path,
    name: options.called?.[which] ?? drive.vendor,
  })
  const { conflict = 'ask', names = 'refuse', now = Date.now, tool = '' } = options
  return {
    source: end('source', options.from),
    target: end('target', options.to),
    conflict: typeof conflict === 'string' ? conflict : 'function',
    names,
    when: new Date(now()),
    tool,
  }
}

/**
 * Walks both sides and writes nothing. Memory does not grow with the trees. The entries come depth first, in the order of their names at the destination, a
 * directory before what is in it: the same for the same trees.
 */
export const planMigration = (options: PlanOptions): MigrationPlan => {
  const [from, to] = [options.from.drive, options.to.drive]
  const sums = createSums({
    from: from.capabilities,
    to: to.capabilities,
    costs: {
      from: options.costs?.from ?? requestCosts(from.capabilities),
      to: options.costs?.to ?? requestCosts(to.capabilities),
    },
    rates: options.rates ?? {},
    oneDrive: from === to,
  })
  const { conflict: policy = 'ask', compare, signal } = options
  const isMovable = movableIn({
    ...{ source: options.from.path ?? root, target: options.to.path ?? root },
    ...{ drive: to, names: options.names ?? 'refuse', include: options.include ?? (() => true) },
    own: ownFilesOf(to, options.ownFiles ?? []),
  })
  const isReplaced =
    options.removeExtra === undefined
      ? undefined
      : (existing: Entry) => isWhollyMovable(to, existing, isMovable, { signal })
  const planner: Planner = { from, to, policy, compare, one: oneName(to.capabilities.naming), isReplaced, signal }
  return {
    header: headerOf(options),
    lines:
      options.removeExtra === undefined
        ? planned({ options, planner, sums })
        : withRemovals({ options, planner, sums }),
    summary: async () => {
      const usage = to.capabilities.operations.usage ? await to.usage({ signal })() : undefined
      const { used, capacity } = usage !== undefined && E.isRight(usage) ? usage.right : {}
      return sums.summary(used === undefined || capacity === undefined ? undefined : Math.max(0, capacity - used))
    },
  }
}

export { isFinal, type Failure }
