// The list of a directory as a call (docs/wire/tencent-smh.md, list directory).
import { empty, type Reply } from '../common'
import { entryOf } from './entries'
import { fail } from './errors'
import { listRequestOf, pageByMarker, pageByNumber } from './listing'
import { isFile, pathOf, type Directory, type Node } from './nodes'
import { digits, ok, wantedOf, zeroOne, type Context, type Operation } from './operation'
import { directoryAt, shownBy } from './placing'
import { type World } from './world'

export const positive = (text: string | undefined, otherwise: number): number => {
  if (text === undefined || text === '') return otherwise
  const value = Number(text)
  return Number.isInteger(value) && value > 0 ? value : fail('ParamInvalid', `"${text}" is not a positive number.`)
}

/** How a page says whether there is another (docs/wire/tencent-smh.md, discrepancies). */
export const nextMarkerField = ({ behaviour }: World, next: string | number | bigint | undefined) => {
  if (next !== undefined) return { nextMarker: next }
  return behaviour.lastMarker === 'missing' ? {} : { nextMarker: behaviour.lastMarker === 'null' ? null : '' }
}

/** JSON, in which a `bigint` is an integer with all its digits. */
const withExactIntegers = ({ nextMarker, ...value }: Readonly<Record<string, unknown>>): Reply => {
  if (typeof nextMarker !== 'bigint') return ok(nextMarker === undefined ? value : { ...value, nextMarker })
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  return { status: 200, headers, body: `{"nextMarker":${nextMarker},${JSON.stringify(value).slice(1)}` }
}

const counts = (directory: Directory) => ({
  fileCount: directory.files.size(),
  subDirCount: directory.directories.size(),
  totalNum: directory.children.size,
})

const numberedPage = (context: Context, directory: Directory): ReadonlyArray<Node> => {
  const { query } = context.call
  const page = positive(query.get('page'), 1)
  const size = positive(query.get('page_size'), context.world.behaviour.listDefault)
  if (page * size > 10_000) fail('ParamInvalid', 'page × page_size must not exceed 10000.')
  if (query.has('marker')) fail('ParamInvalid', '"marker" cannot be combined with "page".')
  return pageByNumber(directory, listRequestOf(query), page, size)
}

export const listDirectory: Operation<Context> = {
  name: 'listDirectory',
  publicRead: true,
  query: {
    'by-marker': ['1'],
    'by-page': ['1'],
    marker: true,
    limit: digits,
    page: digits,
    page_size: digits,
    order_by: true,
    order_by_type: true,
    filter: ['onlyDir', 'onlyFile'],
    sort_type: ['union'],
    prefix: true,
    start_name: true,
    with_inode: zeroOne,
    with_favorite_status: zeroOne,
    with_content_cas: zeroOne,
  },
  handle: (context) => {
    const { world, call, space, path } = context
    const { query, headers } = call
    const { behaviour } = world
    const directory = directoryAt(space, path)
    if (behaviour.closeOldList && !query.has('by-marker') && !query.has('by-page')) fail('CloseOldList')
    const eTag = String(directory.eTag)
    if (headers['if-none-match']?.replaceAll('"', '') === eTag) return empty(304)
    const wanted = wantedOf(context)
    const rendered = (node: Node) => entryOf(node, isFile(node) ? shownBy(world, node) : undefined, wanted)
    if (query.has('by-page') || query.has('page') || query.has('page_size')) {
      const contents = numberedPage(context, directory).map(rendered)
      return ok({ path: pathOf(directory), ...counts(directory), eTag, contents })
    }
    const limit = positive(query.get('limit'), behaviour.listDefault)
    if (limit > behaviour.listMax) fail('ParamInvalid', `"limit" must not exceed ${behaviour.listMax}.`)
    const page = pageByMarker(world, directory, listRequestOf(query), query.get('marker'), limit)
    return withExactIntegers({
      path: pathOf(directory),
      ...nextMarkerField(world, page.next),
      ...(behaviour.countsInMarkerForm ? counts(directory) : {}),
      eTag,
      contents: page.nodes.map(rendered),
    })
  },
}
