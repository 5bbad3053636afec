// Plans: makes, writes, shows and opens them for the command.
import { showPath, type Entry } from '@anydrive/core'
import {
  checkPlan,
  actions,
  isFinal,
  mismatch,
  noRequests,
  planMigration,
  readPlan,
  writePlan,
  type CheckedPlan,
  type CompareBy,
  type Incremental,
  type Action,
  type PlanFailure,
  type MigrationPlan,
  type Names,
  type PlanError,
  type PlanLine,
  type PlanSummary,
  type RemoveExtra,
} from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { resolve } from 'node:path'
import type { Answer, Context } from './context'
import { reportUnmatched, type Filters, type Included } from './filters'
import { locationText, type Location } from './location'
import { exits, interrupted, ofDrive, type Problem } from './problem'
import { planText } from './plan-text'
import { countText, nameText, shellWord, sizeText, tableText } from './text'
import type { Conflict } from './transfer'
import { version } from './version'

export interface PlanRequest {
  readonly source: Location
  readonly target: Location
  readonly filters: Filters
  readonly include: (entry: Entry) => Included
  /** Absolute paths of the files that the migration keeps itself. */
  readonly ownFiles: ReadonlyArray<string>
  readonly conflict: Conflict | Incremental
  readonly compare?: CompareBy | undefined
  readonly removeExtra?: RemoveExtra | undefined
  readonly names: Names
  /** Bytes a second. */
  readonly bandwidth?: number | undefined
  /** Where the plan is written; without it the plan is only shown. */
  readonly file?: string | undefined
}

const ofPlan = (error: PlanError): Problem => ({
  exit: error._tag === 'PlanUnwritable' ? exits.partly : exits.usage,
  message: nameText(error.message),
  remedy: error.remedy,
  error,
})
const ofFailure = (failure: PlanFailure): Problem => {
  if (!('vendor' in failure)) return { exit: exits.partly, message: failure.message, error: failure }
  return failure._tag === 'Aborted' ? interrupted : ofDrive(failure)
}

const costsOf = ({ drive }: Location) =>
  drive.vendor === 'local' || drive.vendor === 'memory' ? noRequests : undefined

const planOf = ({ options, signal }: Context, request: PlanRequest): MigrationPlan => {
  const { source, target, include, ownFiles, conflict, compare, names, bandwidth, removeExtra } = request
  const rateOf = ({ name, drive }: Location): number | undefined =>
    drive.vendor === 'local'
      ? undefined
      : (options.requestsPerSecond?.[name] ?? options.requestsPerSecond?.[''] ?? options.tpslimit)
  return planMigration({
    from: { drive: source.drive, path: source.path },
    to: { drive: target.drive, path: target.path },
    called: { source: source.name, target: target.name },
    conflict,
    compare,
    names,
    include,
    ownFiles,
    removeExtra,
    rates: { from: rateOf(source), to: rateOf(target), bandwidth },
    costs: { from: costsOf(source), to: costsOf(target) },
    tool: version,
    signal,
  })
}

/** Milliseconds between two messages. */
const messageEvery = 10_000

/** Directories that cannot be read are reported; a left is what ended the walk, or prevented its beginning. */
const walked = async (
  { out, signal }: Context,
  { lines }: MigrationPlan,
  take: (line: PlanLine) => Promise<void> | undefined,
): Promise<E.Either<Problem, void>> => {
  let count = 0
  let lastMessage = Date.now()
  for await (const line of lines) {
    if (E.isLeft(line)) {
      if (count === 0 || isFinal(line.left)) return E.left(signal.aborted ? interrupted : ofFailure(line.left))
      out.message(`failed ${nameText(line.left.message)}`)
      continue
    }
    count += 1
    const taken = take(line.right)
    if (taken !== undefined) await taken
    if (Date.now() - lastMessage < messageEvery) continue
    lastMessage = Date.now()
    out.message(`planned ${countText(count, 'entry', 'entries')} so far`)
  }
  return E.right(undefined)
}

const written = async (context: Context, plan: MigrationPlan, file: string): Promise<E.Either<Problem, void>> => {
  let ended: E.Either<Problem, void> = E.right(undefined)
  const whole = await writePlan(resolve(context.io.cwd, file), plan.header, async (add) => {
    ended = await walked(context, plan, add)
    return E.isRight(ended)
  })
  return E.isLeft(whole) ? E.left(ofPlan(whole.left)) : ended
}

/** The command that carries it out. */
const nameOfCommand = (isSync: boolean): string => (isSync ? 'sync' : 'migrate')

const hints = ({ source, target, file, removeExtra }: PlanRequest): ReadonlyArray<string> => {
  const name = `anydrive ${nameOfCommand(removeExtra !== undefined)}`
  const command = `${name} ${[source, target].map((it) => shellWord(locationText(it, it.path))).join(' ')}`
  return file === undefined
    ? [
        '',
        'Nothing was written. To decide on each entry, write the plan to a file, edit it, and carry it out:',
        `  ${command} --plan plan.jsonl`,
        `  ${name} --apply plan.jsonl`,
      ]
    : [
        '',
        `The plan is in ${nameText(file)}, with a line for each entry; docs/plans.md explains them. To carry it out:`,
        `  ${name} --apply ${shellWord(file)}`,
      ]
}

const shown = async (
  { out }: Context,
  plan: MigrationPlan,
  request: PlanRequest,
  summary: PlanSummary,
): Promise<void> => {
  const { source, target, conflict, names } = plan.header
  if (out.json)
    await out.document({
      source,
      target,
      conflict,
      names,
      ...summary,
      ...(request.file === undefined ? {} : { file: request.file }),
    })
  else for (const line of [...planText(summary), ...hints(request)]) await out.line(line)
}

