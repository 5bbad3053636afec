// worker: works on the migrations of a database together with other machines, until it is stopped.
import type { WorkerEvent } from '@anydrive/cluster'
import { showPath, type DrivePath } from '@anydrive/core'
import { Option } from 'commander'
import * as E from 'fp-ts/Either'
import { clusterOption, count, type Add } from '../add'
import { ofCluster, withDatabase, type ClusterOption } from '../cluster'
import { openForWorker } from '../cluster-options'
import type { Context } from '../context'
import { exits } from '../problem'
import { nameText } from '../text'
import { durationOf } from '../units'

interface Options extends ClusterOption {
  readonly concurrency?: number
  readonly lease?: number
}

const textOf = (event: WorkerEvent): string => {
  switch (event.name) {
    case 'ready':
      return 'ready for work'
    case 'lapsed':
      return 'the lease has lapsed: this process was paused, or cut off from the database, for too long; it stops what it was doing and begins again'
    case 'refused':
      return `refuses the migration ${event.migration}: ${event.why}`
    case 'paused':
      return `paused the migration ${event.migration}: ${event.why}`
    case 'failed':
      return `${event.migration}: failed ${showPath(event.path as DrivePath)}: ${event.error.message}`
  }
}

const worker = (context: Context, _: ReadonlyArray<string>, { cluster, concurrency, lease }: Options) =>
  withDatabase(cluster, async (database, kit) => {
    const refusals = new Set<string>()
    const ended = await kit.runWorker({
      database,
      open: (migration, share, lists) => openForWorker(context, migration, kit.driveDifferences, share, lists),
      concurrency,
      lease,
      signal: context.signal,
      onEvent: (event) => {
        const text = nameText(textOf(event))
        // A worker refuses the same migration again and again; one message is enough.
        if (event.name === 'refused' && refusals.has(text)) return
        if (event.name === 'refused') refusals.add(text)
        context.out.message(text)
      },
    })
    return E.bimap(ofCluster, () => exits.done)(ended)
  })

export const addWorker: Add = (program, run) => {
  program
    .command('worker')
    .description('work on the migrations of a database together with other machines, until it is stopped')
    .addOption(clusterOption().makeOptionMandatory())
    .option('--concurrency <files>', 'files transferred at once (default: 8)', count)
    .addOption(
      new Option(
        '--lease <time>',
        'after so long without a sign of life, others take over what this worker has begun (default: 60s)',
      ).argParser(durationOf),
    )
    .addHelpText(
      'after',
      `
SIGTERM ends it: files under way are finished, an upload of parts stops at the next one, and the rest is left to others.
The drives are those of anydrive.json on this machine; a migration whose drives differ is refused.`,
    )
    .action(run(worker))
}
