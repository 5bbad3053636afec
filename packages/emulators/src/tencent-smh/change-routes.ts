// The change feed as calls (docs/wire/tencent-smh.md, change feed).
import { type Route } from '../common'
import { iso } from './entries'
import { fail } from './errors'
import { positive } from './list-operation'
import { digits, ok, spaceRoute, type Context, type Operation } from './operation'
import { type Change } from './records'
import { type World } from './world'

const cursorLifeMs = 180 * 86_400_000

const of = ({ world, space }: Context): ReadonlyArray<Change> =>
  world.changes.filter(({ libraryId, spaceId }) => libraryId === space.library.id && spaceId === space.id)

/** The last event that the reader has seen, and when it was told so. */
const cursorOf = (world: World, last: number): string =>
  Buffer.from(JSON.stringify([last, world.now()])).toString('base64url')

const readCursor = (world: World, text: string): number => {
  const [last, at] = ((): ReadonlyArray<unknown> => {
    try {
      return JSON.parse(Buffer.from(text, 'base64url').toString()) as ReadonlyArray<unknown>
    } catch {
      return []
    }
  })()
  if (typeof last !== 'number' || typeof at !== 'number') return fail('ParamInvalid', 'not a cursor')
  return world.now() - at > cursorLifeMs ? fail('CursorExpired') : last
}

const cursor: Operation<Context> = {
  name: 'changeCursor',
  handle: (context) => ok({ cursor: cursorOf(context.world, of(context).at(-1)?.id ?? 0) }),
}

const delta: Operation<Context> = {
  name: 'changes',
  query: { cursor: true, limit: digits },
  handle: (context) => {
    const { world, call } = context
    const last = readCursor(world, call.query.get('cursor') ?? fail('ParamInvalid', 'cursor is missing'))
    const limit = positive(call.query.get('limit'), 100)
    if (limit > 1000) fail('ParamInvalid', '"limit" must not exceed 1000.')
    const later = of(context).filter(({ id }) => id > last)
    const page = later.slice(0, limit)
    return ok({
      cursor: cursorOf(world, page.at(-1)?.id ?? last),
      hasMore: later.length > limit,
      contents: page.map(({ eventType, at, inode, parentInode, name, type, path }) => ({
        ...{ eventType, eventTime: iso(at), inode, parentInode, name, type },
        location: path,
        extraInfo: {},
      })),
    })
  },
}

/** Private deployments were seen without it. */
const whereServed = (operation: Operation<Context>): Operation<Context> => ({
  ...operation,
  handle: (context) => (context.world.behaviour.changeFeed ? operation.handle(context) : fail('RouteNotFound')),
})

export const changeRoutes = (world: World): ReadonlyArray<Route> => {
  const base = '/api/v1/fs-delta/:library/:space'
  return [
    spaceRoute(world, 'GET', `${base}/cursor`, () => whereServed(cursor)),
    spaceRoute(world, 'GET', `${base}/delta`, () => whereServed(delta)),
  ]
}
