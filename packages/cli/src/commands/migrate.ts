// migrate: transfers a whole tree from one drive to another, verifies it and prints a summary.
import { clusterOption, compareOption, migrateConflictOption, type Add, type Handler } from '../add'
import type { SubmitOptions } from '../cluster'
import type * as Cluster from '../cluster'
import { showStatus } from '../journal'
import { loaderOf } from '../lazy'
import { runMigration, type Options } from '../migration'
import { usage } from '../problem'
import { withTransferOptions } from '../transfer-options'
import * as E from 'fp-ts/Either'

const load = loaderOf(__filename)

type MigrateCommand = Options & Partial<SubmitOptions>

const handler: Handler<MigrateCommand> = (context, args, options) => {
  const { cluster, name, detach } = options
  if (cluster !== undefined) {
    return (load('../cluster') as typeof Cluster).migrateOnCluster(context, args, { ...options, cluster })
  }
  if (name !== undefined || detach !== undefined)
    return Promise.resolve(
      E.left(usage('--name and --detach need --cluster URL', 'Name the database that the workers share.')),
    )
  return options.status === true ? showStatus(context, options.journal) : runMigration(context, args, options)
}

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
    .addOption(clusterOption())
    .option('--name <name>', 'with --cluster, the name of the migration (default: its source and target)')
    .option('--detach', 'with --cluster, do not wait for the end')
    .action(run(handler))
  withTransferOptions(command, { moves: true })
}
