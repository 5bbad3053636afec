// A migration on many machines, as the command submits and shows it.
import type * as Cluster from '@anydrive/cluster'
import type { ClusterError, ClusterMigration, ClusterStatus, Database, Migrations } from '@anydrive/cluster'
import { relativeTo, under, type DrivePath } from '@anydrive/core'
import { delay } from '@anydrive/core/adapter'
import type { Summary } from '@anydrive/migrate'
import { identityFor } from '@anydrive/migrate/engine'
import * as E from 'fp-ts/Either'
import {
  clusterOptionsOf,
  listsText,
  misusedWithCluster,
  openClusterOptions,
  readClusterOptions,
  readLists,
} from './cluster-options'
import { ratesOf, type Answer, type Context } from './context'
import { eventLine } from './display/event-line'
import { driveIdentity } from './drive-identity'
import { readFilterFiles, reportMissing } from './filters'
import { misused, placesOf, verifyText, type Options } from './migration'
import { optionalPackage } from './optional'
import { filterOptionsOf } from './policy'
import { exits, ofDrive, usage, type ExitCode, type Problem } from './problem'
import { filesText, lineEvery } from './progress'
import { checkReportPlace, reportOf, type Concluded, type Recorded } from './report'
import { exitOfSummary, withoutSkipped } from './run-engine'
import { summaryText } from './summary'
import { countText, nameText, tableText } from './text'

type Package = typeof Cluster

export interface ClusterOption {
  /** The URL of the database. */
  readonly cluster: string
}
interface OpenCluster {
  readonly database: Database
  readonly migrations: Migrations
  readonly kit: Package
}
/** A database that is only read. */
export interface ReadCluster extends Pick<OpenCluster, 'kit'> {
  readonly database: Pick<Database, 'query'>
  readonly migrations: Pick<Migrations, 'find' | 'all'>
}

const exitOfCluster = ({ _tag }: ClusterError): ExitCode => {
  switch (_tag) {
    case 'Unreachable':
      return exits.unavailable
    case 'Denied':
      return exits.credentials
    case 'OldSchema':
    case 'NewSchema':
    case 'InvalidUrl':
    case 'Refused':
      return exits.usage
    case 'Full':
    case 'Failed':
      return exits.partly
  }
}
const remedies: { readonly [T in ClusterError['_tag']]: string } = {
  Unreachable: 'Check the URL of --cluster, and that PostgreSQL accepts connections from this machine.',
  Denied:
    'Check the user, the password (PGPASSWORD or ~/.pgpass), and that the user may create schemas in the database.',
  OldSchema:
    'Check that the URL names the right database; anydrive worker of this version brings its tables up to date.',
  NewSchema: 'Use the same version on every machine.',
  InvalidUrl: 'Write it as postgres://user@host/database; the password belongs in PGPASSWORD or ~/.pgpass.',
  Refused: 'anydrive cluster status shows the migrations of the database.',
  Full: 'Make room for the database; what was recorded is kept, and the workers continue.',
  Failed: 'Read the log of PostgreSQL.',
}
export const ofCluster = (error: ClusterError): Problem => ({
  exit: exitOfCluster(error),
  message: error.message,
  remedy: remedies[error._tag],
  error,
})

/** The work with an open database, which is closed after it. */
const connected = async (url: string, work: (database: Database, kit: Package) => Promise<Answer>): Promise<Answer> => {
  const kit = optionalPackage('@anydrive/cluster')
  if (E.isLeft(kit)) return kit
  const database = kit.right.openDatabase(url)
  if (E.isLeft(database)) return E.left(ofCluster(database.left))
  return work(database.right, kit.right).finally(database.right.close)
}

/** Connects, and brings the tables up to date. */
export const withDatabase = (
  url: string,
  work: (database: Database, kit: Package) => Promise<Answer>,
): Promise<Answer> =>
  connected(url, async (database, kit) => {
    const updated = await kit.updateSchema(database)
    return E.isLeft(updated) ? E.left(ofCluster(updated.left)) : work(database, kit)
  })

