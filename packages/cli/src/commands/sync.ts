// sync: makes a directory equal to another one, and removes at its end what only the target has.
import { compareOption, whole, type Add, type Handler } from '../add'
import { showStatus } from '../journal'
import { runSync, type SyncOptions } from '../sync'
import { withTransferOptions } from '../transfer-options'

const handler: Handler<SyncOptions> = (context, args, options) =>
  options.status === true ? showStatus(context, options.journal) : runSync(context, args, options)

export const addSync: Add = (program, run) => {
  const command = program
    .command('sync')
    .argument('[source]')
    .argument('[target]')
    .description(
      'make the target equal to the source: transfer what is missing or different, then remove what only the target has',
    )
    .addOption(compareOption('how'))
    .option('--max-delete <entries>', 'remove nothing if more entries than this are extra', whole)
    .option(
      '--backup-dir <place>',
      'move what is replaced or removed to this directory, on the drive of the target and outside it',
    )
    .option('--track-renames', 'move a file that the target has under another path, instead of sending it')
    .action(run(handler))
  withTransferOptions(command, { moves: false })
  command.addHelpText(
    'after',
    `
Entries are removed only once everything has arrived and was verified, to the bin where the drive has one. If anything failed,
was skipped or could not be listed, nothing is removed, and the exit code is 1. What the filters exclude is never removed.
A file where the source has a directory, or the reverse, is replaced, and counts as removed.`,
  )
}
