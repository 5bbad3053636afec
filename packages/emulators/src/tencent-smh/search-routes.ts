// Search: the classic call, whose results stay to be read on, and the newer one by marker (docs/wire/tencent-smh.md, search).
import { empty, type QueryField, type Route, type Shape } from '../common'
import { entryOf, fileTypeOf } from './entries'
import { fail } from './errors'
import { positive } from './list-operation'
import { isDirectory, isFile, pathOf, sizeOf, subtree, type Node } from './nodes'
import { digits, ok, spaceRoute, textOf, wantedOf, zeroOne, type Context, type Operation } from './operation'
import { segmentsOf } from './paths'
import { directoryAt } from './placing'
import { type Search } from './records'
import { type World } from './world'

type Test = (node: Node) => boolean

const textsOf = (value: unknown, name: string, most = Infinity): ReadonlyArray<string> => {
  const values: ReadonlyArray<unknown> = Array.isArray(value) ? value : value === undefined ? [] : [value]
  if (values.length > most) fail('SearchTooComplex')
  return values.map((each) => textOf(each, name))
}

const sizeIn = (value: unknown, name: string): number | undefined => {
  if (value === undefined) return undefined
  const size = Number(value)
  return Number.isSafeInteger(size) && size >= 0 ? size : fail('ParamInvalid', `"${name}" is not a size.`)
}

const momentIn = (value: unknown, name: string): number | undefined => {
  if (value === undefined) return undefined
  const at = Date.parse(textOf(value, name))
  return Number.isNaN(at) ? fail('InvalidTimeFormat') : at
}

const extensionOf = (name: string): string => /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''

const bare = (extension: string): string => extension.replace(/^\./, '').toLowerCase()

/** Whether the name contains one of the words, in upper or lower case. Without a word every name matches. */
const named =
  (words: ReadonlyArray<string>): Test =>
  ({ name }) =>
    words.length === 0 || words.some((word) => name.toLowerCase().includes(word.toLowerCase()))

/** A directory has no size: a bound of sizes leaves it out. */
const sized =
  (min: number | undefined, max: number | undefined): Test =>
  (node) =>
    (min ?? max) === undefined ||
    (isFile(node) && sizeOf(node) >= (min ?? 0) && sizeOf(node) <= (max ?? Number.MAX_SAFE_INTEGER))

const modified =
  (from: number | undefined, until: number | undefined): Test =>
  ({ modifiedAt }) =>
    modifiedAt >= (from ?? -Infinity) && modifiedAt <= (until ?? Infinity)

const oneOf = (values: ReadonlyArray<string>, its: ReadonlyArray<string>): boolean =>
  values.length === 0 || values.some((value) => its.includes(value))

const common = (body: Context['body']): Test => {
  const tests: ReadonlyArray<Test> = [
    sized(sizeIn(body['minFileSize'], 'minFileSize'), sizeIn(body['maxFileSize'], 'maxFileSize')),
    modified(
      momentIn(body['modificationTimeStart'], 'modificationTimeStart'),
      momentIn(body['modificationTimeEnd'], 'modificationTimeEnd'),
    ),
  ]
  return (node) => tests.every((test) => test(node))
}

const bounds = {
  minFileSize: 'any?',
  maxFileSize: 'any?',
  modificationTimeStart: 'string?',
  modificationTimeEnd: 'string?',
} as const satisfies Shape

/** Everything below the scope, a directory, but not the scope itself. */
const within = ({ space, body }: Context): Iterable<Node> => {
  const [, ...below] = subtree(directoryAt(space, segmentsOf(textOf(body['scope'] ?? '', 'scope'))))
  return below
}

const rendered = (context: Context, nodes: ReadonlyArray<Node>) =>
  nodes.map((node) => {
    const { path: _, ...entry } = { path: undefined, ...entryOf(node, undefined, wantedOf(context)) }
    return context.world.behaviour.searchPaths ? { ...entry, path: pathOf(node) } : entry
  })

const extras: Readonly<Record<string, QueryField>> = { with_inode: zeroOne, with_favorite_status: zeroOne }

// The newer call.

const searchFs: Operation<Context> = {
  name: 'searchFs',
  query: { marker: true, limit: digits, ...extras },
  body: {
    ...{ type: 'string?', keywords: 'strings?', scope: 'string?', marker: 'string?' },
    ...{ inExtnames: 'strings?', excludeExtnames: 'strings?', fileTypes: 'strings?' },
    ...bounds,
  },
  handle: (context) => {
    const { world, call, body } = context
    if (!['both', 'new'].includes(world.behaviour.search)) fail('SearchNotEnabled')
    if ((body['type'] ?? 'filename') !== 'filename') fail('SearchNotEnabled', 'Contents are not indexed.')
    const limit = positive(call.query.get('limit'), 20)
    if (limit > 100) fail('ParamInvalid', '"limit" must not exceed 100.')
    const isNamed = named(textsOf(body['keywords'], 'keywords', 100))
    const wanted = textsOf(body['inExtnames'], 'inExtnames', 20).map(bare)
    const unwanted = textsOf(body['excludeExtnames'], 'excludeExtnames', 20).map(bare)
    const types = textsOf(body['fileTypes'], 'fileTypes')
    const fits = common(body)
    const hits = [...within(context)].filter(
      (node) =>
        isNamed(node) &&
        fits(node) &&
        oneOf(wanted, [extensionOf(node.name)]) &&
        !unwanted.includes(extensionOf(node.name)) &&
        oneOf(types, [isFile(node) ? fileTypeOf(node.name) : 'dir']),
    )
    const start = positive(call.query.get('marker') ?? (body['marker'] as string | undefined), 0)
    // A short page, or an empty one, is not the last.
    const short = world.stage.faults.strikes('searchFs', 'short')
    const end = start + (short ? world.stage.faults.pick(limit) : limit)
    return ok({
      nextMarker: end < hits.length ? String(end) : '',
      contents: rendered(context, hits.slice(start, end)),
    })
  },
}

