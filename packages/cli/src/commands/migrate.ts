// migrate: a whole tree from one drive to another, proven and summed up.
import { nameOf, under, type DrivePath } from '@anydrive/core'
import type { Names, Verify } from '@anydrive/migrate'
import { InvalidArgumentError, Option } from 'commander'
import * as E from 'fp-ts/Either'
import { conflictOption, type Add, type Handler } from '../add'
import { carry, exitOfSummary } from '../carry'
import { locate, type Context } from '../context'
import { chosen, type Choice } from '../chosen'
import { ofJournalled, openJournal, showStatus, type Journalling } from '../journal'
import { locationText, type Location } from '../location'
import { choiceOf, optionsOf, withPolicy, type Policy } from '../policy'
import { exits, usage } from '../problem'
import { summaryText } from '../summary'
import { nameText } from '../text'
import type { Conflict } from '../transfer'

interface Options extends Policy, Journalling {
  readonly conflict: Conflict
  readonly names: Names
  readonly verify: Verify
}

const verifyOf = (text: string): Verify => {
  if (text === 'size' || text === 'stream' || text === 'full') return text
  const share = /^sample:(\d+(?:\.\d+)?)%$/.exec(text)?.[1]
  const sample = share === undefined ? NaN : Number(share) / 100
  if (sample >= 0 && sample <= 1) return { sample }
  throw new InvalidArgumentError('It is size, stream, full, or sample:N% such as sample:5%.')
}

/** A file goes into a directory that stands at the target; a directory's contents go below it. */
const targetOf = async ({ signal }: Context, source: Location, target: Location): Promise<Location> => {
  const into = (): Location => ({ ...target, path: under(target.path, nameOf(source.path) as DrivePath) })
  const from = await source.drive.stat(source.path, { signal })()
  if (E.isLeft(from) || from.right.kind !== 'file') return target
  if (target.asDirectory) return into()
  const to = await target.drive.stat(target.path, { signal })()
  return E.isRight(to) && to.right.kind === 'directory' ? into() : target
}

/** What tells this migration from others: the journal is only continued by the same. */
const labelOf = (source: Location, target: Location, choice: Choice): string => {
  const { include = [], exclude = [], filesFrom, minSize, maxSize, newerThan } = choice
  return [
    `${locationText(source, source.path)} → ${locationText(target, target.path)}`,
    ...include.map((glob) => `--include ${glob}`),
    ...exclude.map((glob) => `--exclude ${glob}`),
    ...(filesFrom === undefined ? [] : [`--files-from ${filesFrom}`]),
    ...(minSize === undefined ? [] : [`--min-size ${minSize}`]),
    ...(maxSize === undefined ? [] : [`--max-size ${maxSize}`]),
    ...(newerThan === undefined ? [] : ['--newer-than']),
  ].join(' ')
}

const handler: Handler<Options> = async (context, [from, to], { conflict, names, verify, ...options }) => {
  const { out } = context
  if (options.status === true) return showStatus(context, options.journal)
  if (from === undefined || to === undefined)
    return E.left(usage('a source and a target are needed', 'anydrive migrate SOURCE TARGET'))
  const source = locate(context, from)
  if (E.isLeft(source)) return source
  const named = locate(context, to)
  if (E.isLeft(named)) return named
  const choice = chosen(choiceOf(options), source.right.path, context.io.cwd)
  if (E.isLeft(choice)) return choice
  const kept = openJournal(context, options, labelOf(source.right, named.right, choiceOf(options)))
  if (E.isLeft(kept)) return kept
  const target = await targetOf(context, source.right, named.right)
  const ended = await carry(
    context,
    {
      from: { drive: source.right.drive, path: source.right.path },
      to: { drive: target.drive, path: target.path },
      conflict,
      names,
      verify,
      ...optionsOf(options),
      include: choice.right.include,
      journal: kept.right.journal,
    },
    true,
  ).finally(kept.right.close)
  const summary = E.isRight(ended) ? ended.right : ended.left._tag === 'Stopped' ? ended.left.summary : undefined
  if (summary !== undefined && out.json) await out.document(summary)
  else if (summary !== undefined) for (const line of summaryText(summary)) await out.line(line)
  if (E.isLeft(ended)) return E.left(ofJournalled(ended.left, options))
  const unseen = choice.right.unseen()
  for (const path of unseen) out.tell(`not found ${nameText(path)}, of --files-from`)
  return E.right(unseen.length > 0 ? exits.partly : exitOfSummary(ended.right))
}

export const addMigrate: Add = (program, run) => {
  const command = program
    .command('migrate')
    .argument('[source]')
    .argument('[target]')
    .description('carry what is below the source to below the target, every file proven; directories are merged')
    .addOption(conflictOption())
    .option(
      '--verify <how>',
      'size; stream: checksums of what passes; full: read everything back; sample:N%: read that many back',
      verifyOf,
      'stream',
    )
    .addOption(
      new Option(
        '--names <policy>',
        'of names that the target refuses: fail; encode, which decode reads on the way back; replace for good',
      )
        .choices(['refuse', 'encode', 'replace', 'decode'])
        .default('refuse'),
    )
    .option('--journal <file>', 'keep the state there, so that it can be resumed whatever happens')
    .option('--resume', 'go on with the migration of the journal')
    .option('--retry-failed', 'go on, and try again what failed')
    .option('--status', 'only show what the journal tells, of a running migration too')
    .action(run(handler))
  withPolicy(command)
}
