// A migration from one place to another, as the command runs it: with a journal, a plan, a report and a summary.
import { nameOf, under, type DrivePath, type Entry } from '@anydrive/core'
import {
  journalFiles,
  type CheckedPlan,
  type CompareBy,
  type Incremental,
  type MigrateError,
  type Names,
  type RemoveExtra,
  type Summary,
  type Verify,
} from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { resolve } from 'node:path'
import { locate, type Answer, type Context } from './context'
import { eventLine } from './display/event-line'
import { below, createFilters, reportUnmatched, reportWarnings, type FilterOptions, type Filters } from './filters'
import { ofJournalled, openJournal, type Journalling, type Kept } from './journal'
import { locationText, type Location } from './location'
import { openPlan, placesOfPlan, showAppliedPlan, showPlan } from './plan'
import { bandwidthOf, checkRates, engineOptionsOf, filterOptionsOf, type Policy } from './policy'
import { exits, usage, type Problem } from './problem'
import { remedyForSync } from './remedies'
import { checkReportPlace, report } from './report'
import { exitOfSummary, runEngine, type EngineRun } from './run-engine'
import { notRemovedText, summaryText } from './summary'
import { countText } from './text'
import type { Conflict } from './transfer'

export interface Options extends Policy, Journalling {
  readonly conflict: Conflict | Incremental
  readonly compare?: CompareBy
  readonly names: Names
  readonly verify: Verify
  /** True: only shown. */
  readonly plan?: string | true
  readonly dryRun?: boolean
  readonly apply?: string
  /** Of a sync, what happens to entries that only the target has. */
  readonly extra?: (places: { readonly source: Location; readonly target: Location }) => E.Either<Problem, RemoveExtra>
}

interface Places {
  readonly source: Location
  /** The target as it was named. */
  readonly named: Location
  readonly filters: Filters
}
/** With the path that the source itself gets. */
type PlacesWithTarget = Places & { readonly target: Location }

const commandOf = ({ extra }: Options): string => (extra === undefined ? 'migrate' : 'sync')

/** The places that the arguments name; nothing is sent. */
export const placesOf = (
  context: Context,
  [from, to]: ReadonlyArray<string>,
  options: Options,
): E.Either<Problem, Places> => {
  if (from === undefined || to === undefined)
    return E.left(usage('a source and a target are needed', `Run anydrive ${commandOf(options)} SOURCE TARGET.`))
  const source = locate(context, from)
  if (E.isLeft(source)) return source
  const named = locate(context, to)
  if (E.isLeft(named)) return named
  const rates = checkRates(context.options.requestsPerSecond, [source.right.name, named.right.name])
  if (E.isLeft(rates)) return rates
  const filters = createFilters(filterOptionsOf(options), context.io.cwd)
  return E.map((its: Filters) => ({ source: source.right, named: named.right, filters: its }))(filters)
}

/** A file goes into a directory that exists at the target; the contents of a directory go below it. */
const targetOf = async ({ signal }: Context, { source, named }: Places): Promise<Location> => {
  const into = (): Location => ({ ...named, path: under(named.path, nameOf(source.path) as DrivePath) })
  const from = await source.drive.stat(source.path, { signal })()
  if (E.isLeft(from) || from.right.kind !== 'file') return named
  if (named.asDirectory) return into()
  const to = await named.drive.stat(named.path, { signal })()
  return E.isRight(to) && to.right.kind === 'directory' ? into() : named
}

/** Identifies the migration: a journal is only continued by the same. */
export const labelOf = (
  { source, named }: Pick<Places, 'source' | 'named'>,
  filters: FilterOptions,
  removeExtra: RemoveExtra | undefined,
): string => {
  const { include = [], exclude = [], filterFrom, filesFrom, filesFrom0, minSize, maxSize, newerThan } = filters
  return [
    `${removeExtra === undefined ? '' : 'sync '}${locationText(source, source.path)} → ${locationText(named, named.path)}`,
    ...(removeExtra?.backupDir === undefined ? [] : [`--backup-dir ${locationText(named, removeExtra.backupDir)}`]),
    ...include.map((pattern) => `--include ${pattern}`),
    ...exclude.map((pattern) => `--exclude ${pattern}`),
    ...(filterFrom === undefined ? [] : [`--filter-from ${filterFrom}`]),
    ...(filesFrom === undefined ? [] : [`--files-from ${filesFrom}`]),
    ...(filesFrom0 === undefined ? [] : [`--files-from0 ${filesFrom0}`]),
    ...(minSize === undefined ? [] : [`--min-size ${minSize}`]),
    ...(maxSize === undefined ? [] : [`--max-size ${maxSize}`]),
    ...(newerThan === undefined ? [] : ['--newer-than']),
  ].join(' ')
}

