// What is missing under one name and extra under another: files of one size and checksum.
import type { Capabilities, DrivePath, Entry, FileEntry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Comparison } from './comparison'
import { entryOf } from './entry-lines'
import { createSorter, type Scratch, type Sorter } from './external-sort'
import { algorithms, sameFile } from './proof'
import type { ScratchError } from './temp-file'

/** A file that has no counterpart under its own path. */
interface Lost {
  readonly key: string
  readonly path: DrivePath
  readonly entry: FileEntry
}
type Told = Extract<Comparison, { readonly status: 'missing' | 'extra' | 'renamed' }>
type Failing<A> = E.Either<ScratchError, A>

const lostLines = {
  keyOf: ({ key }: Lost) => key,
  toLine: (lost: Lost) => JSON.stringify(lost),
  fromLine: (line: string): Lost => {
    const { key, path, entry } = JSON.parse(line) as Lost
    return { key, path, entry: entryOf(entry) as FileEntry }
  },
}
const toldLines = {
  keyOf: ({ path }: Told) => path,
  toLine: (told: Told) => JSON.stringify(told),
  fromLine: (line: string): Told => {
    const told = JSON.parse(line) as Told & { readonly a?: unknown; readonly b?: unknown }
    const entries: { a?: Entry; b?: Entry } = {}
    if (told.a !== undefined) entries.a = entryOf(told.a)
    if (told.b !== undefined) entries.b = entryOf(told.b)
    return { ...told, ...entries }
  },
}

/** The strongest that both drives report. */
const keyFor = (a: Capabilities, b: Capabilities) => {
  const common = algorithms.filter((x) => a.checksums.given.includes(x) && b.checksums.given.includes(x))
  return (entry: Entry): string | undefined => {
    if (entry.kind !== 'file' || entry.size === 0) return undefined
    const algorithm = common.find((x) => entry.checksums[x] !== undefined)
    return algorithm === undefined ? undefined : `${algorithm} ${entry.checksums[algorithm] ?? ''} ${entry.size}`
  }
}

/** The next of one side; told apart from its end. */
const nextOf = async (all: AsyncGenerator<Failing<Lost>, void>): Promise<Failing<Lost | undefined>> => {
  const next = await all.next()
  return next.done === true ? E.right(undefined) : next.value
}

const toldOf = (a: Lost | undefined, b: Lost | undefined): Told | undefined => {
  if (a === undefined) return b === undefined ? undefined : { status: 'extra', path: b.path, b: b.entry }
  if (b === undefined || a.key < b.key) return { status: 'missing', path: a.path, a: a.entry }
  const by = a.key === b.key ? sameFile(a.entry, b.entry) : undefined
  if (by === undefined || by === 'size') return { status: 'extra', path: b.path, b: b.entry }
  return { status: 'renamed', path: a.path, to: b.path, a: a.entry, b: b.entry, by }
}

/** Those of one key meet in the order of their paths; what is left over keeps its status. */
async function* matched(missing: Sorter<Lost>, extra: Sorter<Lost>): AsyncGenerator<Failing<Told>, void> {
  const [left, right] = [missing.sorted(), extra.sorted()]
  try {
    let [x, y] = await Promise.all([nextOf(left), nextOf(right)])
    for (;;) {
      if (E.isLeft(x)) yield x
      if (E.isLeft(y)) yield y
      if (E.isLeft(x) || E.isLeft(y)) return
      const told = toldOf(x.right, y.right)
      if (told === undefined) return
      yield E.right(told)
      if (told.status !== 'extra') x = await nextOf(left)
      if (told.status !== 'missing') y = await nextOf(right)
    }
  } finally {
    await Promise.all([left.return(), right.return()])
  }
}

export interface Renames {
  /** False: it is to be told at once. Undefined: it was taken, and there is nothing to wait for. */
  readonly take: (one: Comparison) => false | undefined | Promise<Failing<void>>
  /** What was taken, in the order of paths. */
  readonly told: () => AsyncGenerator<Failing<Told>, void>
  /** In every case, at the end. */
  readonly close: () => Promise<void>
}

/** Takes files that are missing or extra, which can be told only once all are known; memory holds `limit` of each. */
export const createRenames = (a: Capabilities, b: Capabilities, scratch: Scratch): Renames => {
  const missing = createSorter<Lost>({ ...scratch, ...lostLines })
  const extra = createSorter<Lost>({ ...scratch, ...lostLines })
  const all = createSorter<Told>({ ...scratch, ...toldLines })
  const keyOf = keyFor(a, b)
  const add = (sorter: Sorter<Lost>, path: DrivePath, entry: Entry) => {
    const key = keyOf(entry)
    return key === undefined || entry.kind !== 'file' ? false : sorter.add({ key, path, entry })
  }
  return {
    take: (one) => {
      if (one.status === 'missing') return add(missing, one.path, one.a)
      return one.status === 'extra' ? add(extra, one.path, one.b) : false
    },
    async *told() {
      for await (const told of matched(missing, extra)) {
        const added = E.isLeft(told) ? told : await all.add(told.right)
        if (added !== undefined && E.isLeft(added)) {
          yield added
          return
        }
      }
      yield* all.sorted()
    },
    close: async () => {
      await Promise.all([missing.close(), extra.close(), all.close()])
    },
  }
}
