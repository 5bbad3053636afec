// Options that migrate and sync have in common.
import type { Verify } from '@anydrive/migrate'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { withPolicy } from './policy'

const verifyOf = (text: string): Verify => {
  if (text === 'size' || text === 'stream' || text === 'full') return text
  const share = /^sample:(\d+(?:\.\d+)?)%$/.exec(text)?.[1]
  const sample = share === undefined ? NaN : Number(share) / 100
  if (sample >= 0 && sample <= 1) return { sample }
  throw new InvalidArgumentError('It must be size, stream, full, or sample:N% such as sample:5%.')
}

const namesOption = (): Option =>
  new Option(
    '--names <policy>',
    'names that the target refuses: refuse (fail), encode (decode reads them on the way back), replace (for good)',
  )
    .choices(['refuse', 'encode', 'replace', 'decode'])
    .default('refuse')

/** Of a command that transfers a tree, with a plan, a journal and a report. `moves`: it can remove what has arrived from the source. */
export const withTransferOptions = (command: Command, how: { readonly moves: boolean }): Command => {
  command
    .addOption(namesOption())
    .option(
      '--verify <how>',
      'size; stream (checksums of the bytes that are sent); full (read every file back); sample:N% (read a part back)',
      verifyOf,
      'stream',
    )
    .option(
      '--plan [file]',
      'change nothing at either end: show what would be done, or write it to a file that can be edited',
    )
    .option('--dry-run', 'the same as --plan without a file; with --apply, show what that plan would do')
    .option(
      '--apply <file>',
      'do exactly what this plan says, between its own places unless given; what has changed since is refused',
    )
    .option('--journal <file>', 'keep the state in this file, so that the migration can be resumed whatever happens')
    .option('--resume', 'continue the migration of the journal')
    .option('--retry-failed', 'continue, and retry what failed')
    .option('--status', 'only show what the journal holds, also of a running migration')
    .option('--report <file>', 'write a page that shows what was transferred, how fast, and how each file was verified')
  return withPolicy(command, how)
}
