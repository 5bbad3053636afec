// Sequences of any length in the order of their keys: in memory as long as they are short, else by way of the disk.
import * as E from 'fp-ts/Either'
import { createLineBuffer, type LineBuffer } from './line-buffer'
import { openTempFile, type Lines, type ScratchError, type TempFile, type Run } from './temp-file'

export interface Scratch {
  /** Bytes held in memory, of a sequence longer than a page; beyond it they are written. 4 MiB. */
  readonly limit?: number | undefined
  /** Where they are written; the system's folder for temporary files. */
  readonly folder?: string | undefined
}
export interface SortOptions<A> extends Scratch {
  /** Ascending by UTF-16 code units; what has one key stays in the order in which it came. */
  readonly keyOf: (item: A) => string
  /** One line, without a line feed, and back. */
  readonly toLine: (item: A) => string
  readonly fromLine: (line: string) => A
}
export interface Sorter<A> {
  /** Undefined: nothing to wait for. */
  readonly add: (item: A) => Promise<E.Either<ScratchError, void>> | undefined
  /** Once, after the last `add`. A left ends it. */
  readonly sorted: () => AsyncGenerator<E.Either<ScratchError, A>, void>
  /** In every case, however far it came; afterwards nothing is left on the disk. */
  readonly close: () => Promise<void>
}

const usual = 4 * 1024 * 1024
/** Items that are held as they are. */
const few = 1000
/** Bytes, of all blocks read together. */
const blocks = 2 * 1024 * 1024

interface Head<A> {
  readonly lines: Lines
  readonly rank: number
  key: string
  item: A
}
const isBefore = <A>(a: Head<A>, b: Head<A>): boolean => (a.key === b.key ? a.rank < b.rank : a.key < b.key)

/** Puts the head at `i` of a heap where it belongs below. */
const sink = <A>(heap: Array<Head<A>>, from: number): void => {
  for (let i = from; ;) {
    const [left, right] = [heap[2 * i + 1], heap[2 * i + 2]]
    const here = heap[i]
    if (left === undefined || here === undefined) return
    const isRight = right !== undefined && isBefore(right, left)
    const least = isRight ? right : left
    if (!isBefore(least, here)) return
    const at = isRight ? 2 * i + 2 : 2 * i + 1
    heap[i] = least
    heap[at] = here
    i = at
  }
}

/** All runs side by side, the least first. */
async function* merged<A>(
  all: ReadonlyArray<Lines>,
  { keyOf, fromLine }: SortOptions<A>,
): AsyncGenerator<E.Either<ScratchError, A>, void> {
  const heap: Array<Head<A>> = []
  for (const [rank, lines] of all.entries()) {
    const read = await lines.more()
    if (read !== undefined && E.isLeft(read)) {
      yield read
      return
    }
    const line = lines.next()
    if (line === undefined) continue
    const item = fromLine(line)
    heap.push({ lines, rank, item, key: keyOf(item) })
  }
  for (let i = Math.floor(heap.length / 2); i >= 0; i--) sink(heap, i)
  for (let least = heap[0]; least !== undefined; least = heap[0]) {
    yield E.right(least.item)
    const waiting = least.lines.more()
    const read = waiting === undefined ? undefined : await waiting
    if (read !== undefined && E.isLeft(read)) {
      yield read
      return
    }
    const line = least.lines.next()
    if (line === undefined) {
      const last = heap.pop()
      if (last !== undefined && last !== least) heap[0] = last
    } else {
      least.item = fromLine(line)
      least.key = keyOf(least.item)
    }
    sink(heap, 0)
  }
}

const inOrder = <A>(items: ReadonlyArray<A>, keyOf: (item: A) => string): ReadonlyArray<A> =>
  items
    .map((item) => ({ key: keyOf(item), item }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ item }) => item)

const linesIn =
  (file: TempFile, block: number) =>
  (run: Run): Lines =>
    file.lines(run, block)

/** Memory holds `limit` bytes, and while they are merged one block of each run. */
export const createSorter = <A>(options: SortOptions<A>): Sorter<A> => {
  const { keyOf, toLine, fromLine, limit = usual, folder } = options
  const mostHeld = Math.min(few, Math.floor(limit / 1024))
  const runs: Array<Run> = []
  let held: Array<A> = []
  let packed: LineBuffer | undefined
  let file: TempFile | undefined

  const spill = async (from: LineBuffer): Promise<E.Either<ScratchError, void>> => {
    const opened: E.Either<ScratchError, TempFile> = file === undefined ? await openTempFile(folder) : E.right(file)
    if (E.isLeft(opened)) return opened
    file = opened.right
    const written = await file.append(from.inOrder())
    from.clear()
    return E.map((run: Run) => {
      runs.push(run)
    })(written)
  }
  const pack = (into: LineBuffer, item: A): Promise<E.Either<ScratchError, void>> | undefined => {
    const [key, line] = [keyOf(item), toLine(item)]
    if (into.add(key, line)) return undefined
    return spill(into).then(
      E.map(() => {
        into.add(key, line)
      }),
    )
  }
  const packAll = async (into: LineBuffer, items: ReadonlyArray<A>): Promise<E.Either<ScratchError, void>> => {
    for (const item of items) {
      const packed = await pack(into, item)
      if (packed !== undefined && E.isLeft(packed)) return packed
    }
    return E.right(undefined)
  }
  return {
    add: (item) => {
      if (packed !== undefined) return pack(packed, item)
      held.push(item)
      if (held.length <= mostHeld) return undefined
      const all = held
      held = []
      packed = createLineBuffer(limit)
      return packAll(packed, all)
    },
    async *sorted() {
      if (packed === undefined) {
        for (const item of inOrder(held, keyOf)) yield E.right(item)
      } else if (file === undefined) {
        for (const line of packed.inOrder()) yield E.right(fromLine(line.toString('utf8', 0, line.length - 1)))
      } else {
        const rest = await spill(packed)
        packed.release()
        const block = Math.max(4 * 1024, Math.min(256 * 1024, Math.floor(blocks / runs.length)))
        if (E.isLeft(rest)) yield rest
        else yield* merged(runs.map(linesIn(file, block)), options)
      }
    },
    close: async () => {
      held = []
      packed?.release()
      const open = file
      file = undefined
      await open?.close()
    },
  }
}
