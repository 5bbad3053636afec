// Pages of a directory: order, markers, pages by number (docs/wire/tencent-smh.md, list directory).
import { fail } from './errors'
import { sizeOf, type Directory, type Node } from './nodes'
import { type World } from './world'

const orders = [
  'name',
  'modificationTime',
  'size',
  'creationTime',
  'localCreationTime',
  'localModificationTime',
] as const
type OrderBy = (typeof orders)[number]

export interface ListRequest {
  readonly orderBy: OrderBy
  readonly descending: boolean
  readonly filter: 'onlyDir' | 'onlyFile' | undefined
  /** Directories and files in one order, instead of directories first. */
  readonly union: boolean
  readonly prefix: string | undefined
  readonly startName: string | undefined
}

export const listRequestOf = (query: ReadonlyMap<string, string>): ListRequest => {
  // Old Android code spells them in camel case (docs/wire/tencent-smh.md, list directory).
  const by = query.get('order_by') ?? query.get('orderBy') ?? 'name'
  const type = query.get('order_by_type') ?? query.get('orderByType') ?? 'asc'
  const orderBy = orders.find((order) => order === by) ?? fail('OrderByNotAllowed')
  if (type !== 'asc' && type !== 'desc') fail('OrderByTypeNotAllowed')
  const filter = query.get('filter')
  const prefix = query.get('prefix')
  const startName = query.get('start_name')
  if (orderBy !== 'name' && ((prefix ?? '') !== '' || (startName ?? '') !== ''))
    fail('ParamInvalid', '"prefix" and "start_name" need the order by name.')
  return {
    orderBy,
    descending: type === 'desc',
    filter: filter === 'onlyDir' || filter === 'onlyFile' ? filter : undefined,
    union: query.get('sort_type') === 'union',
    prefix: prefix === '' ? undefined : prefix,
    startName: startName === '' ? undefined : startName,
  }
}

type Key = number | string

const keyOf = (node: Node, orderBy: OrderBy): Key => {
  switch (orderBy) {
    case 'name':
      return node.name
    case 'modificationTime':
      return node.modifiedAt
    case 'creationTime':
      return node.createdAt
    case 'size':
      return node.kind === 'dir' ? 0 : sizeOf(node)
    case 'localCreationTime':
    case 'localModificationTime':
      return node.attributes[orderBy] ?? ''
  }
}

/** What a marker remembers: the last entry's place in the order. */
interface Place {
  readonly rank: number
  readonly key: Key
  readonly name: string
}

const placeOf = (node: Node, request: ListRequest): Place => ({
  rank: request.union || node.kind === 'dir' ? 0 : 1,
  key: keyOf(node, request.orderBy),
  name: node.name,
})

const comparePlaces = (a: Place, b: Place, descending: boolean): number => {
  if (a.rank !== b.rank) return a.rank - b.rank
  const order = a.key < b.key ? -1 : a.key > b.key ? 1 : a.name < b.name ? -1 : a.name > b.name ? 1 : 0
  return descending ? -order : order
}

const matches = (node: Node, { filter, prefix, startName }: ListRequest): boolean =>
  (filter === undefined || (filter === 'onlyDir') === (node.kind === 'dir')) &&
  (prefix === undefined || node.name.startsWith(prefix)) &&
  (startName === undefined || node.name > startName)

/** Sorted once for each order, and again after a change of the directory. */
const viewOf = (directory: Directory, request: ListRequest): ReadonlyArray<Node> => {
  const name = JSON.stringify(request)
  const view =
    directory.views.get(name) ??
    [...directory.children.values()]
      .filter((node) => matches(node, request))
      .map((node) => ({ node, place: placeOf(node, request) }))
      .sort((a, b) => comparePlaces(a.place, b.place, request.descending))
      .map(({ node }) => node)
  directory.views.set(name, view)
  return view
}

const firstAfter = (view: ReadonlyArray<Node>, isAfter: (node: Node) => boolean): number => {
  let low = 0
  let high = view.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const node = view[middle]
    if (node !== undefined && isAfter(node)) high = middle
    else low = middle + 1
  }
  return low
}

/** By name and upwards, directories first: from the indexes that the tree keeps, whatever the directory's size. */
function* byIndex(directory: Directory, request: ListRequest, after: Place | undefined): Generator<Node> {
  const least = [request.prefix ?? '', request.startName ?? ''].sort().at(-1) ?? ''
  const rank = after?.rank ?? 0
  const isAfter = (node: Node): boolean =>
    after !== undefined && rank === (node.kind === 'dir' ? 0 : 1) ? node.name > after.name : node.name >= least
  const { prefix, filter } = request
  function* within(nodes: Iterable<Node>): Generator<Node> {
    for (const node of nodes) {
      if (prefix !== undefined && !node.name.startsWith(prefix)) return
      if (matches(node, request)) yield node
    }
  }
  if (filter !== 'onlyFile' && rank <= 0) yield* within(directory.directories.from(isAfter))
  if (filter !== 'onlyDir') yield* within(directory.files.from(isAfter))
}