/** Nothing is changed at either end. 1 where something cannot be transferred. */
export const showPlan = async (context: Context, request: PlanRequest): Promise<Answer> => {
  const plan = planOf(context, request)
  const ended =
    request.file === undefined
      ? await walked(context, plan, () => undefined)
      : await written(context, plan, request.file)
  if (E.isLeft(ended)) return ended
  const summary = await plan.summary()
  await shown(context, plan, request, summary)
  const isAllFound = reportUnmatched(context, request.filters)
  const { removeExtra } = request
  const isWithin = summary.todo.remove <= (removeExtra?.maxDelete ?? Infinity)
  if (removeExtra !== undefined && summary.notCarried > 0)
    context.out.message('nothing would be removed at the target, because something cannot be transferred or listed')
  if (!isWithin)
    context.out.message(
      `nothing would be removed at the target: ${countText(summary.todo.remove, 'entry is', 'entries are')} extra, and --max-delete is ${removeExtra?.maxDelete ?? 0}`,
    )
  const isAll = summary.notCarried === 0 && summary.space?.isEnough !== false && isAllFound && isWithin
  return E.right(isAll ? exits.done : exits.partly)
}

const actionTexts: { readonly [A in Action]: string } = {
  mkdir: 'directories to create',
  merge: 'directories that exist already',
  copy: 'files to copy',
  overwrite: 'files to replace',
  replace: 'entries to replace one of another kind',
  rename: 'entries to store under another name',
  remove: 'entries to remove at the target',
  skip: 'entries to skip',
  refuse: 'entries that cannot be transferred',
}

/** The same plan, written to another file. */
const copied = async ({ io }: Context, plan: CheckedPlan, file: string): Promise<E.Either<Problem, void>> => {
  let problem: PlanError | undefined
  const whole = await writePlan(resolve(io.cwd, file), plan.header, async (add) => {
    for await (const line of plan.lines()) {
      if (E.isRight(line)) await add(line.right)
      else problem = line.left
    }
    return problem === undefined
  })
  if (E.isLeft(whole)) return E.left(ofPlan(whole.left))
  return problem === undefined ? E.right(undefined) : E.left(ofPlan(problem))
}

/** Shows what --apply would do with this plan, and writes it to `file` where one is given; changes nothing at either end. */
export const showAppliedPlan = async (
  context: Context,
  plan: CheckedPlan,
  file: string | undefined,
): Promise<Answer> => {
  const { out } = context
  const counts: Partial<Record<Action, number>> = {}
  for await (const line of plan.lines()) {
    if (E.isLeft(line)) return E.left(ofPlan(line.left))
    counts[line.right.do] = (counts[line.right.do] ?? 0) + 1
  }
  if (file !== undefined) {
    const written = await copied(context, plan, file)
    if (E.isLeft(written)) return written
  }
  const { source, target } = plan.header
  const { entries, bytes } = plan
  if (out.json) await out.document({ plan: plan.file, source, target, entries, bytes, actions: counts })
  else {
    const [from, to] = [source, target].map(({ name, path }) => `${name}:${showPath(path)}`)
    const rows = actions.flatMap((it) => (counts[it] === undefined ? [] : [[`  ${counts[it]}`, actionTexts[it]]]))
    for (const line of [
      `${nameText(plan.file)}: ${countText(entries, 'entry', 'entries')}, ${sizeText(bytes)} to transfer, ${nameText(`${from ?? ''} → ${to ?? ''}`)}`,
      ...tableText(rows),
      '',
      'Nothing was written at either end. To carry it out:',
      `  anydrive ${nameOfCommand(plan.removals > 0)} --apply ${shellWord(plan.file)}`,
    ])
      await out.line(line)
  }
  return E.right((counts.refuse ?? 0) === 0 ? exits.done : exits.partly)
}

/** The two places that a plan was made for, as they would be named. */
export const placesOfPlan = async (
  { io }: Context,
  file: string,
): Promise<E.Either<Problem, ReadonlyArray<string>>> => {
  const read = await readPlan(resolve(io.cwd, file))
  if (E.isLeft(read)) return E.left(ofPlan(read.left))
  const { source, target } = read.right.header
  return E.right([source, target].map(({ name, path }) => `${name}:${showPath(path)}`))
}

/** A plan that was made for these two places, and every line of which can be carried out; each wrong line is reported. */
export const openPlan = async (
  { io, out }: Context,
  file: string,
  { source, target }: Pick<PlanRequest, 'source' | 'target'>,
): Promise<E.Either<Problem, CheckedPlan>> => {
  const read = await readPlan(resolve(io.cwd, file))
  if (E.isLeft(read)) return E.left(ofPlan(read.left))
  const end = ({ name, drive: { vendor }, path }: Location) => ({ name, vendor, path })
  const other = mismatch(read.right, { source: end(source), target: end(target) })
  if (other !== undefined) return E.left(ofPlan(other))
  const checked = await checkPlan(read.right)
  if (E.isRight(checked)) return checked
  const { errors, count } = checked.left
  const [first] = errors
  if (first !== undefined && count === 1) return E.left(ofPlan(first))
  for (const { message } of errors) out.message(nameText(message))
  if (count > errors.length) out.message(`… and ${count - errors.length} more`)
  return E.left({
    exit: exits.usage,
    message: `${nameText(file)}: ${countText(count, 'line')} cannot be carried out; nothing was done`,
    remedy: 'Correct the lines, or delete them: then their entries are not transferred.',
    error: { errors },
  })
}