export const verifyText = (verify: Verify): string =>
  typeof verify === 'string' ? verify : `sample:${verify.sample * 100}%`

const summaryOf = ({ ended }: EngineRun): Summary | undefined => {
  if (E.isRight(ended)) return ended.right
  return ended.left._tag === 'Stopped' ? ended.left.summary : undefined
}

const extraOptions = ({ compare }: Options, summary: Summary | undefined): Readonly<Record<string, string>> => ({
  compare: compare ?? 'by what is known',
  'removed at the target': `${summary?.extra?.removed ?? 0}`,
  ...(summary?.extra?.notRemoved === undefined ? {} : { 'not removed': notRemovedText(summary, undefined) ?? '' }),
})

/** Writes the page that --report asks for, of whatever was done. */
const writeReport = async (
  { io }: Context,
  { source, target }: PlacesWithTarget,
  options: Options,
  kept: Kept,
  run: EngineRun,
): Promise<E.Either<Problem, void>> => {
  if (options.report === undefined || kept.file === undefined) return E.right(undefined)
  return report({
    page: options.report,
    cwd: io.cwd,
    journal: kept.file,
    from: locationText(source, source.path),
    to: locationText(target, target.path),
    options: {
      ...(options.extra === undefined ? { conflict: options.conflict } : extraOptions(options, summaryOf(run))),
      names: options.names,
      verify: verifyText(options.verify),
    },
    stopped: E.isLeft(run.ended) ? run.ended.left.message : undefined,
    removed: summaryOf(run)?.removed ?? 0,
    others: summaryOf(run)?.others ?? 0,
    failed: summaryOf(run)?.failed.filter(({ error }) => error.operation === 'list') ?? [],
    canResume: options.journal !== undefined,
  })
}

const print = async ({ out }: Context, run: EngineRun, removeExtra: RemoveExtra | undefined): Promise<void> => {
  const summary = summaryOf(run)
  if (summary === undefined) return
  if (out.json) await out.line(eventLine('summary', summary))
  else for (const line of summaryText(summary, E.isLeft(run.ended) ? run.remaining : undefined)) await out.line(line)
  const notRemoved = notRemovedText(summary, removeExtra?.maxDelete)
  if (notRemoved !== undefined) out.message(notRemoved)
}

interface Transfer {
  readonly places: PlacesWithTarget
  readonly options: Options
  readonly include: (entry: Entry) => boolean | 'if-used'
  readonly ownFiles: ReadonlyArray<string>
  readonly kept: Kept
  readonly plan: CheckedPlan | undefined
  readonly removeExtra: RemoveExtra | undefined
}

/** What sync ends with: it has no strategies that could be chosen. */
const ofSync = (error: MigrateError, problem: Problem): Problem => {
  if ('vendor' in error) return { ...problem, remedy: remedyForSync(error) }
  if (error._tag !== 'Stopped') return problem
  return {
    ...problem,
    remedy:
      error.cause === undefined ? 'Run it again: what has arrived is not sent again.' : remedyForSync(error.cause),
  }
}

const transferred = async (context: Context, transfer: Transfer): Promise<Answer> => {
  const { places, options, kept, plan, include, ownFiles, removeExtra } = transfer
  const { source, target, filters } = places
  const run = await runEngine(
    context,
    {
      from: { drive: source.drive, path: source.path },
      to: { drive: target.drive, path: target.path },
      conflict: options.conflict,
      compare: options.compare,
      names: options.names,
      verify: options.verify,
      ...engineOptionsOf(options),
      include,
      ownFiles,
      removeExtra,
      journal: kept.journal,
      plan,
    },
    true,
  )
  await print(context, run, removeExtra)
  const reported = await writeReport(context, places, options, kept, run)
  if (E.isLeft(run.ended)) {
    if (E.isLeft(reported)) context.out.problem(reported.left)
    const ended = ofJournalled(run.ended.left, options)
    const keepsRemedy = removeExtra === undefined || options.journal !== undefined
    return E.left(keepsRemedy ? ended : ofSync(run.ended.left, ended))
  }
  // With a plan the filters were applied when it was made.
  const isAllFound = plan !== undefined || reportUnmatched(context, filters)
  if (E.isLeft(reported)) return reported
  return E.right(isAllFound ? exitOfSummary(run.ended.right) : exits.partly)
}

/** In `--plan SOURCE TARGET` the source was taken for the value of the option, which is optional. */
const withoutPlanValue = (args: ReadonlyArray<string>, options: Options): readonly [ReadonlyArray<string>, Options] =>
  typeof options.plan === 'string' && args.length === 1
    ? [[options.plan, ...args], { ...options, plan: true }]
    : [args, options]

