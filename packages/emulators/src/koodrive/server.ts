// The KooDrive emulator: its state, its routes, its start.
import { type Emulator, type EmulatorOptions, type JsonObject } from '../common/emulator'
import { serve, type Vendor } from '../common/server'
import { openStage, type Stage } from '../common/stage'
import { type Behaviour, toBehaviour } from './behaviour'
import { type KooDriveConfig, toConfiguration, toPopulation } from './config'
import { worded } from './envelope'
import { fileRoutes } from './file-routes'
import { jobRoutes } from './job-routes'
import { settleJobs } from './jobs'
import { listRoutes } from './list-routes'
import { objectRoutes } from './object-routes'
import { type Signer } from './presign'
import { makeWorld } from './restore'
import { sessionRoutes } from './session-routes'
import { spaceRoutes } from './space-routes'
import { expireUploads } from './uploads'
import { type World } from './world'

export type KooDriveOptions = EmulatorOptions &
  Readonly<{
    /** Users, spaces, applications and behaviour; plain JSON. */
    config?: KooDriveConfig | undefined
  }>

/** What is under the hood, for tests that want to turn it while the emulator runs. */
export type KooDriveEmulator = Emulator &
  Readonly<{
    /** Users, spaces and applications, with what the seed added. */
    population: World['population']
    /** Changes knobs from now on; `names` keeps what it was at the start. */
    behave: (change: Partial<Behaviour>) => void
    /** Uploads that were begun and neither completed nor dropped. */
    pendingUploads: () => number
  }>

const makeVendor = (world: World, signer: Signer): Vendor => ({
  routes: [
    ...[...sessionRoutes, ...spaceRoutes, ...fileRoutes(signer), ...listRoutes, ...jobRoutes].map((route) =>
      route(world),
    ),
    ...objectRoutes(world),
  ],
  trouble: (trouble, path) => worded(world, trouble, path),
  settle: () => {
    expireUploads(world)
    settleJobs(world)
  },
})

const signerFor = (world: World, options: KooDriveOptions, host: () => string): Signer => ({
  origin: () => `${options.tls === undefined ? 'http' : 'https'}://${host()}`,
  now: world.now,
  lifeMs: () => world.behaviour.urlLifeMs,
})

const drivesOf = (world: World, url: string): Readonly<Record<string, JsonObject>> =>
  toConfiguration(world.population, url)

/** Starts it and resolves when it answers. The API is below `/koodrive/ose`, everything else is the object store. */
export const startKooDrive = async (options: KooDriveOptions = {}): Promise<KooDriveEmulator> => {
  const { config = {}, seed = 1 } = options
  const behaviour = toBehaviour(config.behaviour ?? {})
  const stage: Stage<'sha256'> = openStage('koodrive', options, ['sha256'])
  const world = makeWorld(stage, toPopulation(config, seed), behaviour)
  const served = await serve(stage, options, (host) => makeVendor(world, signerFor(world, options, host)))
  return {
    url: served.url,
    configuration: drivesOf(world, served.url),
    faults: stage.faults,
    requests: stage.requests,
    ...(served.caFile === undefined ? {} : { caFile: served.caFile }),
    close: served.close,
    population: world.population,
    pendingUploads: () => world.uploads.size,
    behave: (change) => {
      world.behaviour = { ...toBehaviour(change, world.behaviour), names: world.behaviour.names }
    },
  }
}
