// A sorted list that stays fast at a million entries: blocks of at most 512, found by binary search.

export interface Ordered<A> {
  readonly size: () => number
  /** Ignored where an equal entry is there. */
  readonly insert: (entry: A) => void
  readonly remove: (entry: A) => void
  /** In order, those for which `isAfter` holds; it must be false for a beginning of the list and true for the rest. */
  readonly from: (isAfter: (entry: A) => boolean) => Iterable<A>
  /** In order, those behind the first `count`. */
  readonly skip: (count: number) => Iterable<A>
  readonly all: () => Iterable<A>
}

const capacity = 512

/** The first index for which `holds`, or the length. */
const firstIndex = <A>(list: ReadonlyArray<A>, holds: (entry: A) => boolean): number => {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(list[middle] as A)) high = middle
    else low = middle + 1
  }
  return low
}

/** `compare` gives a negative number where its first argument comes first, and 0 only for the same entry. */
export const makeOrdered = <A>(compare: (a: A, b: A) => number): Ordered<A> => {
  const blocks: Array<Array<A>> = []
  let size = 0
  const blockFor = (isAfter: (entry: A) => boolean): number =>
    firstIndex(blocks, (block) => isAfter(block[block.length - 1] as A))
  function* walk(block: number, index: number): Generator<A> {
    for (let b = block; b < blocks.length; b += 1) yield* (blocks[b] ?? []).slice(b === block ? index : 0)
  }
  const insert = (entry: A): void => {
    const reaches = (other: A): boolean => compare(other, entry) >= 0
    const b = Math.min(blockFor(reaches), Math.max(0, blocks.length - 1))
    const block = blocks[b]
    if (block === undefined) blocks.push([entry])
    else {
      const i = firstIndex(block, reaches)
      if (i < block.length && compare(block[i] as A, entry) === 0) return
      block.splice(i, 0, entry)
      // A full block at the end is left as it is when names arrive in order, else it is halved.
      if (block.length > capacity) blocks.splice(b + 1, 0, block.splice(i === block.length - 1 ? i : capacity >> 1))
    }
    size += 1
  }
  const remove = (entry: A): void => {
    const reaches = (other: A): boolean => compare(other, entry) >= 0
    const b = blockFor(reaches)
    const block = blocks[b]
    if (block === undefined) return
    const i = firstIndex(block, reaches)
    if (i >= block.length || compare(block[i] as A, entry) !== 0) return
    block.splice(i, 1)
    if (block.length === 0) blocks.splice(b, 1)
    size -= 1
  }
  return {
    size: () => size,
    insert,
    remove,
    from: (isAfter) => {
      const b = blockFor(isAfter)
      return walk(b, firstIndex(blocks[b] ?? [], isAfter))
    },
    skip: (count) => {
      let left = count
      let b = 0
      while (b < blocks.length && left >= (blocks[b]?.length ?? 0)) left -= blocks[b++]?.length ?? 0
      return walk(b, left)
    },
    all: () => walk(0, 0),
  }
}
