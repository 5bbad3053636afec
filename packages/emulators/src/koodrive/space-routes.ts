// The calls that tell which spaces there are.
import { operation } from './endpoint'
import { Refusal } from './errors'
import { digits, expected, maybeEmpty, oneOf, optional, text } from './fields'
import { type Space, type SpaceKind, typeOf } from './spaces'
import { toSpace, toTeam } from './wire'
import { type World } from './world'

const isAdmin = (world: World, userId: string): boolean =>
  world.population.users.some(({ id, role }) => id === userId && role === 'admin')

/** A user's spaces, or the one of a department or group, as far as the asking user may see them. */
const spacesOf = (world: World, userId: string, ownerId: string): ReadonlyArray<Space> => {
  const isUser = world.population.users.some(({ id }) => id === ownerId)
  if (isUser && ownerId !== userId && !isAdmin(world, userId)) throw new Refusal('noPermission')
  const visible = world.spaces.visibleTo(isUser ? ownerId : userId)
  const spaces = isUser ? visible : visible.filter((space) => space.ownerId === ownerId)
  if (spaces.length === 0) throw new Refusal('spaceNotFound')
  return spaces
}

const ofType = (spaces: ReadonlyArray<Space>, type: string | undefined): ReadonlyArray<Space> =>
  spaces.filter((space) => type === undefined || String(typeOf(space.kind)) === type)

const type = oneOf('0', '1', '2')

const anyType = { type: optional(type) }

const oneType = { type: expected(type), containerId: optional(text(64)) }

const getSpaces = operation({
  name: 'getSpaces',
  method: 'GET',
  path: '/v2/space/:ownerId',
  query: anyType,
  answer: ({ world, userId, call, query }) => {
    const spaces = spacesOf(world, userId, call.params['ownerId'] ?? '')
    return { data: ofType(spaces, query.type).map((space) => toSpace(world, space)) }
  },
})

/** Version 1 shows numbers where version 2 shows text. */
const toSpaceOfVersion1 = (world: World, space: Space): object => ({
  ...toSpace(world, space),
  type: typeOf(space.kind),
  status: space.active ? 0 : 1,
  capacity: space.capacityGb,
  spaceUsed: world.tree.used(space.containerId),
})

const getSpace = operation({
  name: 'getSpace',
  method: 'GET',
  path: '/v1/space/:ownerId',
  query: oneType,
  answer: ({ world, userId, call, query }) => {
    const spaces = ofType(spacesOf(world, userId, call.params['ownerId'] ?? ''), query.type ?? '1')
    const space = spaces.find(({ containerId }) => (query.containerId ?? containerId) === containerId)
    if (space === undefined) throw new Refusal('spaceNotFound')
    return { data: toSpaceOfVersion1(world, space) }
  },
})

const getSpaceByContainer = operation({
  name: 'getSpaceByContainer',
  method: 'GET',
  path: '/v1/space/container/:containerId',
  answer: ({ world, userId, call }) => ({
    data: toSpaceOfVersion1(world, world.spaces.enter(call.params['containerId'] ?? '', userId, 'read')),
  }),
})

const paging = {
  offset: expected(digits(0, Number.MAX_SAFE_INTEGER)),
  limit: expected(digits(1, 100)),
  keyWord: maybeEmpty(text()),
}

type Paging = Readonly<{ offset: number | undefined; limit: number | undefined; keyWord: string | undefined }>

const page = (spaces: ReadonlyArray<Space>, query: Paging) => {
  const named = spaces.filter(({ title }) => title.includes(query.keyWord ?? ''))
  const offset = query.offset ?? 0
  return { total: named.length, spaces: named.slice(offset, offset + (query.limit ?? 100)) }
}

/** `1`: owned by the user, who is its first member; `2`: joined. */
const isOfTeamType = (space: Space, teamType: string | undefined, userId: string): boolean => {
  if (teamType === undefined) return true
  if (teamType === '0') return space.kind === 'department'
  return space.kind === 'group' && (space.members[0]?.userId === userId) === (teamType === '1')
}

const teamQuery = { ...paging, teamType: optional(type) }

const teamList = operation({
  name: 'teamList',
  method: 'GET',
  path: '/v1/space/teamList',
  query: teamQuery,
  answer: ({ world, userId, query }) => {
    const teams = world.spaces
      .visibleTo(userId)
      .filter((space) => space.kind !== 'personal' && isOfTeamType(space, query.teamType, userId))
    const { total, spaces } = page(teams, query)
    return { total, teams: spaces.map((space) => toTeam(world, space)) }
  },
})

const ofTenant = (world: World, userId: string, kind: SpaceKind): ReadonlyArray<Space> => {
  if (!isAdmin(world, userId)) throw new Refusal('noPermission')
  return world.spaces.all().filter((space) => space.kind === kind)
}

const groupList = operation({
  name: 'groupList',
  method: 'GET',
  path: '/v1/space/groupList',
  query: paging,
  answer: ({ world, userId, query }) => {
    const all = ofTenant(world, userId, 'group')
    const { total, spaces } = page(all, query)
    const assignedCapacity = all.reduce((sum, { capacityGb }) => sum + capacityGb, 0)
    return {
      total,
      groupsTotal: all.length,
      groupsMax: 1000,
      assignedCapacity,
      maxCapacity: 1_000_000,
      groups: spaces.map((space) => toTeam(world, space)),
    }
  },
})

const departmentList = operation({
  name: 'departmentList',
  method: 'GET',
  path: '/v1/space/departmentList',
  query: paging,
  answer: ({ world, userId, query }) => {
    const { total, spaces } = page(ofTenant(world, userId, 'department'), query)
    return { total, departments: spaces.map((space) => ({ ...toTeam(world, space), ...toSpace(world, space) })) }
  },
})

export const spaceRoutes = [getSpaces, getSpace, getSpaceByContainer, teamList, groupList, departmentList]
