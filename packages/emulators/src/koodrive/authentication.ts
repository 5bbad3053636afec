// Who sends a request: the owner of a token, or the user that a signed application acts for.
import { type Call } from '../common/route'
import { Unauthenticated } from './errors'
import { tokenIn } from './sessions'
import { isSignedBy, parseSignatureHeader, type SignatureHeader } from './signature'
import { type World } from './world'

export type Identity = Readonly<{
  userId: string
  /** Absent with an application's signature. */
  token: string | undefined
}>

const flatHeaders = (call: Call): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    Object.entries(call.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  )

const byApplication = (world: World, call: Call, header: SignatureHeader): Identity => {
  const app = world.population.apps.find(({ appId }) => appId === header.appId)
  const headers = flatHeaders(call)
  const userId = headers['x-user-id']
  const mark = call.url.includes('?') ? call.url.indexOf('?') : call.url.length
  const request = {
    method: call.method,
    path: call.url.slice(0, mark),
    query: call.url.slice(mark + 1),
    headers,
    body: call.raw,
  }
  const isSigned =
    app !== undefined && isSignedBy(request, header, { appSecret: app.appSecret, at: world.now() }, world.behaviour)
  if (!isSigned || !world.population.users.some(({ id }) => id === userId)) throw new Unauthenticated()
  return { userId: userId ?? '', token: undefined }
}

/** The token of a request, expired or not. */
export const sentToken = (world: World, call: Call): string | undefined =>
  tokenIn(call.headers.authorization, world.strict)

/** Also restarts the life of a standard token. */
export const authenticate = (
  world: World,
  call: Call,
  how: Readonly<{ endpoint: string; tokenOnly: boolean }>,
): Identity => {
  const isExpiredNow = world.faults.strikes(how.endpoint, 'token')
  const header = how.tokenOnly ? undefined : parseSignatureHeader(call.headers.authorization)
  const token = header === undefined ? sentToken(world, call) : undefined
  if (isExpiredNow) {
    if (token !== undefined) world.sessions.expire(token)
    throw new Unauthenticated()
  }
  if (header !== undefined) return byApplication(world, call, header)
  if (token === undefined) throw new Unauthenticated()
  return { userId: world.sessions.use(token, world.now(), world.behaviour), token }
}
