// A migration from one place to another, as the command runs it: journalled, carried, reported, told.
import { nameOf, under, type DrivePath } from '@anydrive/core'
import type { CheckedPlan, MigrateError, Names, Summary, Verify } from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { carry, exitOfSummary } from './carry'
import { chosen, type Choice, type Chosen } from './chosen'
import { locate, type Answer, type Context } from './context'
import { eventLine } from './display/event-line'
import { ofJournalled, openJournal, type Journalling, type Kept } from './journal'
import { locationText, type Location } from './location'
import { openPlan, placesOfPlan, showPlan } from './plan'
import { choiceOf, optionsOf, type Policy } from './policy'
import { exits, usage, type Problem } from './problem'
import { report, unwritable } from './report'
import { summaryText } from './summary'
import { nameText } from './text'
import type { Conflict } from './transfer'

export interface Options extends Policy, Journalling {
  readonly conflict: Conflict
  readonly names: Names
  readonly verify: Verify
  /** True: only shown. */
  readonly plan?: string | true
  readonly dryRun?: boolean
  readonly apply?: string
}

interface Places {
  readonly source: Location
  /** As it was named. */
  readonly named: Location
  readonly choice: Chosen
}

/** Of the command's arguments; nothing is sent. */
const placesOf = (context: Context, [from, to]: ReadonlyArray<string>, options: Policy): E.Either<Problem, Places> => {
  if (from === undefined || to === undefined)
    return E.left(usage('a source and a target are needed', 'anydrive migrate SOURCE TARGET'))
  const source = locate(context, from)
  if (E.isLeft(source)) return source
  const named = locate(context, to)
  if (E.isLeft(named)) return named
  const choice = chosen(choiceOf(options), source.right.path, context.io.cwd)
  return E.map((its: Chosen) => ({ source: source.right, named: named.right, choice: its }))(choice)
}

/** A file goes into a directory that stands at the target; a directory's contents go below it. */
const targetOf = async ({ signal }: Context, { source, named }: Places): Promise<Location> => {
  const into = (): Location => ({ ...named, path: under(named.path, nameOf(source.path) as DrivePath) })
  const from = await source.drive.stat(source.path, { signal })()
  if (E.isLeft(from) || from.right.kind !== 'file') return named
  if (named.asDirectory) return into()
  const to = await named.drive.stat(named.path, { signal })()
  return E.isRight(to) && to.right.kind === 'directory' ? into() : named
}

/** What tells this migration from others: the journal is only continued by the same. */
const labelOf = ({ source, named }: Places, choice: Choice): string => {
  const { include = [], exclude = [], filesFrom, minSize, maxSize, newerThan } = choice
  return [
    `${locationText(source, source.path)} → ${locationText(named, named.path)}`,
    ...include.map((glob) => `--include ${glob}`),
    ...exclude.map((glob) => `--exclude ${glob}`),
    ...(filesFrom === undefined ? [] : [`--files-from ${filesFrom}`]),
    ...(minSize === undefined ? [] : [`--min-size ${minSize}`]),
    ...(maxSize === undefined ? [] : [`--max-size ${maxSize}`]),
    ...(newerThan === undefined ? [] : ['--newer-than']),
  ].join(' ')
}

const verifyText = (verify: Verify): string => (typeof verify === 'string' ? verify : `sample:${verify.sample * 100}%`)

type Ended = E.Either<MigrateError, Summary>

const summaryOf = (ended: Ended): Summary | undefined => {
  if (E.isRight(ended)) return ended.right
  return ended.left._tag === 'Stopped' ? ended.left.summary : undefined
}

/** The page that was asked for, of whatever was done. */
const reportOn = async (
  { io }: Context,
  places: Places & { readonly target: Location },
  options: Options,
  kept: Kept,
  ended: Ended,
): Promise<E.Either<Problem, void>> => {
  if (options.report === undefined || kept.file === undefined) return E.right(undefined)
  const { source, target } = places
  return report({
    page: options.report,
    cwd: io.cwd,
    journal: kept.file,
    from: locationText(source, source.path),
    to: locationText(target, target.path),
    options: { conflict: options.conflict, names: options.names, verify: verifyText(options.verify) },
    stopped: E.isLeft(ended) ? ended.left.message : undefined,
    removed: summaryOf(ended)?.removed ?? 0,
  })
}

const tell = async ({ out }: Context, summary: Summary | undefined): Promise<void> => {
  if (summary === undefined) return
  if (out.json) await out.line(eventLine('summary', summary))
  else for (const line of summaryText(summary)) await out.line(line)
}

interface Carrying {
  readonly places: Places & { readonly target: Location }
  readonly options: Options
  readonly kept: Kept
  readonly plan: CheckedPlan | undefined
}

const carried = async (context: Context, { places, options, kept, plan }: Carrying): Promise<Answer> => {
  const { source, target, choice } = places
  const ended = await carry(
    context,
    {
      from: { drive: source.drive, path: source.path },
      to: { drive: target.drive, path: target.path },
      conflict: options.conflict,
      names: options.names,
      verify: options.verify,
      ...optionsOf(options),
      include: choice.include,
      journal: kept.journal,
      plan,
    },
    true,
  )
  await tell(context, summaryOf(ended))
  const reported = await reportOn(context, places, options, kept, ended)
  if (E.isLeft(ended)) {
    if (E.isLeft(reported)) context.out.problem(reported.left)
    return E.left(ofJournalled(ended.left, options))
  }
  if (E.isLeft(reported)) return reported
  const unseen = choice.unseen()
  for (const path of unseen) context.out.tell(`not found ${nameText(path)}, of --files-from`)
  return E.right(unseen.length > 0 ? exits.partly : exitOfSummary(ended.right))
}

/** `--plan SOURCE TARGET` names no file: the source is taken for one, since the option's value may be left out. */
const untangled = (args: ReadonlyArray<string>, options: Options): readonly [ReadonlyArray<string>, Options] =>
  typeof options.plan === 'string' && args.length === 1
    ? [[options.plan, ...args], { ...options, plan: true }]
    : [args, options]

export const runMigration = async (context: Context, given: ReadonlyArray<string>, all: Options): Promise<Answer> => {
  const [named, options] = untangled(given, all)
  const args =
    named.length === 0 && options.apply !== undefined ? await placesOfPlan(context, options.apply) : E.right(named)
  if (E.isLeft(args)) return args
  const places = placesOf(context, args.right, options)
  if (E.isLeft(places)) return places
  const misplaced = options.report === undefined ? undefined : unwritable(options.report, context.io.cwd)
  if (misplaced !== undefined) return E.left(misplaced)
  const target = await targetOf(context, places.right)
  const at = { ...places.right, target }
  if (options.plan !== undefined || options.dryRun === true)
    return showPlan(context, {
      ...at,
      ...options,
      bandwidth: optionsOf(options).bandwidth,
      file: typeof options.plan === 'string' ? options.plan : undefined,
    })
  const plan = options.apply === undefined ? E.right(undefined) : await openPlan(context, options.apply, at)
  if (E.isLeft(plan)) return plan
  const kept = openJournal(context, options, labelOf(places.right, choiceOf(options)))
  if (E.isLeft(kept)) return kept
  return carried(context, { places: at, options, kept: kept.right, plan: plan.right }).finally(kept.right.close)
}
