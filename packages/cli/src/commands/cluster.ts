// cluster: shows and controls the migrations that many machines work on.
import { Argument } from 'commander'
import * as E from 'fp-ts/Either'
import { clusterOption, type Add, type Handler } from '../add'
import { ofCluster, reportOnCluster, showClusterStatus, withCluster, withReader, type ClusterOption } from '../cluster'
import type { Answer } from '../context'
import { exits, usage } from '../problem'

const actions = ['status', 'pause', 'resume', 'cancel', 'retry-failed', 'report'] as const
type Action = (typeof actions)[number]

const refused = (message: string, remedy: string): Promise<Answer> => Promise.resolve(E.left(usage(message, remedy)))

const handler: Handler<ClusterOption> = (context, [given, name, file], { cluster: url }) => {
  const action = given as Action
  if (action === 'status')
    return withReader(url, (reading) => reading((cluster) => showClusterStatus(context, cluster, name)))
  if (name === undefined) return refused(`cluster ${action} needs a migration`, 'anydrive cluster status lists them.')
  if (action === 'report')
    return file === undefined
      ? refused('cluster report needs a file', 'Run anydrive cluster report NAME FILE.')
      : withReader(url, (reading) => reading((cluster) => reportOnCluster(context, cluster, name, file)))
  return withCluster(url, async ({ migrations: { pause, resume, cancel, retryFailed } }) => {
    const done = await { pause, resume, cancel, 'retry-failed': retryFailed }[action](name)
    return E.bimap(ofCluster, () => exits.done)(done)
  })
}

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
