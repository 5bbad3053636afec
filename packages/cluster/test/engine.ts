// Workers of this process on a PostgreSQL server of the tests' own, with drives that the tests give.
import type { DriveProvider } from '@anydrive/core'
import {
  createMigrations,
  openDatabase,
  openQueue,
  runWorker,
  updateSchema,
  type ClusterMigration,
  type Database,
  type Migrations,
  type Queue,
  type WorkerEvent,
  type WorkerOptions,
} from '@anydrive/cluster'
import type { Identity, MigrateOptions } from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { at } from '../../migrate/test/drives'
import { startPostgres } from './postgres'

export const rightOf = <A>(answer: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(answer)) throw new Error(answer.left.message)
  return answer.right
}
export const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20))
}

export interface Site extends Pick<MigrateOptions, 'include' | 'removeRoot' | 'limits'> {
  readonly name: string
  readonly from: DriveProvider
  readonly to: DriveProvider
  readonly toPath?: string
  readonly conflict?: 'ask' | 'skip' | 'different'
  readonly move?: boolean
}
export interface Engine {
  readonly database: Database
  readonly queue: Queue
  readonly migrations: Migrations
  readonly submit: (site: Site) => Promise<ClusterMigration>
  readonly work: (
    site: Site,
    stop: AbortController,
    events?: Array<WorkerEvent>,
    more?: Partial<Pick<WorkerOptions, 'jobTime' | 'concurrency' | 'lease'>>,
  ) => ReturnType<typeof runWorker>
  readonly ended: (name: string) => Promise<void>
  /** Two workers, until the migration has ended. */
  readonly workAll: (site: Site, events?: Array<WorkerEvent>) => Promise<ClusterMigration>
  readonly close: () => Promise<void>
}

export const drive = { type: 'memory' }
export const identity = ({
  conflict = 'ask',
  toPath = '',
  move = false,
}: Partial<Site>): Identity & { readonly label: string } => ({
  from: { vendor: 'memory', path: at('') },
  to: { vendor: 'memory', path: at(toPath) },
  conflict,
  names: 'refuse',
  verify: 'stream',
  removeSource: move,
  label: '',
})

export const startEngine = async (): Promise<Engine> => {
  const server = startPostgres()
  const database = rightOf(openDatabase(server.url(), 20))
  rightOf(await updateSchema(database))
  const queue = await openQueue(database, { supervise: false })
  const migrations = createMigrations(database, queue)
  const work: Engine['work'] = (
    { from, to, toPath = '', conflict, include, move, removeRoot, limits },
    stop,
    events = [],
    more = {},
  ) =>
    runWorker({
      database,
      open: () =>
        E.right({
          options: {
            from: { drive: from },
            to: { drive: to, path: at(toPath) },
            conflict,
            include,
            removeSource: move,
            removeRoot,
            limits,
          },
          label: '',
        }),
      signal: stop.signal,
      onEvent: (event) => events.push(event),
      ...more,
    })
  const ended = (name: string): Promise<void> =>
    until(async () => rightOf(await migrations.find(name)).state !== 'running')
  return {
    database,
    queue,
    migrations,
    submit: async (site) =>
      rightOf(
        await migrations.submit({
          name: site.name,
          identity: identity(site),
          options: '{}',
          source: drive,
          target: { ...drive, store: site.name },
        }),
      ),
    work,
    ended,
    workAll: async (site, events = []) => {
      const stop = new AbortController()
      const workers = [work(site, stop, events), work(site, stop, events)]
      await ended(site.name)
      stop.abort()
      for (const worker of workers) rightOf(await worker)
      return rightOf(await migrations.find(site.name))
    },
    close: async () => {
      await queue.close()
      await database.close()
      server.remove()
    },
  }
}
