// Who and what exists when the emulator starts: users, spaces, applications; a JSON object, completed from the seed.
import { type JsonObject } from '../common/emulator'
import { mixSeed, type Random, seededRandom } from '../common/random'
import { type Behaviour } from './behaviour'
import { newContainerId, newDecimalId, newSpaceRootId, newToken } from './ids'
import { type Member, type Space, type SpaceKind } from './spaces'

type TokenConfig = Readonly<{ accessToken: string; sessionId?: string | undefined; carrier?: boolean }>

type UserConfig = Readonly<{
  id?: string
  name?: string
  role?: 'admin' | 'user'
  /** For the carrier edition's login. */
  account?: string
  password?: string
  /** Signed in from the start; the drives of `configuration` take turns. Default: one for each default space. */
  tokens?: ReadonlyArray<TokenConfig>
}>

type SpaceConfig = Readonly<{
  /** The drive's name in the start result's `configuration`. */
  drive?: string
  kind: SpaceKind
  /** The user (default: the first), department or group; generated if absent. */
  ownerId?: string
  containerId?: string
  title?: string
  /** As the vendor reports it. */
  capacityGb?: number
  /** What is enforced, in bytes; from `capacityGb` if absent. */
  quotaBytes?: number
  active?: boolean
  /** Of team spaces; absent: every user may write. */
  members?: ReadonlyArray<Member>
}>

type AppConfig = Readonly<{ appId: string; appSecret: string }>

export type KooDriveConfig = Readonly<{
  tenantId?: string
  users?: ReadonlyArray<UserConfig>
  spaces?: ReadonlyArray<SpaceConfig>
  apps?: ReadonlyArray<AppConfig>
  behaviour?: Partial<Behaviour>
}>

export type User = Readonly<{
  id: string
  name: string
  role: 'admin' | 'user'
  account: string
  password: string
  tokens: ReadonlyArray<Readonly<{ accessToken: string; sessionId: string; carrier: boolean }>>
}>

/** The configuration with nothing left open. */
export type Population = Readonly<{
  tenantId: string
  users: ReadonlyArray<User>
  spaces: ReadonlyArray<Space>
  apps: ReadonlyArray<AppConfig>
}>

const GIB = 1024 ** 3

const defaultSpaces: ReadonlyArray<SpaceConfig> = [{ kind: 'personal' }, { kind: 'department' }, { kind: 'group' }]

const defaultTokens = (random: Random): ReadonlyArray<TokenConfig> =>
  defaultSpaces.map(() => ({ accessToken: newToken(random) }))

const toUser = (random: Random, config: UserConfig, index: number): User => ({
  id: config.id ?? newDecimalId(random, 19),
  name: config.name ?? `user${index + 1}`,
  role: config.role ?? (index === 0 ? 'admin' : 'user'),
  account: config.account ?? `user${index + 1}@example.com`,
  password: config.password ?? newToken(random).slice(0, 16),
  tokens: (config.tokens ?? defaultTokens(random)).map((token) => ({
    accessToken: token.accessToken,
    sessionId: token.sessionId ?? newToken(random),
    carrier: token.carrier ?? false,
  })),
})

const toSpace = (random: Random, users: ReadonlyArray<User>, config: SpaceConfig, drive: string): Space => {
  const ownerId = config.ownerId ?? (config.kind === 'personal' ? users[0]?.id : undefined)
  const capacityGb = config.capacityGb ?? 100
  return {
    drive: config.drive ?? drive,
    kind: config.kind,
    ownerId: ownerId ?? newDecimalId(random, 19),
    containerId: config.containerId ?? newContainerId(random),
    spaceRootId: newSpaceRootId(random),
    title: config.title ?? config.kind,
    capacityGb,
    quotaBytes: config.quotaBytes ?? capacityGb * GIB,
    active: config.active ?? true,
    members: config.members ?? users.map(({ id }) => ({ userId: id, access: 'write' })),
  }
}

const driveNames: Readonly<Record<SpaceKind, string>> = {
  personal: 'koo',
  department: 'koo-department',
  group: 'koo-group',
}

/** The same configuration and seed give the same population, so it need not be kept. */
export const toPopulation = (config: KooDriveConfig, seed: number): Population => {
  const random = seededRandom(mixSeed('koodrive population', seed))
  const users = (config.users ?? [{}]).map((user, index) => toUser(random, user, index))
  const seen = new Map<SpaceKind, number>()
  const spaces = (config.spaces ?? defaultSpaces).map((space) => {
    const count = (seen.get(space.kind) ?? 0) + 1
    seen.set(space.kind, count)
    const name = driveNames[space.kind]
    return toSpace(random, users, space, count === 1 ? name : `${name}-${count}`)
  })
  return {
    tenantId: config.tenantId ?? newDecimalId(random, 17),
    users,
    spaces,
    apps: config.apps ?? [{ appId: random.hex(64), appSecret: random.hex(64) }],
  }
}

const tokenAuth = (user: User | undefined, turn: number): JsonObject | undefined => {
  const token = user?.tokens[turn % user.tokens.length]
  return token && { kind: 'token', accessToken: token.accessToken, sessionId: token.sessionId }
}

const userOf = (population: Population, space: Space): User | undefined =>
  space.kind === 'personal'
    ? population.users.find(({ id }) => id === space.ownerId)
    : population.users.find(({ id }) => space.members.some(({ userId, access }) => userId === id && access === 'write'))

/** The drives of an `anydrive.json`: one for each space, by token, and one by the first application's signature. */
export const toConfiguration = (population: Population, baseUrl: string): Readonly<Record<string, JsonObject>> => {
  const drives: Record<string, JsonObject> = {}
  for (const [index, space] of population.spaces.entries()) {
    const user = userOf(population, space)
    const auth = tokenAuth(user, index)
    const settings = {
      type: 'koodrive',
      baseUrl,
      containerId: space.containerId,
      ...(space.kind === 'personal' ? {} : { space: { kind: 'team', groupId: space.ownerId, teamType: space.kind } }),
    }
    if (auth !== undefined) drives[space.drive] = { ...settings, auth }
    const app = population.apps[0]
    if (app === undefined || user === undefined || space !== population.spaces[0]) continue
    drives[`${space.drive}-app`] = {
      ...settings,
      auth: { kind: 'app', appId: app.appId, appSecret: app.appSecret, userId: user.id },
    }
  }
  return drives
}
