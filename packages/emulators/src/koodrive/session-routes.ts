// Signing in, staying signed in, signing out: the standard and the carrier edition.
import { type Route } from '../common/route'
import { sentToken } from './authentication'
import { type User } from './config'
import { operation } from './endpoint'
import { Refusal, Unauthenticated } from './errors'
import { filled, maybeEmpty, oneOf, optional, text } from './fields'
import { type Session } from './sessions'
import { type World } from './world'

const signIn = (world: World, user: User | undefined, carrier: boolean): Session => {
  if (user === undefined) throw new Unauthenticated()
  return world.sessions.open(user.id, carrier, world.now())
}

const roleOf = (user: User): number => (user.role === 'admin' ? 0 : 1)

/** The value of accessToken begins with the scheme, as the examples show (docs/wire/koodrive.md, Access token). */
const written = (world: World, token: string): string =>
  `Bearer${world.behaviour.sessionShape === '2024' ? '+' : ' '}${token}`

const toSession = (world: World, user: User, session: Session): object => {
  const accessToken = written(world, session.token)
  if (world.behaviour.sessionShape === '2024') return { accessToken, userId: user.id, userName: user.name }
  const userInfo = {
    role: roleOf(user),
    userName: user.name,
    innerUserId: user.id,
    userId: user.id,
    tenantId: world.population.tenantId,
    orgId: world.population.tenantId,
    orgName: 'anydrive',
    userCount: world.population.users.length,
  }
  return { data: { accessToken, sessionId: session.renewal, userId: user.id, userInfo } }
}

const authCodeUrl = operation({
  name: 'authCodeUrl',
  method: 'GET',
  path: '/v1/session/authCodeURL',
  caller: 'nobody',
  query: { domain: filled() },
  answer: ({ query }) => ({
    data: `https://orgid.example/oauth2/authorize?response_type=code&redirect_uri=${encodeURIComponent(query.domain)}`,
  }),
})

/** The code is a user's id, name or account. */
const createSession = (path: string): ((world: World) => Route) =>
  operation({
    name: 'createSession',
    method: 'POST',
    path,
    caller: 'nobody',
    body: { code: filled(), domain: optional(text()) },
    answer: ({ world, body }) => {
      const user = world.population.users.find(({ id, name, account }) => [id, name, account].includes(body.code))
      const session = signIn(world, user, false)
      return user === undefined ? {} : toSession(world, user, session)
    },
  })

const sessionAuth = operation({
  name: 'sessionAuth',
  method: 'GET',
  path: '/v1/session/auth',
  caller: 'token',
  answer: ({ userId }) => ({ data: { userId } }),
})

const refreshSession = operation({
  name: 'refreshSession',
  method: 'POST',
  path: '/v1/session/refresh',
  caller: 'nobody',
  body: {},
  answer: ({ world, call }) => {
    const sessionId = call.headers['x-session-id']
    if (typeof sessionId !== 'string' || sessionId === '') throw new Refusal('invalidParameters')
    if (sentToken(world, call) === undefined) throw new Unauthenticated()
    const session = world.sessions.refresh(sessionId, world.now(), world.behaviour)
    return { accessToken: written(world, session.token) }
  },
})

const logoff = operation({
  name: 'logoff',
  method: 'GET',
  path: '/v1/session/logoff',
  caller: 'nobody',
  answer: ({ world, call }) => {
    const token = sentToken(world, call)
    if (token !== undefined) world.sessions.close(token)
    return { failedList: [] }
  },
})

const toSessionInfo = (world: World, session: Session): object => ({
  accessToken: `AT ${session.token}`,
  expiresIn: Math.floor(world.behaviour.carrierTokenLifeMs / 1000),
  issuedAt: String(session.usedAt),
  refreshToken: session.renewal,
})

const login = operation({
  name: 'login',
  method: 'POST',
  path: '/v1/auth/login',
  caller: 'nobody',
  body: {
    account: filled(),
    authType: oneOf('1', '2'),
    password: maybeEmpty(text()),
    captchaToken: maybeEmpty(text()),
  },
  answer: ({ world, call, body }) => {
    if (world.strict && call.headers['x-hw-agentname'] === undefined) throw new Refusal('invalidParameters')
    const user = world.population.users.find(
      ({ account, password }) => account === body.account && password === body.password,
    )
    const session = signIn(world, user, true)
    const userInfo = { userId: user?.id, firstname: user?.name, surname: '', phone: '', email: user?.account }
    return { data: { userInfo, sessionInfo: toSessionInfo(world, session) } }
  },
})

const refreshToken = operation({
  name: 'refreshToken',
  method: 'POST',
  path: '/v1/auth/refreshToken',
  caller: 'nobody',
  body: { refreshToken: filled() },
  answer: ({ world, body }) => {
    const session = world.sessions.refresh(body.refreshToken, world.now(), world.behaviour)
    const info = toSessionInfo(world, session)
    return { data: world.behaviour.carrierRefreshShape === 'data' ? info : { sessionInfo: info } }
  },
})

export const sessionRoutes = [
  authCodeUrl,
  createSession('/v1/session'),
  createSession('/v1/session/'),
  sessionAuth,
  refreshSession,
  logoff,
  login,
  refreshToken,
]
