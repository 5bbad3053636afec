// The state of a migration on many machines, from its database, which is only read.
import type { ClusterMigration, ClusterStatus, ClusterWorker } from '@anydrive/cluster'
import type { NumberedSample } from '@anydrive/migrate'
import type { LiveState, LiveWorker } from '@anydrive/report'
import * as E from 'fp-ts/Either'
import { ofCluster, recordedOnCluster, type Reading } from '../cluster'
import { usage, type Problem } from '../problem'
import { headOf } from '../report'
import { countText, nameText, shellWord } from '../text'
import { createPace } from './pace'
import { figuresOf, ofUnreadable, seldom, type ReadState } from './state'

const isOver = ({ state }: Pick<ClusterMigration, 'state'>): boolean => state === 'complete' || state === 'cancelled'

/** The only one, or the only one that has not ended, unless one is named. */
export const chosenMigration = async (
  reading: Reading,
  name: string | undefined,
): Promise<E.Either<Problem, ClusterMigration>> =>
  reading(async ({ migrations }) => {
    if (name !== undefined) return E.mapLeft(ofCluster)(await migrations.find(name))
    const all = await migrations.all()
    if (E.isLeft(all)) return E.left(ofCluster(all.left))
    const active = all.right.filter((one) => !isOver(one))
    const [only, ...others] = active.length === 0 ? all.right : active
    if (only === undefined)
      return E.left(usage('the database holds no migration', 'Begin one with anydrive migrate --cluster URL.'))
    if (others.length === 0) return E.right(only)
    const names = [only, ...others].slice(0, 20).map((one) => nameText(one.name))
    return E.left(
      usage(
        `the database holds ${countText(others.length + 1, 'migration')}: ${names.join(', ')}`,
        'Choose one with --name NAME.',
      ),
    )
  })

const processOf = ({ host, process }: ClusterWorker): string => `${host}, process ${process}`

/** A process that had several leases is one worker. */
const workersOf = (all: ReadonlyArray<ClusterWorker>, shares: ClusterStatus['shares']): ReadonlyArray<LiveWorker> => {
  const groups = new Map<string, ReadonlyArray<ClusterWorker>>()
  for (const worker of all) groups.set(processOf(worker), [...(groups.get(processOf(worker)) ?? []), worker])
  return [...groups]
    .flatMap(([name, leases]) => {
      const [current] = [...leases].sort((a, b) => Number(b.isAlive) - Number(a.isAlive) || a.silence - b.silence)
      const own = new Set(leases.map(({ id }) => id))
      const sum = (key: 'files' | 'bytes' | 'claimed'): number =>
        shares.reduce((total, share) => (own.has(share.worker) ? total + share[key] : total), 0)
      if (current === undefined || (!current.isAlive && sum('files') === 0)) return []
      const { concurrency, silence, isAlive, refusal } = current
      return [
        {
          ...{ id: name, name, concurrency, silence, isAlive, refusal },
          done: { files: sum('files'), bytes: sum('bytes') },
          underWay: sum('claimed'),
        },
      ]
    })
    .sort((a, b) => Number(b.isAlive) - Number(a.isAlive))
}

const stateOf = (migration: ClusterMigration, workers: ReadonlyArray<LiveWorker>): LiveState['state'] => {
  if (isOver(migration)) return 'ended'
  if (migration.state === 'paused') return 'paused'
  return workers.some(({ isAlive }) => isAlive) ? 'running' : 'waiting'
}

const remarksOf = (state: LiveState['state'], migration: ClusterMigration, failures: number): ReadonlyArray<string> => {
  const name = shellWord(migration.name)
  switch (state) {
    case 'running':
      return []
    case 'waiting':
      return ['Start anydrive worker --cluster URL on a machine that has the drives.']
    case 'paused':
      return [
        ...(migration.reason === undefined ? [] : [`${migration.reason}.`]),
        `anydrive cluster resume ${name} --cluster URL continues it.`,
      ]
    case 'ended':
      return [
        ...(migration.state === 'cancelled'
          ? [`anydrive cluster resume ${name} --cluster URL takes it up again.`]
          : []),
        ...(failures > 0 ? [`anydrive cluster retry-failed ${name} --cluster URL tries again what failed.`] : []),
        `anydrive cluster report ${name} FILE --cluster URL writes the report, with every entry.`,
      ]
  }
}

interface Looked {
  readonly migration: ClusterMigration
  readonly workers: ReadonlyArray<ClusterWorker>
  readonly samples: ReadonlyArray<NumberedSample>
}

/** Of the migration of this name. What takes long is read less often than the rest. */
export const readCluster = (reading: Reading, name: string): ReadState => {
  const pace = createPace()
  const look = (): Promise<E.Either<Problem, Looked>> =>
    reading(async ({ database, migrations, kit }) => {
      const found = await migrations.find(name)
      if (E.isLeft(found)) return E.left(ofCluster(found.left))
      const workers = await kit.clusterWorkers(database)
      const samples: Array<NumberedSample> = []
      for await (const sample of kit.samplesAfter(database, found.right, pace.last())) samples.push(sample)
      return E.right({ migration: found.right, workers, samples })
    })
  let migration: ClusterMigration | undefined
  const of =
    <A>(work: (one: ClusterMigration) => Promise<E.Either<Problem, A>>) =>
    () =>
      migration === undefined ? Promise.resolve(E.left(usage(`there is no migration ${name}`))) : work(migration)
  const status = seldom(
    of((one) => reading(async ({ database, kit }) => E.mapLeft(ofCluster)(await kit.clusterStatus(database, one)))),
  )
  const conclusion = seldom(
    of((one): Promise<E.Either<Problem, LiveState['ended']>> =>
      reading(async (cluster) => {
        const recorded = await recordedOnCluster(cluster, one)
        if (E.isLeft(recorded)) return recorded
        const head = await headOf(recorded.right.recorded, recorded.right.concluded)
        return E.mapLeft(ofUnreadable)(head)
      }),
    ),
  )
  return async () => {
    const looked = await look()
    if (E.isLeft(looked)) return looked
    migration = looked.right.migration
    for (const sample of looked.right.samples) pace.add(sample)
    const key = `${migration.state} ${migration.session.id} ${isOver(migration) ? pace.last() : ''}`
    const counted = await status(key)
    if (E.isLeft(counted)) return counted
    const ended = isOver(migration) ? await conclusion(key) : E.right(undefined)
    if (E.isLeft(ended)) return ended
    const { failures, problems, shares } = counted.right
    const workers = workersOf(looked.right.workers, shares)
    const names = new Map(looked.right.workers.map((worker) => [worker.id, processOf(worker)]))
    const figures = figuresOf(counted.right, pace, (id) => names.get(id))
    const state = stateOf(migration, workers)
    const { label } = migration.identity
    return E.right({
      ...figures,
      title: name === label ? name : `${name}: ${label}`,
      state,
      remarks: remarksOf(state, migration, failures + problems),
      startedAt: migration.createdAt,
      at: isOver(migration) ? (migration.endedAt ?? Date.now()) : Date.now(),
      totals: { ...figures.totals, failures: failures + problems },
      workers,
      ended: ended.right,
    })
  }
}
