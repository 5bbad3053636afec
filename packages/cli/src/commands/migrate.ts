// migrate: a whole tree from one drive to another, proven and summed up.
import type { Verify } from '@anydrive/migrate'
import { InvalidArgumentError, Option } from 'commander'
import { conflictOption, type Add, type Handler } from '../add'
import { showStatus } from '../journal'
import { runMigration, type Options } from '../migration'
import { withPolicy } from '../policy'

const verifyOf = (text: string): Verify => {
  if (text === 'size' || text === 'stream' || text === 'full') return text
  const share = /^sample:(\d+(?:\.\d+)?)%$/.exec(text)?.[1]
  const sample = share === undefined ? NaN : Number(share) / 100
  if (sample >= 0 && sample <= 1) return { sample }
  throw new InvalidArgumentError('It is size, stream, full, or sample:N% such as sample:5%.')
}

const handler: Handler<Options> = (context, args, options) =>
  options.status === true ? showStatus(context, options.journal) : runMigration(context, args, options)

const namesOption = (): Option =>
  new Option(
    '--names <policy>',
    'of names that the target refuses: fail; encode, which decode reads on the way back; replace for good',
  )
    .choices(['refuse', 'encode', 'replace', 'decode'])
    .default('refuse')

export const addMigrate: Add = (program, run) => {
  const command = program
    .command('migrate')
    .argument('[source]')
    .argument('[target]')
    .description('carry what is below the source to below the target, every file proven; directories are merged')
    .addOption(conflictOption())
    .addOption(namesOption())
    .option(
      '--verify <how>',
      'size; stream: checksums of what passes; full: read everything back; sample:N%: read that many back',
      verifyOf,
      'stream',
    )
    .option(
      '--plan [file]',
      'write nothing at either end: show what would be done, or write it to a file that can be edited',
    )
    .option('--dry-run', 'as --plan without a file')
    .option(
      '--apply <file>',
      'carry out exactly that plan, between its own places unless given; what has changed since is refused',
    )
    .option('--journal <file>', 'keep the state there, so that it can be resumed whatever happens')
    .option('--resume', 'go on with the migration of the journal')
    .option('--retry-failed', 'go on, and try again what failed')
    .option('--status', 'only show what the journal tells, of a running migration too')
    .option('--report <file>', 'a page that shows what was carried, how fast, and how each file was proven')
    .action(run(handler))
  withPolicy(command)
}
