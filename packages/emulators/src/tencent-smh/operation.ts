// From a request to an operation: authentication, strict checks, and what every handler is given.
import {
  bodyProblems,
  json,
  queryProblems,
  type Call,
  type QueryField,
  type Reply,
  type Route,
  type Shape,
} from '../common'
import { authenticate, checkSpace } from './access'
import { type Wanted } from './entries'
import { errorReply, fail, SmhError } from './errors'
import { type Attributes } from './nodes'
import { segmentsOf, type Segments } from './paths'
import { type Access, type Strategy } from './records'
import { type Library, type Space, type World } from './world'

export interface LibraryContext {
  readonly world: World
  readonly call: Call
  readonly endpoint: string
  readonly access: Access
  readonly library: Library
  /** The body's fields; empty where there was no body. An array body is in `call.body`. */
  readonly body: Readonly<Record<string, unknown>>
}

export interface Context extends LibraryContext {
  readonly space: Space
  /** What followed the space in the URL. */
  readonly path: Segments
}

export interface Operation<C extends LibraryContext> {
  readonly name: string
  /** Parameters besides those that every call may have; strict mode refuses others. */
  readonly query?: Readonly<Record<string, QueryField>>
  /** Fields of the JSON body. `items`: an array, checked by the handler. Absent: no body. */
  readonly body?: Shape | 'items'
  /** Allowed without a token where the space is publicly readable. */
  readonly publicRead?: boolean
  readonly handle: (context: C) => Reply | Promise<Reply>
}

const everywhere: Readonly<Record<string, QueryField>> = { access_token: true, user_id: true, library_secret: true }

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const strictProblems = <C extends LibraryContext>(call: Call, operation: Operation<C>): ReadonlyArray<string> => {
  const { query = {}, body } = operation
  const inQuery = queryProblems(call.query, { ...everywhere, ...query })
  const twice = call.repeated.map((key) => `parameter "${key}" came twice`)
  if (body === 'items') return [...inQuery, ...twice]
  if (body === undefined) return [...inQuery, ...twice, ...(call.body === undefined ? [] : ['there must be no body'])]
  return [...inQuery, ...twice, ...bodyProblems(call.body ?? {}, body)]
}

const checkShape = <C extends LibraryContext>(world: World, call: Call, operation: Operation<C>): void => {
  if (world.stage.strict) {
    const problems = strictProblems(call, operation)
    if (problems.length > 0) fail('ParamInvalid', problems.join('; '))
  } else if (operation.body !== undefined && operation.body !== 'items' && call.body !== undefined)
    if (!isRecord(call.body)) fail('ParamInvalid', 'the body must be a JSON object')
}

export const requestId = (world: World): string => world.stage.random.hex(32)

/** Runs a handler; errors become the vendor's answers. */
export const answered = async (world: World, handle: () => Reply | Promise<Reply>): Promise<Reply> => {
  const id = requestId(world)
  try {
    const reply = await handle()
    return { ...reply, headers: { 'x-request-id': id, ...reply.headers } }
  } catch (cause) {
    if (cause instanceof SmhError) return errorReply(cause, id)
    throw cause
  }
}

const libraryOf = (world: World, call: Call): Library =>
  world.libraries.get(call.params['library'] ?? '') ?? fail('LibraryNotFound')

const contextOf = <C extends LibraryContext>(
  world: World,
  call: Call,
  endpoint: string,
  operation: Operation<C>,
): LibraryContext => {
  const library = libraryOf(world, call)
  const space = library.spaces.get(call.params['space'] ?? '')
  const publicRead = operation.publicRead === true && space?.publicRead === true
  const access = authenticate(world, call, library, { endpoint, publicRead })
  checkShape(world, call, operation)
  return { world, call, endpoint, access, library, body: isRecord(call.body) ? call.body : {} }
}

/** A URL of a library; `choose` picks among the operations that share it. */
export const libraryRoute = (
  world: World,
  method: Route['method'],
  path: string,
  choose: (call: Call) => Operation<LibraryContext>,
): Route => ({
  name: (call) => choose(call).name,
  method,
  path,
  handle: (call, endpoint) =>
    answered(world, () => {
      const operation = choose(call)
      return operation.handle(contextOf(world, call, endpoint, operation))
    }),
})

