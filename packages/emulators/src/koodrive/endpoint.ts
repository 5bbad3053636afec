// From an operation to a route: authentication, reading, envelope and refusals, the same for every call of the API.
import { Refusal as Stop, type Call, type Reply, type Route } from '../common/route'
import { authenticate, type Identity } from './authentication'
import { Refusal, Unauthenticated } from './errors'
import { refusedAuthentication, refused, succeeded } from './envelope'
import { type Fields, record } from './fields'
import { type World } from './world'

const base = '/koodrive/ose'

type Asked<Q extends object, B extends object> = Readonly<{
  world: World
  call: Call
  endpoint: string
  /** Who asks; empty where nobody needs to be signed in. */
  userId: string
  identity: Identity
  query: Readonly<Q>
  body: Readonly<B>
}>

export type Operation<Q extends object, B extends object> = Readonly<{
  name: string
  method: string | ReadonlyArray<string>
  /** Below `/koodrive/ose`. */
  path: string
  /** `token`: a signature will not do. `nobody`: no authentication. Default: a user, by token or signature. */
  caller?: 'token' | 'nobody'
  query?: Fields<Q>
  /** Absent: the call takes no body. */
  body?: Fields<B>
  /** The `msg` of the documented example. */
  msg?: string
  /** What stands beside `code` and `msg`. */
  answer: (asked: Asked<Q, B>) => object | Promise<object>
}>

const noneNeeded: Identity = { userId: '', token: undefined }

const headerOf = (call: Call, name: string): string | undefined => {
  const value = call.headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** Strict: a trace id has 58 characters (docs/wire/koodrive.md, Common request headers). */
const checkHeaders = (world: World, call: Call): void => {
  const trace = headerOf(call, 'x-traceid')
  if (world.strict && trace !== undefined && !/^\w{58}$/.test(trace)) throw new Refusal('invalidParameters')
}

/** Where no fields are described, only the strict mind that some came. */
const read = <T extends object>(world: World, fields: Fields<T> | undefined, value: unknown): Readonly<T> => {
  const given = value === undefined || (fields === undefined && !world.strict) ? {} : value
  return record<T>(fields ?? ({} as Fields<T>))(given, world.strict)
}

const answerOf = async <Q extends object, B extends object>(
  world: World,
  operation: Operation<Q, B>,
  call: Call,
  endpoint: string,
): Promise<Reply> => {
  const identity =
    operation.caller === 'nobody'
      ? noneNeeded
      : authenticate(world, call, { endpoint, tokenOnly: operation.caller === 'token' })
  checkHeaders(world, call)
  if (world.strict && call.repeated.length > 0) throw new Refusal('invalidParameters')
  const query = read(world, operation.query, Object.fromEntries(call.query))
  const body = read(world, operation.body, call.body)
  const { userId } = identity
  const answer = await operation.answer({ world, call, endpoint, userId, identity, query, body })
  return succeeded(world, answer, operation.msg)
}

/** Words a refusal of the model the vendor's way; any other error stays what it is. */
const worded = (world: World, error: unknown, language: string | undefined): unknown => {
  if (error instanceof Refusal) return new Stop(refused(world, error.reason, language))
  if (error instanceof Unauthenticated) return new Stop(refusedAuthentication(world))
  return error
}

const toRoute =
  (world: World) =>
  <Q extends object, B extends object>(operation: Operation<Q, B>): Route => ({
    name: operation.name,
    method: operation.method,
    path: `${base}${operation.path}`,
    handle: (call, endpoint) =>
      answerOf(world, operation, call, endpoint).catch((error: unknown) => {
        throw worded(world, error, headerOf(call, 'language'))
      }),
  })

/** Gives an operation its types; nothing else. */
export const operation = <Q extends object = object, B extends object = object>(
  it: Operation<Q, B>,
): ((world: World) => Route) => {
  return (world) => toRoute(world)(it)
}