export const withCluster = (url: string, work: (cluster: OpenCluster) => Promise<Answer>): Promise<Answer> =>
  withDatabase(url, async (database, kit) => {
    const queue = await kit.attempt(() => kit.openQueue(database, { supervise: false }))
    if (E.isLeft(queue)) return E.left(ofCluster(queue.left))
    return work({ database, migrations: kit.createMigrations(database, queue.right), kit }).finally(queue.right.close)
  })

/** Does a piece of work that sees the database of one moment, and can change nothing. */
export type Reading = <A>(
  piece: (cluster: ReadCluster) => Promise<E.Either<Problem, A>>,
) => Promise<E.Either<Problem, A>>

export const withReader = (url: string, work: (reading: Reading) => Promise<Answer>): Promise<Answer> =>
  connected(url, (database, kit) =>
    work(async (piece) => {
      const read = await kit.attempt(() =>
        database.reading(async (query) => {
          const checked = await kit.checkSchema({ query })
          if (E.isLeft(checked)) return E.left(ofCluster(checked.left))
          return piece({ database: { query }, migrations: kit.readMigrations({ query }), kit })
        }),
      )
      return E.isLeft(read) ? E.left(ofCluster(read.left)) : read.right
    }),
  )

const stateText = ({ state, reason }: ClusterMigration): string =>
  reason === undefined ? state : `${state}: ${reason}`

const statusLines = (migration: ClusterMigration, status: ClusterStatus): ReadonlyArray<string> => [
  ...tableText([
    ['name', nameText(migration.name)],
    ['state', nameText(stateText(migration))],
    ['migration', nameText(migration.identity.label)],
    ['transferred', filesText(status.carried, status.bytes)],
    ['directories', `${status.directories} created${status.merged > 0 ? `, ${status.merged} already existed` : ''}`],
    ...(status.claimed > 0 ? [['started', `${countText(status.claimed, 'entry', 'entries')}, without a result`]] : []),
    ...(status.skipped > 0 ? [['kept', `${status.skipped} at the target`]] : []),
    ...(status.others > 0 ? [['skipped', String(status.others)]] : []),
    ...(status.blocked > 0 ? [['blocked', String(status.blocked)]] : []),
    ...(status.failures + status.problems > 0
      ? [['failed', `${status.failures + status.problems}; anydrive cluster retry-failed retries them`]]
      : []),
    ['jobs', String(status.jobs)],
    ['workers', String(status.workers.length)],
  ]),
  ...status.workers.map(
    ({ host, process, concurrency, refusal }) =>
      `  ${nameText(host)}, process ${process}, ${concurrency} at once${refusal === undefined ? '' : ` · refuses ${nameText(refusal)}`}`,
  ),
  ...status.failed.map(({ path, message }) => `  failed ${nameText(`/${path}`)}: ${nameText(message)}`),
]

export const showClusterStatus = async (
  { out }: Context,
  { migrations, database, kit }: ReadCluster,
  name: string | undefined,
): Promise<Answer> => {
  const found =
    name === undefined ? await migrations.all() : E.map((one: ClusterMigration) => [one])(await migrations.find(name))
  if (E.isLeft(found)) return E.left(ofCluster(found.left))
  if (found.right.length === 0 && !out.json) await out.line('no migrations')
  for (const migration of found.right) {
    const status = await kit.clusterStatus(database, migration)
    if (E.isLeft(status)) return E.left(ofCluster(status.left))
    if (out.json) await out.line(JSON.stringify({ name: migration.name, ...status.right }))
    else for (const line of statusLines(migration, status.right)) await out.line(line)
  }
  return E.right(exits.done)
}