/** A plan has its entries already: filters would be ignored. */
const filterNames = {
  include: '--include',
  exclude: '--exclude',
  filterFrom: '--filter-from',
  filesFrom: '--files-from',
  filesFrom0: '--files-from0',
  minSize: '--min-size',
  maxSize: '--max-size',
  newerThan: '--newer-than',
  maxAge: '--max-age',
} as const

export const misused = (options: Options): Problem | undefined => {
  if (options.compare !== undefined && options.conflict !== 'newer' && options.conflict !== 'different')
    return usage(
      `--compare needs a strategy that compares, not --conflict ${options.conflict}`,
      'Add --conflict different or --conflict newer, or leave --compare out.',
    )
  if (options.removeRoot === true && options.move !== true)
    return usage('--remove-root needs --move', 'Add --move, or leave --remove-root out.')
  const names = Object.keys(filterNames) as ReadonlyArray<keyof typeof filterNames>
  const filter = names.find((name) => options[name] !== undefined)
  return options.apply === undefined || filter === undefined
    ? undefined
    : usage(
        `${filterNames[filter]} cannot be combined with --apply: the plan says which entries are transferred`,
        'Delete lines from the plan, or make another one with --plan FILE.',
      )
}

/** Absolute paths of the journal, the plan, the report and the log, and of the files beside them while they are written. */
const ownFilesOf = (
  { journal, plan, apply, report: page }: Options,
  { io: { cwd }, options: { logFile } }: Context,
): ReadonlyArray<string> => [
  ...(logFile === undefined ? [] : [resolve(cwd, logFile)]),
  ...(journal === undefined ? [] : journalFiles(resolve(cwd, journal))),
  ...[plan, apply, page].flatMap((file) =>
    typeof file === 'string' ? [resolve(cwd, file), `${resolve(cwd, file)}.part`] : [],
  ),
]

export const runMigration = async (context: Context, given: ReadonlyArray<string>, all: Options): Promise<Answer> => {
  const [named, options] = withoutPlanValue(given, all)
  const { io } = context
  const args =
    named.length === 0 && options.apply !== undefined ? await placesOfPlan(context, options.apply) : E.right(named)
  if (E.isLeft(args)) return args
  const problem = misused(options)
  if (problem !== undefined) return E.left(problem)
  const places = placesOf(context, args.right, options)
  if (E.isLeft(places)) return places
  const reportPlace = options.report === undefined ? undefined : await checkReportPlace(options.report, io.cwd)
  if (reportPlace !== undefined && E.isLeft(reportPlace)) return reportPlace
  const {
    source,
    named: { drive, name },
    filters,
  } = places.right
  if (
    options.compare === 'time' &&
    options.conflict === 'different' &&
    drive.capabilities.times.file.modifiedAt !== 'kept'
  )
    return E.left(
      usage(
        `--compare time: the drive ${name} does not keep modification times`,
        'Use --compare checksum, content or size.',
      ),
    )
  reportWarnings(context, filters)
  const ownFiles = ownFilesOf(options, context)
  const include = below(filters, source.path)
  const target = await targetOf(context, places.right)
  const at = { ...places.right, target }
  const extra = options.extra?.(at) ?? E.right(undefined)
  if (E.isLeft(extra)) return extra
  const removeExtra = extra.right
  const plan = options.apply === undefined ? E.right(undefined) : await openPlan(context, options.apply, at)
  if (E.isLeft(plan)) return plan
  if (plan.right !== undefined && plan.right.removals > 0 && removeExtra === undefined)
    return E.left(
      usage(
        `${plan.right.file} removes ${countText(plan.right.removals, 'entry', 'entries')} at the target: it is a plan of sync`,
        'Carry it out with anydrive sync --apply, or delete these lines.',
      ),
    )
  if (options.plan !== undefined || options.dryRun === true) {
    const file = typeof options.plan === 'string' ? options.plan : undefined
    if (plan.right !== undefined) return showAppliedPlan(context, plan.right, file)
    return showPlan(context, {
      ...at,
      ...options,
      include,
      ownFiles,
      removeExtra,
      bandwidth: bandwidthOf(options),
      file,
    })
  }
  const kept = openJournal(context, options, labelOf(places.right, filterOptionsOf(options), removeExtra))
  if (E.isLeft(kept)) return kept
  return transferred(context, {
    ...{ places: at, options, include, ownFiles },
    ...{ kept: kept.right, plan: plan.right, removeExtra },
  }).finally(kept.right.close)
}
