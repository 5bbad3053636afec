// migrate: transfers a whole tree from one drive to another, verifies it and prints a summary.
import { compareOption, migrateConflictOption, type Add, type Handler } from '../add'
import { showStatus } from '../journal'
import { runMigration, type Options } from '../migration'
import { withTransferOptions } from '../transfer-options'

const handler: Handler<Options> = (context, args, options) =>
  options.status === true ? showStatus(context, options.journal) : runMigration(context, args, options)

export const addMigrate: Add = (program, run) => {
  const command = program
    .command('migrate')
    .argument('[source]')
    .argument('[target]')
    .description(
      'transfer everything below the source to below the target and verify every file; directories are merged',
    )
    .addOption(migrateConflictOption())
    .addOption(compareOption('with --conflict different or newer, how'))
    .action(run(handler))
  withTransferOptions(command, { moves: true })
}
