// dashboard: serves a page that shows a migration live, until it is stopped.
import { InvalidArgumentError, Option } from 'commander'
import * as E from 'fp-ts/Either'
import { clusterOption, whole, type Add, type Handler } from '../add'
import type * as Dashboard from '../dashboard/dashboard'
import { loaderOf } from '../lazy'
import { usage } from '../problem'

const load = loaderOf(__filename)

interface Options {
  readonly cluster?: string
  readonly name?: string
  readonly journal?: string
  readonly port: number
}

const portOf = (text: string): number => {
  const port = whole(text)
  if (port > 65_535) throw new InvalidArgumentError('It must be at most 65535.')
  return port
}

const handler: Handler<Options> = (context, _, { cluster, name, journal, port }) => {
  const { showCluster, showJournal } = load('../dashboard/dashboard') as typeof Dashboard
  const refused = (message: string, remedy: string) => Promise.resolve(E.left(usage(message, remedy)))
  if (cluster !== undefined && journal !== undefined)
    return refused('--cluster and --journal cannot be combined', 'Give the one with which the migration was begun.')
  if (cluster !== undefined) return showCluster(context, cluster, name, port)
  if (journal === undefined)
    return refused(
      'dashboard needs --journal FILE or --cluster URL',
      'Give what the migration was begun with: its journal, or the database that the workers share.',
    )
  if (name !== undefined)
    return refused('--name needs --cluster URL', 'A journal holds one migration: leave --name out.')
  return showJournal(context, journal, port)
}

export const addDashboard: Add = (program, run) => {
  program
    .command('dashboard')
    .description(
      'serve a page on this machine that shows a migration live and changes nothing; the first line is its URL',
    )
    .option('--journal <file>', 'the journal of the migration')
    .addOption(clusterOption())
    .option('--name <name>', 'with --cluster, the name of the migration (default: the only one that has not ended)')
    .addOption(
      new Option('--port <port>', 'the port of 127.0.0.1 to listen on; 0 is a free one').argParser(portOf).default(0),
    )
    .addHelpText(
      'after',
      `
SIGINT or SIGTERM ends it, with exit code 0. Everybody who has an account on this machine can open the page.
From another machine: ssh -L 8080:127.0.0.1:PORT HOST, then http://localhost:8080/.`,
    )
    .action(run(handler))
}
