// Runs a migration as a part of a command: prints failures as they happen, and shows the progress.
import { root, showPath } from '@anydrive/core'
import {
  isSkippedName,
  migrate,
  type MigrateError,
  type Migration,
  type MigrateOptions,
  type Progress,
  type Summary,
} from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import type { Context } from './context'
import { printEvents } from './display/print-events'
import { exitOf, exits, type ExitCode } from './problem'
import { showProgress } from './progress'
import { remedyFor, remedyForSync } from './remedies'
import { nameText } from './text'

/** The first interrupt lets transfers that have started finish; the next one stops them. */
const drainOnInterrupt = ({ io, out }: Context, migration: Migration): (() => void) => {
  let isDraining = false
  const handle = (): boolean => {
    if (isDraining) return false
    isDraining = true
    out.message('finishing what has started; interrupt again to stop at once')
    migration.drain()
    return true
  }
  return io.onInterrupt?.(handle) ?? (() => undefined)
}

/** What a stopped run did not try. */
export interface Remaining {
  readonly files: number
  /** The source was not walked to its end, so that there may be more. */
  readonly atLeast: boolean
}
export interface EngineRun {
  readonly ended: E.Either<MigrateError, Summary>
  /** Undefined where nothing was found yet. */
  readonly remaining: Remaining | undefined
}

const remainingOf = (progress: Progress | undefined): Remaining | undefined =>
  progress === undefined
    ? undefined
    : { files: Math.max(0, progress.found.files - progress.settled), atLeast: !progress.walked }

/** The engine counts entries that no drive can hold as failures, too; a command reports each entry once. */
export const withoutSkipped = (summary: Summary): Summary => {
  const skipped = new Set(summary.notCarried.map(({ path }) => path))
  return {
    ...summary,
    failures: summary.failures - summary.others,
    failed: summary.failed.filter(({ path, error }) => !isSkippedName(error) && !skipped.has(showPath(path))),
  }
}
const withSummary = (error: MigrateError): MigrateError =>
  error._tag === 'Stopped' ? { ...error, summary: withoutSkipped(error.summary) } : error

/** `isLong`: events are printed with `--json`, and an interrupt lets transfers finish. */
export const runEngine = async (
  context: Context,
  options: Omit<MigrateOptions, 'signal'>,
  isLong = false,
): Promise<EngineRun> => {
  const migration = migrate({ ...options, signal: context.signal })
  const printed = new Set<string>()
  let progress: Progress | undefined
  migration.on('progress', (event) => {
    progress = event
  })
  migration.on('failed', ({ path, error }) => {
    // The summary lists it as skipped.
    if (isSkippedName(error)) return
    context.out.message(`failed ${nameText(showPath(path))}: ${nameText(error.message)}`)
    const remedy = options.removeExtra === undefined ? remedyFor(error) : remedyForSync(error)
    if (!printed.has(remedy)) context.out.message(`  ${nameText(remedy)}`)
    printed.add(remedy)
  })
  const base = options.from.path ?? root
  const endProgress = showProgress(context, { migration, base })
  const endEvents = isLong && context.out.json ? printEvents(context, { migration, base }) : () => Promise.resolve()
  const release = isLong ? drainOnInterrupt(context, migration) : () => undefined
  const ended = await migration.run().finally(async () => {
    release()
    endProgress()
    await endEvents()
  })
  return { ended: E.bimap(withSummary, withoutSkipped)(ended), remaining: remainingOf(progress) }
}

/** 1 where something was not transferred that the user did not exclude, or where a sync removed nothing of what is extra; where nothing at all was done, as the first failure says. */
export const exitOfSummary = (summary: Summary): ExitCode => {
  const isEqual = summary.extra?.notRemoved === undefined
  if (summary.failures + summary.blocked + summary.others === 0) return isEqual ? exits.done : exits.partly
  const done = summary.files + summary.directories + summary.merged + summary.skipped + summary.others
  const [first] = summary.failed
  return done > 0 || first === undefined ? exits.partly : exitOf(first.error)
}
