// Who calls, and what they may do (docs/wire/tencent-smh.md, authentication and permissions).
import { type Call } from '../common'
import { fail } from './errors'
import { type Access, type Token } from './records'
import { expiryOf, type Library, type Space, type World } from './world'

const bearer = (header: string | undefined): string | undefined => /^Bearer\s+(\S.*)$/i.exec(header ?? '')?.[1]

/** For its full period from now on. */
export const extendToken = (world: World, token: Token): void => {
  token.expiresAt = expiryOf(world, token.period)
  world.save.token(token)
}

const dropToken = (world: World, token: string): void => {
  world.tokens.delete(token)
  world.stage.journal.remove('token', token)
}

const invalid = (world: World): never => fail('InvalidAccessToken', undefined, world.behaviour.invalidTokenStatus)

/** Forgets an expired token; a use of a live one may extend it to its full period again. */
export const findToken = (world: World, text: string, endpoint: string): Token => {
  const token = world.tokens.get(text) ?? invalid(world)
  if (token.expiresAt <= world.now() || world.stage.faults.strikes(endpoint, 'token')) {
    dropToken(world, text)
    return invalid(world)
  }
  if (world.behaviour.tokenSliding) extendToken(world, token)
  return token
}

const everything: Access = { userId: '', spaceIds: undefined, grants: ['admin'] }

/** A user id in the query counts only with an admin token that was made without one. */
const userOf = (call: Call, token: Token): string =>
  token.userId === '' && token.grants.includes('admin') ? (call.query.get('user_id') ?? '') : token.userId

/** A token without spaces serves a single-tenant library, or an administrator. */
const spacesOf = (token: Token, library: Library): Access['spaceIds'] =>
  token.spaceIds === undefined && library.multiSpace && !token.grants.includes('admin') ? [] : token.spaceIds

export const authenticate = (
  world: World,
  call: Call,
  library: Library,
  options: { readonly endpoint: string; readonly publicRead: boolean },
): Access => {
  const queryToken = call.query.get('access_token')
  const text = queryToken === undefined || queryToken === '' ? bearer(call.headers.authorization) : queryToken
  const secret = call.query.get('library_secret')
  if (text !== undefined) {
    const token = findToken(world, text, options.endpoint)
    if (token.libraryId !== library.id) fail('AccessTokenNotMatchLibrary')
    return { userId: userOf(call, token), spaceIds: spacesOf(token, library), grants: token.grants }
  }
  if (secret !== undefined) {
    if (secret !== library.secret) fail('WrongLibraryIdOrSecret')
    return { ...everything, userId: call.query.get('user_id') ?? '' }
  }
  return options.publicRead ? { ...everything, grants: [] } : fail('EmptyAccessToken')
}

export const isAdmin = (access: Access): boolean => access.grants.includes('admin')

const isSpaceAdmin = (access: Access): boolean => isAdmin(access) || access.grants.includes('space_admin')

export const mayUse = (access: Access, space: Space): boolean =>
  access.spaceIds === undefined || access.spaceIds.includes(space.id)

export const checkSpace = (access: Access, space: Space): void => {
  if (!mayUse(access, space)) fail('AccessTokenNotMatchSpace')
}

/** Any one of these, or an administrator's. */
export const has = (access: Access, ...grants: ReadonlyArray<string>): boolean =>
  isSpaceAdmin(access) || grants.some((grant) => access.grants.includes(grant))

export const need = (access: Access, ...grants: ReadonlyArray<string>): void => {
  if (!has(access, ...grants)) fail('NoPermission')
}

export const needAdmin = (access: Access, ...grants: ReadonlyArray<string>): void => {
  if (!isAdmin(access) && !grants.some((grant) => access.grants.includes(grant))) fail('NoPermission')
}

/** Crossing spaces needs an administrator of both (docs/wire/tencent-smh.md, batches). */
export const needBoth = (access: Access, one: Space, other: Space): void => {
  if (isAdmin(access)) return
  if (!isSpaceAdmin(access) || !mayUse(access, one) || !mayUse(access, other)) fail('NoPermission')
}

export const removeToken = dropToken
