// The outside of every answer: code, msg and status, in the variants that the behaviour asks for.
import { type Reply, type Trouble } from '../common/route'
import { type Behaviour } from './behaviour'
import { codeOf, messageOf, type Reason, statusOf } from './errors'
import { isRecord } from './fields'
import { type World } from './world'

const counted = new Set([
  'size',
  'total',
  'capacity',
  'spaceUsed',
  'totalSize',
  'subDirCount',
  'subFileCount',
  'userNum',
  'contentNum',
  'progress',
])

const inType = (value: unknown, numbers: Behaviour['numbers']): unknown => {
  if (numbers === 'string' && typeof value === 'number') return String(value)
  if (numbers === 'number' && typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value)
  return value
}

/** Codes and numbers in the types that the behaviour asks for, at any depth. */
const retyped = (value: unknown, behaviour: Behaviour): unknown => {
  if (Array.isArray(value)) return value.map((each) => retyped(each, behaviour))
  if (!isRecord(value)) return value
  const entries = Object.entries(value).map(([key, each]) => {
    if (key === 'code') return [key, behaviour.codeType === 'string' ? String(each) : each]
    return [key, counted.has(key) ? inType(each, behaviour.numbers) : retyped(each, behaviour)]
  })
  return Object.fromEntries(entries) as unknown
}

const typed = (behaviour: Behaviour, value: object): unknown =>
  behaviour.codeType === 'number' && behaviour.numbers === 'as-documented' ? value : retyped(value, behaviour)

/** `msg` is the text of the documented example, sent where messages are to vary. */
export const succeeded = (world: World, answer: object, msg = 'success'): Reply => ({
  status: 200,
  // By the emulator's own clock, which its times of creation follow too.
  headers: { date: new Date(world.now()).toUTCString() },
  json: typed(world.behaviour, {
    ...answer,
    code: 0,
    msg: world.behaviour.successMsg === 'varied' ? msg : 'success',
  }),
})

const failed = (behaviour: Behaviour, status: number, code: number, msg: string): Reply => ({
  status,
  json: behaviour.errorKeys === 'code' ? typed(behaviour, { code, msg }) : { error_code: String(code), error_msg: msg },
})

/** A business error. */
export const refused = (world: World, reason: Reason, language: string | undefined): Reply => {
  const status = statusOf(reason)
  const { behaviour } = world
  return failed(behaviour, status === 400 ? behaviour.errorStatus : status, codeOf(reason), messageOf(reason, language))
}

/** Huawei's gateway, before the service has seen the call. */
const gateway = (status: number, code: string, msg: string, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers,
  json: { error_code: code, error_msg: msg, request_id: '0123456789abcdef0123456789abcdef' },
})

/** No page shows how (docs/wire/koodrive.md, Error codes): 401 with a body unless the behaviour says otherwise. */
export const refusedAuthentication = (world: World): Reply => {
  const { authFailure } = world.behaviour
  if (authFailure === 'gateway') return gateway(401, 'APIGW.0301', 'Incorrect IAM authentication information')
  return authFailure === 'bad-request'
    ? failed(world.behaviour, 400, 13000420, 'Authentication failed: the token is invalid or has expired.')
    : failed(world.behaviour, 401, 401, 'Unauthorized')
}

/** There is no such call. */
export const gatewayUnknown = (): Reply =>
  gateway(404, 'APIGW.0101', 'The API does not exist or has not been published in the environment')

export const objectStoreError = (status: number, code: string): Reply => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`,
})

const objectStoreTrouble = (trouble: Trouble): Reply => {
  if (trouble.kind === 'rate-limited' || trouble.kind === 'unavailable') return objectStoreError(503, 'SlowDown')
  if (trouble.kind === 'wrong-method') return objectStoreError(405, 'MethodNotAllowed')
  return trouble.kind === 'internal' ? objectStoreError(500, 'InternalError') : objectStoreError(404, 'NoSuchKey')
}

const apiTrouble = (world: World, trouble: Trouble): Reply => {
  switch (trouble.kind) {
    case 'no-route':
      return gatewayUnknown()
    case 'wrong-method':
      return gateway(405, 'APIGW.0106', 'The request method is not allowed')
    case 'rate-limited': {
      const after = trouble.retryAfter === undefined ? {} : { 'retry-after': String(trouble.retryAfter) }
      return gateway(429, 'APIGW.0308', 'The throttling threshold has been reached', after)
    }
    case 'too-large':
      return gateway(413, 'APIGW.0201', 'Request entity too large')
    case 'bad-url':
    case 'bad-json':
      return refused(world, 'invalidParameters', undefined)
    case 'unavailable':
    case 'internal':
      return refused(world, 'internalFailure', undefined)
  }
}

export const worded = (world: World, trouble: Trouble, path: string): Reply =>
  path.startsWith('/koodrive/') ? apiTrouble(world, trouble) : objectStoreTrouble(trouble)
