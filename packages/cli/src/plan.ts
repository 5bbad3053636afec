// Plans as the command makes, writes and opens them.
import { showPath } from '@anydrive/core'
import {
  checkPlan,
  isFinal,
  mismatch,
  noRequests,
  planMigration,
  readPlan,
  writePlan,
  type CheckedPlan,
  type PlanFailure,
  type MigrationPlan,
  type Names,
  type PlanError,
  type PlanLine,
  type PlanSummary,
} from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { resolve } from 'node:path'
import type { Chosen } from './chosen'
import type { Answer, Context } from './context'
import { locationText, type Location } from './location'
import { exits, interrupted, ofDrive, type Problem } from './problem'
import { planText } from './plan-text'
import { countText, nameText } from './text'
import type { Conflict } from './transfer'
import { version } from './version'

export interface PlanRequest {
  readonly source: Location
  readonly target: Location
  readonly choice: Chosen
  readonly conflict: Conflict
  readonly names: Names
  /** Bytes a second. */
  readonly bandwidth?: number | undefined
  /** Where the plan is written; only shown unless given. */
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
  const { source, target, choice, conflict, names, bandwidth } = request
  const rateOf = ({ name, drive }: Location): number | undefined =>
    drive.vendor === 'local'
      ? undefined
      : (options.requestsPerSecond?.[name] ?? options.requestsPerSecond?.[''] ?? options.tpslimit)
  return planMigration({
    from: { drive: source.drive, path: source.path },
    to: { drive: target.drive, path: target.path },
    called: { source: source.name, target: target.name },
    conflict,
    names,
    include: choice.include,
    rates: { from: rateOf(source), to: rateOf(target), bandwidth },
    costs: { from: costsOf(source), to: costsOf(target) },
    tool: version,
    signal,
  })
}

const tellEvery = 10_000

/** Directories that cannot be read are told; a left is what ended it, or met it at its very beginning. */
const walked = async (
  { out, signal }: Context,
  { lines }: MigrationPlan,
  take: (line: PlanLine) => Promise<void> | undefined,
): Promise<E.Either<Problem, void>> => {
  let count = 0
  let told = Date.now()
  for await (const line of lines) {
    if (E.isLeft(line)) {
      if (count === 0 || isFinal(line.left)) return E.left(signal.aborted ? interrupted : ofFailure(line.left))
      out.tell(`failed ${nameText(line.left.message)}`)
      continue
    }
    count += 1
    const taken = take(line.right)
    if (taken !== undefined) await taken
    if (Date.now() - told < tellEvery) continue
    told = Date.now()
    out.tell(`planned ${countText(count, 'entry', 'entries')} so far`)
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

const hints = ({ source, target, file }: PlanRequest): ReadonlyArray<string> => {
  const command = `anydrive migrate ${[source, target].map((it) => nameText(locationText(it, it.path))).join(' ')}`
  return file === undefined
    ? [
        '',
        'Nothing was written. To decide on each entry:',
        `  ${command} --plan FILE    then edit FILE`,
        '  anydrive migrate --apply FILE',
      ]
    : [
        '',
        `The plan is in ${nameText(file)}, a line for each entry; docs/plans.md explains them. To carry it out:`,
        `  anydrive migrate --apply ${nameText(file)}`,
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

/** Nothing is changed at either end. 1, where something cannot be carried. */
export const showPlan = async (context: Context, request: PlanRequest): Promise<Answer> => {
  const plan = planOf(context, request)
  const ended =
    request.file === undefined
      ? await walked(context, plan, () => undefined)
      : await written(context, plan, request.file)
  if (E.isLeft(ended)) return ended
  const summary = await plan.summary()
  await shown(context, plan, request, summary)
  const unseen = request.choice.unseen()
  for (const path of unseen) context.out.tell(`not found ${nameText(path)}, of --files-from`)
  const isAll = summary.notCarried === 0 && summary.space?.isEnough !== false && unseen.length === 0
  return E.right(isAll ? exits.done : exits.partly)
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

/** Of a plan that was made for these two places, and every line of which can be carried out; what is wrong with it is told line by line. */
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
  for (const { message } of errors) out.tell(nameText(message))
  if (count > errors.length) out.tell(`… and ${count - errors.length} more`)
  return E.left({
    exit: exits.usage,
    message: `${nameText(file)}: ${countText(count, 'line')} cannot be carried out; nothing was done`,
    remedy: 'Correct the lines, or delete them: then their entries are not carried.',
    error: { errors },
  })
}
