// Access tokens: made, renewed, deleted (docs/wire/tencent-smh.md, access tokens).
import { empty, json, queryProblems, type Call, type QueryField, type Reply, type Route } from '../common'
import { extendToken, findToken, removeToken } from './access'
import { fail } from './errors'
import { answered } from './operation'
import { type Token } from './records'
import { addToken, type Library, type World } from './world'

const tokenBody = (token: Token): Reply => json(200, { accessToken: token.token, expiresIn: token.period })

const list = (text: string | undefined): ReadonlyArray<string> =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

const checkQuery = (
  world: World,
  call: Call,
  shape: Readonly<Record<string, QueryField>>,
  required: ReadonlyArray<string> = [],
): void => {
  if (!world.stage.strict) return
  const problems = queryProblems(call.query, shape, required)
  if (problems.length > 0) fail('ParamInvalid', problems.join('; '))
  if (call.body !== undefined) fail('ParamInvalid', 'there must be no body')
}

const libraryBySecret = (world: World, id: string | undefined, secret: string | undefined): Library => {
  if (id === undefined || id === '' || secret === undefined || secret === '') return fail('EmptyLibraryIdOrSecret')
  const library = world.libraries.get(id)
  return library?.secret === secret ? library : fail('WrongLibraryIdOrSecret')
}

/** Grants that make sense without a space. */
const spaceless: ReadonlyArray<string> = ['admin', 'create_space', 'delete_space']

const spacesOf = (library: Library, call: Call, grants: ReadonlyArray<string>): ReadonlyArray<string> | undefined => {
  const ids = list(call.query.get('space_id'))
  for (const id of ids) if (!library.spaces.has(id)) fail('SpaceNotFound')
  if (ids.length > 0) return ids
  if (library.multiSpace && !grants.some((grant) => spaceless.includes(grant))) return fail('EmptySpaceId')
  return undefined
}

const periodOf = (text: string | undefined, otherwise: number): number =>
  /^[1-9]\d*$/.test(text ?? '') ? Number(text) : otherwise

const createQuery: Readonly<Record<string, QueryField>> = {
  library_id: true,
  library_secret: true,
  space_id: true,
  user_id: true,
  client_id: true,
  session_id: true,
  period: true,
  grant: true,
}

const create = (world: World, call: Call): Reply => {
  checkQuery(world, call, createQuery)
  const { query } = call
  const library = libraryBySecret(world, query.get('library_id'), query.get('library_secret'))
  const grant = list(query.get('grant'))
  const [userId, clientId] = [query.get('user_id') ?? '', query.get('client_id') ?? '']
  if (userId.length > 64) fail('UserIdLengthExceed')
  if (clientId.length > 64) fail('ClientIdLengthExceed')
  const made = addToken(world, library.id, {
    token: `acctk01${world.stage.random.hex(57)}`,
    spaceIds: spacesOf(library, call, grant),
    userId,
    clientId,
    sessionId: query.get('session_id') ?? '',
    period: periodOf(query.get('period'), world.behaviour.tokenSeconds),
    grant,
  })
  return tokenBody(made)
}

const named = (call: Call): string => call.params['token'] ?? ''

const renew = (world: World, call: Call, endpoint: string): Reply => {
  checkQuery(world, call, { library_secret: true })
  const token = findToken(world, named(call), endpoint)
  extendToken(world, token)
  return tokenBody(token)
}

const removeOne = (world: World, call: Call): Reply => {
  checkQuery(world, call, { library_secret: true })
  removeToken(world, named(call))
  return empty(204)
}

const removeOfUser = (world: World, call: Call): Reply => {
  checkQuery(world, call, { library_secret: true, user_id: true, client_id: true, session_id: true }, ['user_id'])
  const { query, params } = call
  const library = libraryBySecret(world, params['library'], query.get('library_secret'))
  const user = query.get('user_id') ?? fail('ParamInvalid', '"user_id" is missing.')
  const clients = list(query.get('client_id'))
  const sessions = list(query.get('session_id'))
  if (clients.length > 100 || sessions.length > 100) fail('ParamInvalid', 'At most 100 ids.')
  const matches = (token: Token): boolean =>
    token.libraryId === library.id &&
    token.userId === user &&
    (clients.length === 0 || clients.includes(token.clientId)) &&
    (sessions.length === 0 || sessions.includes(token.sessionId))
  for (const token of [...world.tokens.values()].filter(matches)) removeToken(world, token.token)
  return empty(204)
}

export const tokenRoutes = (world: World): ReadonlyArray<Route> => [
  {
    name: 'createToken',
    method: ['GET', 'POST'],
    path: '/api/v1/token',
    handle: (call) => answered(world, () => create(world, call)),
  },
  {
    name: 'renewToken',
    method: 'POST',
    path: '/api/v1/token/:library/:token',
    handle: (call, endpoint) => answered(world, () => renew(world, call, endpoint)),
  },
  {
    name: 'deleteToken',
    method: 'DELETE',
    path: '/api/v1/token/:library/:token',
    handle: (call) => answered(world, () => removeOne(world, call)),
  },
  {
    name: 'deleteUserTokens',
    method: 'DELETE',
    path: '/api/v1/token/:library',
    handle: (call) => answered(world, () => removeOfUser(world, call)),
  },
]
