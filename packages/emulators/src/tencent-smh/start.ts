// The Tencent SMH emulator, started.
import { openStage, serve, type Emulator, type JsonObject, type Vendor } from '../common'
import { batchRoutes } from './batch-routes'
import { changeRoutes } from './change-routes'
import { cosRoutes } from './cos-routes'
import { directoryRoutes } from './directory-routes'
import { troubleReply } from './errors'
import { fileRoutes } from './file-routes'
import { historyRoutes } from './history-routes'
import { loadWorld } from './load'
import { requestId } from './operation'
import { defaultBehaviour, defaultLibrary, privateBehaviour, type Behaviour, type TencentSmhOptions } from './options'
import { quotaRoutes } from './quota-routes'
import { expireRecycled } from './recycle'
import { recycleRoutes } from './recycle-routes'
import { searchRoutes } from './search-routes'
import { spaceRoutes } from './space-routes'
import { taskRoutes } from './task-routes'
import { advanceTasks } from './tasks'
import { tokenRoutes } from './token-routes'
import { expireUploads } from './upload-store'
import { configure, makeWorld, type Library, type World } from './world'

const vendorOf = (world: World): Vendor => ({
  routes: [
    ...tokenRoutes(world),
    ...spaceRoutes(world),
    ...directoryRoutes(world),
    ...fileRoutes(world),
    ...batchRoutes(world),
    ...taskRoutes(world),
    ...recycleRoutes(world),
    ...quotaRoutes(world),
    ...historyRoutes(world),
    ...searchRoutes(world),
    ...changeRoutes(world),
    ...cosRoutes(world),
  ],
  trouble: (trouble, path) => troubleReply(trouble, path, requestId(world)),
  settle: () => {
    advanceTasks(world)
    expireUploads(world)
    expireRecycled(world)
  },
  maskPath: (path) => path.replace(/^(\/api\/v1\/token\/[^/]+\/)[^/]+/, '$1…'),
})

const settingsOf = (url: string, scheme: string, library: Library, spaceId: string): JsonObject => ({
  type: 'tencent-smh',
  baseUrl: url,
  libraryId: library.id,
  ...(spaceId === '-' ? {} : { spaceId }),
  uploadScheme: scheme,
  ...(library.history.enableFileHistory ? { history: true } : {}),
  auth: {
    kind: 'secret',
    librarySecret: library.secret,
    ...(library.multiSpace ? { grant: ['admin'] } : {}),
  },
})

/** `smh` is the first space of the first library; the others are named after their ids. */
const configurationOf = (world: World, url: string, scheme: string): Readonly<Record<string, JsonObject>> => {
  const several = world.libraries.size > 1
  const drives = [...world.libraries.values()].flatMap((library) =>
    [...library.spaces.keys()].map((spaceId) => {
      const name = `smh${several ? `-${library.id}` : ''}${spaceId === '-' ? '' : `-${spaceId}`}`
      return [name, settingsOf(url, scheme, library, spaceId)] as const
    }),
  )
  return Object.fromEntries(drives.map(([name, settings], i) => [i === 0 ? 'smh' : name, settings] as const))
}

export interface TencentSmhEmulator extends Emulator {
  /** Turns knobs while it runs; what is not named stays. */
  readonly behave: (changes: Partial<Behaviour>) => void
  /** Uploads that were begun and neither confirmed nor cancelled. */
  readonly pendingUploads: () => number
}

/** Rejects with a sentence where a directory, a port or an option cannot be used. */
export const startTencentSmh = async (options: TencentSmhOptions = {}): Promise<TencentSmhEmulator> => {
  const stage = openStage('tencent-smh', options, ['crc64', 'md5'])
  const scheme = options.tls === undefined ? 'http' : 'https'
  const ofDeployment = options.deployment === 'private' ? privateBehaviour : {}
  const behaviour = { ...defaultBehaviour, ...ofDeployment, ...options.behaviour }
  const made: Array<World> = []
  const served = await serve(stage, options, (host) => {
    const world = makeWorld(stage, behaviour, scheme, host)
    loadWorld(world)
    for (const library of options.config?.libraries ?? [defaultLibrary]) configure(world, library)
    stage.commit()
    made.push(world)
    return vendorOf(world)
  })
  const { url, caFile, close } = served
  const { faults, requests } = stage
  return {
    url,
    configuration: Object.fromEntries(made.flatMap((world) => Object.entries(configurationOf(world, url, scheme)))),
    faults,
    requests,
    close,
    behave: (changes) => void Object.assign(behaviour, changes),
    pendingUploads: () =>
      made.reduce((sum, world) => sum + [...world.uploads.values()].filter(({ confirmed }) => !confirmed).length, 0),
    ...(caFile === undefined ? {} : { caFile }),
  }
}