// The classic call.

const typesByWord: ReadonlyMap<string, string> = new Map([
  ['doc', 'word'],
  ['xls', 'excel'],
  ['ppt', 'powerpoint'],
  ['pdf', 'portable'],
  ['txt', 'text'],
])

/** A filter with several values matches any of them; `!x` matches everything except x. */
const typed = (words: ReadonlyArray<string>): Test => {
  const is =
    (word: string): Test =>
    (node) =>
      word === 'all' ||
      (word === 'dir'
        ? isDirectory(node)
        : isFile(node) && (word === 'file' || fileTypeOf(node.name) === (typesByWord.get(word) ?? word)))
  const tests = words.map((word): Test => {
    const test = is(word.replace(/^!/, ''))
    return word.startsWith('!') ? (node) => !test(node) : test
  })
  return (node) => tests.length === 0 || tests.some((test) => test(node))
}

const keys: Readonly<Record<string, (node: Node) => number | string>> = {
  name: ({ name }) => name,
  modificationTime: ({ modifiedAt }) => modifiedAt,
  size: (node) => (isFile(node) ? sizeOf(node) : 0),
}

const sorted = (nodes: ReadonlyArray<Node>, by: unknown, type: unknown): ReadonlyArray<Node> => {
  if (by === undefined) return nodes
  const key = typeof by === 'string' && Object.hasOwn(keys, by) ? keys[by] : undefined
  if (key === undefined) return fail('OrderByNotAllowed')
  const sign = type === 'desc' ? -1 : 1
  return [...nodes].sort((a, b) => sign * (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
}

const searchPage = 20

const pageOf = (context: Context, id: string, search: Search, start: number) => {
  const nodes = search.inodes.flatMap((inode) => context.world.tree.byInode(inode) ?? [])
  const end = start + searchPage
  return ok({
    searchId: id,
    searchFinished: true,
    hasMore: end < nodes.length,
    ...(end < nodes.length ? { nextMarker: end } : {}),
    contents: rendered(context, nodes.slice(start, end)),
  })
}

const startSearch: Operation<Context> = {
  name: 'startSearch',
  query: extras,
  body: {
    ...{ keyword: 'string?', scope: 'string?', type: 'any?', extname: 'strings?' },
    ...{ orderBy: 'string?', orderByType: 'string?', searchMode: 'string?' },
    ...bounds,
  },
  handle: (context) => {
    const { world, body, space, library } = context
    if (!['both', 'classic'].includes(world.behaviour.search)) fail('SearchNotEnabled')
    const words = textOf(body['keyword'] ?? '', 'keyword')
    const isNamed = named(words.split(' ').filter((word) => word !== ''))
    const isTyped = typed(textsOf(body['type'], 'type'))
    const wanted = textsOf(body['extname'], 'extname').map(bare)
    const fits = common(body)
    const hits = [...within(context)].filter(
      (node) => isNamed(node) && isTyped(node) && fits(node) && oneOf(wanted, [extensionOf(node.name)]),
    )
    const inodes = sorted(hits, body['orderBy'], body['orderByType']).map(({ inode }) => inode)
    const id = world.stage.random.hex(32)
    const search: Search = { libraryId: library.id, spaceId: space.id, inodes }
    world.searches.set(id, search)
    const [oldest] = world.searches.size > 1000 ? world.searches.keys() : []
    if (oldest !== undefined) world.searches.delete(oldest)
    return pageOf(context, id, search, 0)
  },
}

const searchOf = ({ world, call, space, library }: Context): readonly [id: string, search: Search] => {
  const id = call.params['search'] ?? ''
  const search = world.searches.get(id)
  return search?.spaceId === space.id && search.libraryId === library.id ? [id, search] : fail('SearchIdNotFound')
}

const continueSearch: Operation<Context> = {
  name: 'continueSearch',
  query: { marker: digits },
  handle: (context) => pageOf(context, ...searchOf(context), Number(context.call.query.get('marker') ?? 0)),
}

const endSearch: Operation<Context> = {
  name: 'endSearch',
  handle: (context) => {
    context.world.searches.delete(searchOf(context)[0])
    return empty(204)
  },
}

export const searchRoutes = (world: World): ReadonlyArray<Route> => {
  const base = '/api/v1/search/:library/:space'
  return [
    spaceRoute(world, 'POST', `${base}/search-fs`, () => searchFs),
    spaceRoute(world, 'POST', `${base}/space-contents`, () => startSearch),
    spaceRoute(world, 'GET', `${base}/:search`, () => continueSearch),
    spaceRoute(world, 'DELETE', `${base}/:search`, () => endSearch),
  ]
}
