// cluster: shows and controls the migrations that many machines work on.
import { Argument } from 'commander'
import * as E from 'fp-ts/Either'
import { clusterOption, type Add, type Handler } from '../add'
import { ofCluster, reportOnCluster, showClusterStatus, withCluster, type ClusterOption } from '../cluster'
import { exits, usage } from '../problem'

const actions = ['status', 'pause', 'resume', 'cancel', 'retry-failed', 'report'] as const
type Action = (typeof actions)[number]

const handler: Handler<ClusterOption> = (context, [given, name, file], options) =>
  withCluster(options.cluster, async (cluster) => {
    const action = given as Action
    if (action === 'status') return showClusterStatus(context, cluster, name)
    if (name === undefined)
      return E.left(usage(`cluster ${action} needs a migration`, 'anydrive cluster status lists them.'))
    if (action === 'report')
      return file === undefined
        ? E.left(usage('cluster report needs a file', 'Run anydrive cluster report NAME FILE.'))
        : reportOnCluster(context, cluster, name, file)
    const { pause, resume, cancel, retryFailed } = cluster.migrations
    const done = await { pause, resume, cancel, 'retry-failed': retryFailed }[action](name)
    return E.bimap(ofCluster, () => exits.done)(done)
  })

export const addCluster: Add = (program, run) => {
  program
    .command('cluster')
    .addArgument(new Argument('<action>').choices(actions))
    .argument('[migration]', 'its name')
    .argument('[file]', 'the page that report writes')
    .description('show or control migrations that many machines work on, begun with migrate --cluster')
    .addOption(clusterOption().makeOptionMandatory())
    .action(run(handler))
}
