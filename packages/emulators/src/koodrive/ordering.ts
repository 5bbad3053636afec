// The orders in which lists may be asked for, and the place of a node within one.
import { suffixOf } from './names'
import { type Node } from './nodes'

export type Order = Readonly<{ sortType: 1 | 2 | 3 | 4 | 5 | 6; descending: boolean }>

/** What a node is sorted by, then its name, then its id: no two nodes share a place. */
export type Place = readonly [key: string | number, name: string, id: string]

const keyOf = (node: Node, sortType: Order['sortType']): string | number => {
  switch (sortType) {
    case 1:
      return ''
    case 2:
      return node.size
    case 3:
      return node.createdTime
    case 4:
      return node.editedTime
    case 5:
      return node.trashed?.at ?? 0
    case 6:
      return suffixOf(node.name)
  }
}

export const placeOf = (node: Node, order: Order): Place => [keyOf(node, order.sortType), node.name, node.id]

const compareValues = (left: string | number, right: string | number): number =>
  left < right ? -1 : left > right ? 1 : 0

const comparePlaces = (left: Place, right: Place): number =>
  compareValues(left[0], right[0]) || compareValues(left[1], right[1]) || compareValues(left[2], right[2])

export const compareNodes =
  (order: Order) =>
  (left: Node, right: Node): number => {
    const ascending =
      order.sortType === 1
        ? compareValues(left.name, right.name) || compareValues(left.id, right.id)
        : comparePlaces(placeOf(left, order), placeOf(right, order))
    return order.descending ? -ascending : ascending
  }

/** Whether a node stands after a place. */
export const isAfter = (node: Node, place: Place, order: Order): boolean => {
  const difference = comparePlaces(placeOf(node, order), place)
  return order.descending ? difference < 0 : difference > 0
}