function* inOrder(directory: Directory, request: ListRequest, after: Place | undefined): Generator<Node> {
  if (request.orderBy === 'name' && !request.descending && !request.union) yield* byIndex(directory, request, after)
  else {
    const view = viewOf(directory, request)
    const isAfter = (node: Node): boolean =>
      after === undefined || comparePlaces(placeOf(node, request), after, request.descending) > 0
    for (let i = firstAfter(view, isAfter); i < view.length; i += 1) {
      const node = view[i]
      if (node !== undefined) yield node
    }
  }
}

function* skipping(nodes: Iterable<Node>, count: number): Generator<Node> {
  let left = count
  for (const node of nodes)
    if (left > 0) left -= 1
    else yield node
}

/** From an offset: by blocks where the order is the tree's own. */
function* fromOffset(directory: Directory, request: ListRequest, offset: number): Generator<Node> {
  const { orderBy, descending, union, prefix, startName, filter } = request
  if (orderBy !== 'name' || descending || union || (prefix ?? startName) !== undefined) {
    yield* skipping(inOrder(directory, request, undefined), offset)
    return
  }
  const folders = filter === 'onlyFile' ? 0 : directory.directories.size()
  if (offset < folders) yield* directory.directories.skip(offset)
  if (filter !== 'onlyDir') yield* directory.files.skip(Math.max(0, offset - folders))
}

const encode = (place: Place): string =>
  Buffer.from(JSON.stringify([place.rank, place.key, place.name])).toString('base64url')

const decode = (marker: string): Place | number => {
  if (/^\d+$/.test(marker) && marker.length < 12) return Number(marker)
  try {
    const [rank, key, name] = JSON.parse(Buffer.from(marker, 'base64url').toString()) as [unknown, unknown, unknown]
    if (typeof rank === 'number' && (typeof key === 'number' || typeof key === 'string') && typeof name === 'string')
      return { rank, key, name }
  } catch {
    return fail('MarkerNotFound')
  }
  return fail('MarkerNotFound')
}

/** A large integer in place of a marker's text. It is exact only as a text: as a number it would be that of another marker. */
const longMarker = ({ markers }: World, text: string): bigint => {
  const marker = markers.next++
  markers.texts.set(String(marker), text)
  const [oldest] = markers.texts.size > 10_000 ? markers.texts.keys() : []
  if (oldest !== undefined) markers.texts.delete(oldest)
  return marker
}

export interface Page {
  readonly nodes: ReadonlyArray<Node>
  readonly next: string | number | bigint | undefined
}

/** A `short` fault gives fewer entries than asked for, perhaps none, and a marker that goes on behind them. */
export const pageByMarker = (
  world: World,
  directory: Directory,
  request: ListRequest,
  marker: string | undefined,
  limit: number,
): Page => {
  const short = world.stage.faults.strikes('listDirectory', 'short')
  const size = short ? world.stage.faults.pick(limit) : limit
  const start = marker === undefined || marker === '' ? undefined : decode(world.markers.texts.get(marker) ?? marker)
  const source = typeof start === 'number' ? fromOffset(directory, request, start) : inOrder(directory, request, start)
  const nodes: Array<Node> = []
  let more = false
  for (const node of source) {
    more = nodes.length >= size
    if (more) break
    nodes.push(node)
  }
  const last = nodes.at(-1)
  const goesOn = more || (world.behaviour.markerOnFullLastPage && nodes.length === limit)
  if (!goesOn) return { nodes, next: undefined }
  if (world.behaviour.nextMarker === 'number')
    return { nodes, next: (typeof start === 'number' ? start : 0) + nodes.length }
  const place = last === undefined ? undefined : placeOf(last, request)
  const begin: Place = { rank: -1, key: '', name: '' }
  const next = encode(place ?? (typeof start === 'object' ? start : begin))
  return { nodes, next: world.behaviour.nextMarker === 'long' ? longMarker(world, next) : next }
}

export const pageByNumber = (directory: Directory, request: ListRequest, page: number, size: number) => {
  const nodes: Array<Node> = []
  for (const node of fromOffset(directory, request, (page - 1) * size)) {
    if (nodes.length >= size) break
    nodes.push(node)
  }
  return nodes
}