const print = async ({ out }: Context, summary: Summary): Promise<void> => {
  if (out.json) await out.line(eventLine('summary', summary))
  else for (const line of summaryText(summary, undefined)) await out.line(line)
}

/** Listed paths that were not met. */
const missingOf = async (
  { migrations, database, kit }: OpenCluster,
  migration: ClusterMigration,
): Promise<E.Either<Problem, ReadonlyArray<string>>> => {
  const text = await migrations.lists(migration.migration)
  if (E.isLeft(text)) return E.left(ofCluster(text.left))
  const lists = readLists(text.right)
  if (E.isLeft(lists)) return lists
  const top = migration.identity.from.path
  const paths = (lists.right.paths ?? []).map((path) => under(top, path as DrivePath))
  const missing = await kit.clusterMissing(database, migration, paths)
  return E.bimap(ofCluster, (all: ReadonlyArray<DrivePath>) => all.map((path) => relativeTo(top, path)))(missing)
}

/** How the migration ended, as `migrate` on one machine says it. */
const ended = async (context: Context, cluster: OpenCluster, migration: ClusterMigration): Promise<Answer> => {
  const summed = await cluster.kit.clusterSummary(cluster.database, migration)
  if (E.isLeft(summed)) return E.left(ofCluster(summed.left))
  const summary = withoutSkipped(summed.right)
  await print(context, summary)
  const { name, state, reason } = migration
  if (state === 'complete') {
    const missing = await missingOf(cluster, migration)
    if (E.isLeft(missing)) return missing
    return E.right(reportMissing(context, missing.right) ? exitOfSummary(summary) : exits.partly)
  }
  return E.left({
    exit: exits.partly,
    message: `the migration ${name} was ${state}${reason === undefined ? '' : `: ${reason}`}`,
    remedy: `anydrive cluster resume ${name} continues it.`,
  })
}

/** Milliseconds between two requests for the status. */
const lookEvery = 500

/** Until the migration has ended, or this command is interrupted, which leaves the migration as it is. */
const watch = async (context: Context, cluster: OpenCluster, name: string): Promise<Answer> => {
  const { out, signal, options } = context
  const every = options.stats ?? lineEvery
  let next = Date.now() + every
  let hasWarned = false
  for (;;) {
    const found = await cluster.migrations.find(name)
    // A server that restarts is waited for, as the workers do.
    if (E.isLeft(found) && found.left._tag !== 'Unreachable') return E.left(ofCluster(found.left))
    if (E.isRight(found) && found.right.state !== 'running') return ended(context, cluster, found.right)
    if (signal.aborted)
      return E.left({
        exit: exits.interrupted,
        message: `interrupted; the migration ${name} continues on its workers`,
        remedy: `anydrive cluster status ${name} shows it, and anydrive cluster cancel ${name} ends it.`,
      })
    if (E.isRight(found) && Date.now() >= next) {
      const asked = Date.now()
      const status = await cluster.kit.clusterStatus(cluster.database, found.right)
      if (E.isRight(status)) {
        const { carried, bytes, failures, workers } = status.right
        const failed = failures > 0 ? ` · ${failures} failed` : ''
        if (!out.json) out.message(`${filesText(carried, bytes)} · ${countText(workers.length, 'worker')}${failed}`)
        if (workers.length === 0 && !hasWarned) out.message('no worker is running: start anydrive worker --cluster URL')
        hasWarned = workers.length === 0
      }
      // To count all entries of a large migration takes the database a while.
      next = Date.now() + Math.max(every, 10 * (Date.now() - asked))
    }
    await delay(lookEvery, signal)
  }
}

export interface SubmitOptions extends ClusterOption {
  readonly name?: string
  readonly detach?: boolean
}

