// A migration as a part of a command: its failures told as they happen, its progress shown.
import { showPath } from '@anydrive/core'
import { migrate, remedyOf, type MigrateError, type MigrateOptions, type Summary } from '@anydrive/migrate'
import type * as E from 'fp-ts/Either'
import type { Context } from './context'
import { exitOf, exits, type ExitCode } from './problem'
import { showProgress } from './progress'
import { nameText } from './text'

/** `lines`: progress is told without a terminal too. */
export const carry = async (
  context: Context,
  options: Omit<MigrateOptions, 'signal'>,
  lines = false,
): Promise<E.Either<MigrateError, Summary>> => {
  const migration = migrate({ ...options, signal: context.signal })
  const advised = new Set<string>()
  migration.on('failed', ({ path, error }) => {
    context.out.tell(`failed ${nameText(showPath(path))}: ${nameText(error.message)}`)
    const remedy = remedyOf(error)
    if (!advised.has(remedy)) context.out.tell(`  ${remedy}`)
    advised.add(remedy)
  })
  const end = showProgress(context, migration, lines)
  return migration.run().finally(end)
}

/** Some failed: 1; but where nothing at all was done, as the first failure says. */
export const exitOfSummary = (summary: Summary): ExitCode => {
  if (summary.failures === 0) return exits.done
  const done = summary.files + summary.directories + summary.merged + summary.skipped
  const [first] = summary.failed
  return done > 0 || first === undefined ? exits.partly : exitOf(first.error)
}