/** A URL of a space: `:library`, `:space` and perhaps `*`. */
export const spaceRoute = (
  world: World,
  method: Route['method'],
  path: string,
  choose: (call: Call) => Operation<Context>,
): Route => ({
  name: (call) => choose(call).name,
  method,
  path,
  handle: (call, endpoint) =>
    answered(world, () => {
      const operation = choose(call)
      const context = contextOf(world, call, endpoint, operation)
      const space = context.library.spaces.get(call.params['space'] ?? '') ?? fail('SpaceNotFound')
      checkSpace(context.access, space)
      return operation.handle({ ...context, space, path: segmentsOf(call.rest) })
    }),
})

/** Fields with these names in the JSON body choose an operation (docs/wire/tencent-smh.md, routing table). */
export const bodyHas = (call: Call, key: string): boolean => isRecord(call.body) && call.body[key] !== undefined

export const strategyOf = (
  value: unknown,
  allowed: ReadonlyArray<Strategy>,
  otherwise: Strategy,
  word = 'conflict_resolution_strategy',
): Strategy => {
  if (value === undefined || value === '') return otherwise
  return (
    allowed.find((strategy) => strategy === value) ??
    fail('InvalidConflictResolutionStrategy', `${word} must be one of ${allowed.join(', ')}.`)
  )
}

export const queryStrategy = (call: Call, allowed: ReadonlyArray<Strategy>, otherwise: Strategy): Strategy =>
  strategyOf(call.query.get('conflict_resolution_strategy'), allowed, otherwise)

export const isOn = (call: Call, key: string): boolean => ['1', 'true'].includes(call.query.get(key) ?? '')

export const wantedOf = ({ world, call }: Pick<LibraryContext, 'world' | 'call'>): Wanted => ({
  inode: world.behaviour.identities && isOn(call, 'with_inode'),
  favorite: isOn(call, 'with_favorite_status'),
  contentCas: world.behaviour.identities && isOn(call, 'with_content_cas'),
})

export const zeroOne: QueryField = ['0', '1']
export const trueFalse: QueryField = ['true', 'false', '0', '1']
export const digits: QueryField = /^\d+$/
const strategyField: QueryField = ['ask', 'rename', 'overwrite']
export const strategyQuery = { conflict_resolution_strategy: strategyField }

export const textOf = (value: unknown, name: string): string =>
  typeof value === 'string' ? value : fail('ParamInvalid', `"${name}" must be a string.`)

export const attributeShape: Shape = {
  // Accepted, but not stored.
  labels: 'strings?',
  category: 'string?',
  localCreationTime: 'string?',
  localModificationTime: 'string?',
}

const optionalText = (value: unknown, name: string): string | undefined =>
  value === undefined || value === null ? undefined : textOf(value, name)

const bareKey = (key: string): string => key.toLowerCase().replace(/^x-smh-meta-/, '')

/** `x-smh-meta-*` headers and the fields of the body, as attributes of the entry. */
export const attributesOf = ({ call, body }: LibraryContext): Attributes => {
  const fromHeaders = Object.entries(call.headers)
    .filter(([key]) => key.startsWith('x-smh-meta-'))
    .map(([key, value]) => [bareKey(key), String(value)] as const)
  const given = isRecord(body['metaData']) ? body['metaData'] : {}
  const fromBody = Object.entries(given).map(([key, value]) => [bareKey(key), String(value)] as const)
  const metaData = Object.fromEntries([...fromHeaders, ...fromBody])
  const localCreationTime = optionalText(body['localCreationTime'], 'localCreationTime')
  const localModificationTime = optionalText(body['localModificationTime'], 'localModificationTime')
  return {
    ...(localCreationTime === undefined ? {} : { localCreationTime }),
    ...(localModificationTime === undefined ? {} : { localModificationTime }),
    ...(Object.keys(metaData).length === 0 ? {} : { metaData }),
  }
}

export const ok = (value: unknown): Reply => json(200, value)
