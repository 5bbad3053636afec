// A migration as a part of a command: its failures told as they happen, its progress shown.
import { root, showPath } from '@anydrive/core'
import {
  migrate,
  remedyOf,
  type MigrateError,
  type Migration,
  type MigrateOptions,
  type Summary,
} from '@anydrive/migrate'
import type * as E from 'fp-ts/Either'
import type { Context } from './context'
import { tellEvents } from './display/tell-events'
import { exitOf, exits, type ExitCode } from './problem'
import { showProgress } from './progress'
import { nameText } from './text'

/** The first interrupt lets what is under way be finished; the next one is not taken. */
const drainOnInterrupt = ({ io, out }: Context, migration: Migration): (() => void) => {
  let draining = false
  const take = (): boolean => {
    if (draining) return false
    draining = true
    out.tell('finishing what is under way; interrupt again to stop at once')
    migration.drain()
    return true
  }
  return io.onInterrupt?.(take) ?? (() => undefined)
}

/** `long`: progress is told without a terminal too, events with `--json`, and an interrupt drains. */
export const carry = async (
  context: Context,
  options: Omit<MigrateOptions, 'signal'>,
  long = false,
): Promise<E.Either<MigrateError, Summary>> => {
  const migration = migrate({ ...options, signal: context.signal })
  const advised = new Set<string>()
  migration.on('failed', ({ path, error }) => {
    context.out.tell(`failed ${nameText(showPath(path))}: ${nameText(error.message)}`)
    const remedy = remedyOf(error)
    if (!advised.has(remedy)) context.out.tell(`  ${remedy}`)
    advised.add(remedy)
  })
  const base = options.from.path ?? root
  const end = showProgress(context, { migration, base, lines: long })
  const told = long && context.out.json ? tellEvents(context, { migration, base }) : () => Promise.resolve()
  const letGo = long ? drainOnInterrupt(context, migration) : () => undefined
  return migration.run().finally(async () => {
    letGo()
    end()
    await told()
  })
}

/** Some failed: 1; but where nothing at all was done, as the first failure says. */
export const exitOfSummary = (summary: Summary): ExitCode => {
  if (summary.failures === 0) return exits.done
  const done = summary.files + summary.directories + summary.merged + summary.skipped
  const [first] = summary.failed
  return done > 0 || first === undefined ? exits.partly : exitOf(first.error)
}