/** Submits the migration, and shows it until its end unless it is detached. */
export const migrateOnCluster = async (
  context: Context,
  args: ReadonlyArray<string>,
  options: Options & SubmitOptions,
): Promise<Answer> => {
  const problem = misusedWithCluster(options) ?? misused(options)
  if (problem !== undefined) return E.left(problem)
  const places = placesOf(context, args, options)
  if (E.isLeft(places)) return places
  const { source, named: target } = places.right
  const text = clusterOptionsOf({ source, target }, options, filterOptionsOf(options), ratesOf(context.options))
  const files = readFilterFiles(options, context.io.cwd)
  if (E.isLeft(files)) return files
  const opened = openClusterOptions(context, text, files.right)
  if (E.isLeft(opened)) return opened
  const [from, to] = [driveIdentity(context, source), driveIdentity(context, target)]
  if (E.isLeft(from)) return from
  if (E.isLeft(to)) return to
  const top = await source.drive.stat(source.path, { signal: context.signal })()
  if (E.isLeft(top)) return E.left(ofDrive(top.left))
  if (top.right.kind !== 'directory')
    return E.left(usage('only a directory is shared among machines', 'Leave --cluster out to transfer a file.'))
  const { label } = opened.right
  const name = options.name ?? label
  return withCluster(options.cluster, async (cluster) => {
    const submitted = await cluster.migrations.submit({
      name,
      identity: { ...identityFor(opened.right.options), label },
      options: text,
      lists: listsText(files.right),
      source: from.right,
      target: to.right,
    })
    if (E.isLeft(submitted)) return E.left(ofCluster(submitted.left))
    if (options.detach !== true) return watch(context, cluster, name)
    if (context.out.json) await context.out.line(JSON.stringify({ name, state: submitted.right.state }))
    else await context.out.line(`${nameText(name)} is ${submitted.right.state}`)
    return E.right(exits.done)
  })
}

/** What a migration on many machines came to, or how far it came. */
export const recordedOnCluster = async (
  { database, kit }: ReadCluster,
  migration: ClusterMigration,
): Promise<E.Either<Problem, { readonly recorded: Recorded; readonly concluded: Concluded }>> => {
  const read = readClusterOptions(migration.options)
  if (E.isLeft(read)) return read
  const samples = await kit.clusterSamples(database, migration)
  if (E.isLeft(samples)) return E.left(ofCluster(samples.left))
  const status = await kit.clusterStatus(database, migration)
  if (E.isLeft(status)) return E.left(ofCluster(status.left))
  const problems = await kit.clusterProblems(database, migration)
  if (E.isLeft(problems)) return E.left(ofCluster(problems.left))
  const { source, target, conflict, names, verify } = read.right
  const { found, settled, others } = status.right
  const recorded = {
    identity: migration.identity,
    samples: samples.right,
    remaining: { files: Math.max(0, found.files - settled.files), atLeast: !found.walked },
    records: () => kit.clusterRecords(database, migration),
  }
  const concluded = {
    from: source,
    to: target,
    options: { conflict, names, verify: verifyText(verify) },
    stopped: migration.state === 'complete' ? undefined : `the migration is ${stateText(migration)}`,
    removed: migration.removed,
    others: others + problems.right.filter(({ shownAs }) => shownAs !== undefined).length,
    failed: problems.right.filter(({ shownAs }) => shownAs === undefined),
  }
  return E.right({ recorded, concluded })
}

/** The page of `--report`, of a migration on many machines. */
export const reportOnCluster = async (
  { io }: Context,
  cluster: ReadCluster,
  name: string,
  page: string,
): Promise<Answer> => {
  const found = await cluster.migrations.find(name)
  if (E.isLeft(found)) return E.left(ofCluster(found.left))
  const place = await checkReportPlace(page, io.cwd)
  if (E.isLeft(place)) return place
  const read = await recordedOnCluster(cluster, found.right)
  if (E.isLeft(read)) return read
  const { recorded, concluded } = read.right
  const written = await reportOf(recorded, { ...concluded, page, cwd: io.cwd, canResume: true })
  return E.map(() => exits.done)(written)
}
