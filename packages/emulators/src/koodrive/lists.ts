// Pages of a folder, of the recycle bin and of search results; the cursors that lead from one to the next.
import { type Children, type View } from './children'
import { Refusal } from './errors'
import { isFolder, type Node } from './nodes'
import { type Order, type Place, placeOf } from './ordering'
import { asListed, folderOf, nodeOf } from './placing'
import { type Space } from './spaces'
import { type World } from './world'

export type PageWanted = Readonly<{
  space: Space
  /** The recycle bin, or the space itself. */
  recycled: boolean
  parent: string | undefined
  pageSize: number
  cursor: string | undefined
  order: Order
  fileType: string | undefined
}>

export type Page = Readonly<{ nodes: ReadonlyArray<Node>; cursor: string | undefined }>

/** `empties` counts empty pages in a row: no cursor is ever handed out twice. */
type Cursor = Readonly<{ of: string; place: Place | undefined; empties: number }>

const identity = (wanted: PageWanted): string =>
  [
    wanted.space.containerId,
    wanted.recycled ? '1' : '0',
    wanted.parent ?? '',
    wanted.order.sortType,
    wanted.order.descending ? '-' : '+',
    wanted.fileType ?? '',
  ].join('|')

const encode = (cursor: Cursor): string =>
  Buffer.from(JSON.stringify([cursor.of, cursor.place ?? null, cursor.empties])).toString('base64url')

/** A cursor of another list, or none of ours, is a wrong parameter. */
const decode = (text: string, of: string): Cursor => {
  try {
    const [owner, place, empties] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as [
      string,
      Place | null,
      number,
    ]
    if (owner === of) return { of, place: place ?? undefined, empties }
  } catch {
    throw new Refusal('invalidParameters')
  }
  throw new Refusal('invalidParameters')
}

const childrenOf = (world: World, wanted: PageWanted): Children => {
  const { space, parent = '' } = wanted
  if (!wanted.recycled) return world.tree.children(folderOf(world, space, parent, asListed).id)
  if (parent === '' || parent === 'root') return world.tree.bin(space.containerId)
  const folder = nodeOf(world, space.containerId, parent)
  if (folder.parentId === '') return world.tree.bin(space.containerId)
  if (!isFolder(folder)) throw new Refusal('badTarget')
  if (!world.tree.isRecycled(folder)) throw new Refusal('notRecycled')
  return world.tree.children(folder.id)
}

/** How many entries a page holds: all it may, unless short pages are asked for. */
const lengthOf = (world: World, endpoint: string, size: number): number =>
  world.faults.strikes(endpoint, 'short') ? world.faults.pick(size) : size

export const pageOf = (world: World, wanted: PageWanted, endpoint: string): Page => {
  const of = identity(wanted)
  const start: Cursor = wanted.cursor === undefined ? { of, place: undefined, empties: 0 } : decode(wanted.cursor, of)
  const size = Math.min(wanted.pageSize, world.behaviour.pageCap)
  const length = lengthOf(world, endpoint, size)
  const view: View = {
    order: wanted.order,
    ...(wanted.fileType === undefined ? {} : { fileType: wanted.fileType }),
  }
  const nodes: Array<Node> = []
  for (const node of childrenOf(world, wanted).after(view, start.place)) {
    if (nodes.length < length) nodes.push(node)
    else return { nodes, cursor: encode(after(start, nodes[nodes.length - 1], wanted.order)) }
  }
  return { nodes, cursor: undefined }
}

const after = (start: Cursor, last: Node | undefined, order: Order): Cursor =>
  last === undefined
    ? { ...start, empties: start.empties + 1 }
    : { of: start.of, place: placeOf(last, order), empties: 0 }
