// Words that laws share: sources, outcomes, and what one item came to.
import {
  copy,
  move,
  nameOf,
  parentOf,
  requires,
  walk,
  type BatchOutcome,
  type BatchSettled,
  type ConflictStrategy,
  type Cursor,
  type DriveError,
  type DriveProvider,
  type Feature,
  type OptionalVerb,
  type Page,
  type Placed,
  type Result,
  type UploadSource,
  type VerbsFor,
} from '@anydrive/core'
import { isTemporary } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { Readable } from 'node:stream'
import { Violation, type Harness, type Law } from './law'

export const strategies: ReadonlyArray<ConflictStrategy> = ['ask', 'rename', 'overwrite']

/** Outcomes as short words: `done`, or the tag of the error. */
export const words = (batch: BatchSettled<unknown, unknown>): ReadonlyArray<string> =>
  batch.outcomes.map((o) => (o.status === 'done' ? 'done' : o.error._tag))

export const isBatch = (answer: unknown): answer is BatchSettled<unknown, unknown> =>
  typeof answer === 'object' && answer !== null && 'outcomes' in answer

export const only = <I, A>(batch: BatchSettled<I, A>): BatchOutcome<I, A> => {
  const [outcome, ...more] = batch.outcomes
  if (outcome === undefined || more.length > 0)
    throw new Violation(`one outcome was promised, got ${batch.outcomes.length}`)
  return outcome
}

export const failureOf = <I, A>(outcome: BatchOutcome<I, A> | undefined): DriveError => {
  if (outcome?.status !== 'failed')
    throw new Violation(`a failed outcome was promised, got ${outcome?.status ?? 'none'}`)
  return outcome.error
}

/** A source that declares `size` bytes and yields these chunks, then fails if an error is given. */
export const yielding = (size: number, chunks: ReadonlyArray<string>, error?: Error): UploadSource => ({
  size,
  open: () =>
    TE.right(
      Readable.from(
        (function* () {
          for (const chunk of chunks) yield Buffer.from(chunk)
          if (error !== undefined) throw error
        })(),
        { objectMode: false },
      ),
    ),
})

// A global is looked up through the sandbox of a test runner each time.
const { imul } = Math

/** Pseudo-random bytes: the same for the same size. */
export const patternBytes = (size: number): Uint8Array => {
  const bytes = new Uint8Array(size)
  let state = 0x9e3779b9 ^ size
  for (let i = 0; i < size; i++) {
    state = (imul(state ^ (state >>> 15), 0x2c1b3c6d) + i) | 0
    bytes[i] = state >>> 24
  }
  return bytes
}

/** What the n-th step of a program writes: all of one size, so that only the bytes tell them apart. */
export const contentOf = (n: number): string => `written by step ${String(n).padStart(6, '0')}`

/** The checksums of the text `hello`. */
export const ofHello = {
  crc64xz: '9b1edae5dbb937b1',
  md5: '5d41402abc4b2a76b9719d911017c592',
  sha1: 'aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d',
  sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
}

/** No temporary name of a composed operation is left in the law's folder. */
export const checkNothingLeft = async ({ drive, root, same }: Harness): Promise<void> => {
  const left: Array<string> = []
  for await (const one of walk(drive, root, { temporaries: 'show' }))
    if (E.isRight(one) && isTemporary(one.right.name)) left.push(one.right.path)
  same(left, [], 'temporaries left behind')
}

/** A renamed entry stands beside what held the name. */
export const checkRenamed = (harness: Harness, placed: Placed, asked: Placed['path']): void => {
  harness.same(placed.how, 'renamed', 'how')
  harness.holds(placed.path !== asked, `another name was promised than ${nameOf(asked)}`)
  harness.same(parentOf(placed.path), parentOf(asked), 'the parent of the renamed entry')
}

export const placing = {
  move: (harness: Harness, from: string, to: string, conflict: ConflictStrategy) =>
    move(harness.drive, harness.at(from), harness.at(to), { conflict }),
  copy: (harness: Harness, from: string, to: string, conflict: ConflictStrategy) =>
    copy(harness.drive, harness.at(from), harness.at(to), { conflict }),
  copyDir: (harness: Harness, from: string, to: string, conflict: ConflictStrategy) =>
    harness.drive.copyDir(harness.at(from), harness.at(to), { conflict }),
} as const

/** At most `width` at a time. */
export const inParallel = async <A>(
  items: ReadonlyArray<A>,
  width: number,
  run: (item: A) => Promise<void>,
): Promise<void> => {
  const queue = items.values()
  const worker = async () => {
    for (const item of queue) await run(item)
  }
  await Promise.all(Array.from({ length: width }, worker))
}

/** The drive with the optional verbs that the law's needs name. */
export const withVerbs = <const F extends Feature>(
  drive: DriveProvider,
  ...features: ReadonlyArray<F>
): DriveProvider & VerbsFor<F> => {
  const able = requires(...features)(drive)
  if (E.isLeft(able)) throw new Violation(able.left.message)
  return able.right
}

/** Every item of every page; a cursor that is given twice ends it. */
export const everyItem = async <A>(fetch: (cursor: Cursor | undefined) => Promise<Page<A>>): Promise<Array<A>> => {
  const all: Array<A> = []
  const cursors = new Set<Cursor>()
  for (let cursor: Cursor | undefined; ;) {
    const page = await fetch(cursor)
    all.push(...page.items)
    if (page.next === undefined) return all
    if (cursors.has(page.next)) throw new Violation('another cursor was promised, got one a second time')
    cursors.add(page.next)
    cursor = page.next
  }
}

/** A verb that is not declared is refused, if the drive has it at all. */
export const refused =
  (verb: OptionalVerb, ...args: ReadonlyArray<unknown>): Law['check'] =>
  async ({ drive, left, same }) => {
    const own = (drive as Partial<Record<OptionalVerb, (...args: ReadonlyArray<unknown>) => Result<unknown>>>)[verb]
    if (own === undefined) return
    const { feature } = await left(own(...args), 'Unsupported')
    same(feature, `operations.${verb}`, 'the feature')
  }
