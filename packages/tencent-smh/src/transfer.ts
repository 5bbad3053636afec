// batchMove, batchCopy and copyDir; what a lookup proves of them; and replacing a file by renames where SMH refuses to.
import {
  defined,
  nameConflict,
  notFound,
  wrongKind,
  type Answered,
  type Call,
  type DrivePath,
  type Entry,
  type Fault,
  type Optional,
  type Placed,
  type RawOutcome,
  type Started,
} from '@anydrive/core'
import {
  attempt,
  attemptItems,
  mapLimit,
  replaceFile,
  temporaryFor,
  uniqueTemporary,
  type Failure,
  type Finding,
  type Outcomes,
  type Repeat,
  type Sent,
} from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Smh } from './client'
import { lookup, orWrongKind, withExisting } from './entries'
import {
  acceptedUnnamed,
  checkItem,
  copyDirTask,
  lookups,
  namedExactly,
  placedOutcomes,
  placingTask,
  type SmhItem,
  type SmhPlaced,
} from './outcomes'
import { discard } from './remove'
import { bounds } from './settings'
import { directoryWord, fileWord, taskIdOf, toPage, toPlaced, type Seen } from './translate'
import type { BatchAnswer, CopyRequestItem, MoveRequestItem, PlacedOrTask } from './wire'

/** Both ends of a move or copy. */
interface Ends {
  readonly source: Seen | undefined
  readonly target: Seen | undefined
}
type Transfer = Pick<SmhItem, 'from' | 'to' | 'conflict' | 'fromSpace'>
type Proof<A> = (item: Transfer, ends: Ends, sent: Sent) => Finding<A> | Promise<Finding<A>>

/** How SMH is to be addressed: it wants no `fromSpaceId` within one space. */
const spaceOf = (smh: Smh, { fromSpace }: Transfer): string | undefined =>
  fromSpace === (smh.settings.spaceId ?? '-') ? undefined : fromSpace

/** The source first: what has left it by then is at the target when that is looked up. */
export const lookupEnds = (smh: Smh, item: Transfer, signal: AbortSignal): Answered<Ends> =>
  pipe(
    TE.Do,
    TE.bind('source', () => lookup(smh, item.from, signal, spaceOf(smh, item))),
    TE.bind('target', () => lookup(smh, item.to, signal)),
  )

export const repeatOf = ({ conflict }: Transfer): Repeat => (conflict === 'rename' ? 'never' : 'if-not-done')

const doneAt = (to: DrivePath): Finding<Placed> => ({ is: 'done', value: { path: to, how: 'as-asked' } })
const refused = (fault: Fault): Finding<never> => ({ is: 'refused', fault })
const isTaken = ({ entry }: Seen): Finding<never> => refused(nameConflict({ existing: entry }))

/** Of the entries that this call has seen at the sources of its items: their inodes, which a move keeps. */
type Identities = Map<Transfer, string>

/** A move is proved by the inode that was seen at the source. */
export const moveProof =
  (identities: Identities = new Map()): Proof<Placed> =>
  (item, { source, target }) => {
    const { to, conflict } = item
    const its = identities.get(item) ?? source?.entry.id
    if (target !== undefined && its !== undefined && target.entry.id === its) return doneAt(to)
    if (source === undefined) {
      if (target !== undefined) return { is: 'unproven', found: target.entry, likely: 'done' }
      const wentElsewhere = conflict === 'rename' || identities.has(item)
      return wentElsewhere ? { is: 'unproven', likely: 'done' } : refused(notFound({ what: 'source' }))
    }
    if (source.entry.id !== undefined) identities.set(item, source.entry.id)
    if (target === undefined || conflict === 'rename') return { is: 'not-done' }
    const replaces = conflict === 'overwrite' && source.entry.kind !== 'directory' && target.entry.kind !== 'directory'
    if (replaces) return { is: 'not-done' }
    // Without ids the target may be what was at the source a moment ago.
    return its === undefined || target.entry.id === undefined
      ? { is: 'unproven', found: target.entry, likely: 'not-done' }
      : isTaken(target)
  }

/** The requests that a comparison of two trees may cost. */
const budget = 64

const sameContent = (a: Entry, b: Entry): boolean =>
  a.kind === 'file' &&
  b.kind === 'file' &&
  a.size === b.size &&
  a.checksums.crc64xz !== undefined &&
  a.checksums.crc64xz === b.checksums.crc64xz

/** Whether two entries have the same content, with all that is below them; undefined where that could not be found out. */
const compareTrees = (smh: Smh, space: string | undefined, signal: AbortSignal) => {
  let spent = 0
  const childrenOf = async (dir: DrivePath, its?: string): Promise<ReadonlyMap<string, Entry> | undefined> => {
    const children = new Map<string, Entry>()
    let marker: string | undefined
    do {
      if (++spent > budget) return undefined
      const contents = await smh.api.list(dir, { marker, limit: bounds.page }, signal, its)()
      if (E.isLeft(contents)) return undefined
      const page = toPage(dir, contents.right)
      for (const entry of page.items) children.set(entry.name, entry)
      marker = page.next
    } while (marker !== undefined)
    return children
  }
  const compare = async (a: Entry, b: Entry): Promise<boolean | undefined> => {
    if (a.kind !== 'directory' || b.kind !== 'directory') return sameContent(a, b)
    const from = await childrenOf(a.path, space)
    const to = await childrenOf(b.path)
    if (from === undefined || to === undefined) return undefined
    if (from.size !== to.size) return false
    for (const [name, entry] of from) {
      const counterpart = to.get(name)
      const same = counterpart === undefined ? false : await compare(entry, counterpart)
      if (same !== true) return same
    }
    return true
  }
  return compare
}

/**
 * A copy is proved by the service's own time of the target, which is not before the request, and by its whole content: of a new entry its
 * creation, of a replaced file its modification. A time that the target has from its source proves nothing.
 */
export const copyProof =
  (smh: Smh, signal: AbortSignal): Proof<Placed> =>
  async (item, { source, target }, sent) => {
    if (target === undefined) return source === undefined ? refused(notFound({ what: 'source' })) : { is: 'not-done' }
    const found = target.entry
    if (source === undefined) return { is: 'unproven', found }
    const replaces = item.conflict === 'overwrite' && source.entry.kind !== 'directory' && found.kind !== 'directory'
    const [its, from] = replaces ? [target.modified, source.modified] : [target.created, source.created]
    const when = its?.getTime() === from?.getTime() ? 'unclear' : smh.clock.compare(its, sent.at)
    if (item.conflict === 'rename') return { is: 'unproven', found, likely: when === 'after' ? 'done' : undefined }
    if (source.entry.kind !== found.kind) return isTaken(target)
    if (when === 'before') return replaces ? { is: 'not-done' } : isTaken(target)
    if (replaces && !sameContent(source.entry, found)) return { is: 'not-done' }
    if (when !== 'after') return { is: 'unproven', found, likely: 'done' }
    const same = await compareTrees(smh, spaceOf(smh, item), signal)(source.entry, found)
    return same === true ? doneAt(item.to) : { is: 'unproven', found, likely: same === undefined ? 'done' : undefined }
  }

interface Placing {
  readonly operation: 'batchMove' | 'batchCopy'
  readonly send: (items: ReadonlyArray<SmhItem>, signal: AbortSignal) => Answered<BatchAnswer & { started: boolean }>
  readonly proof: Proof<Placed>
}

const placing =
  (smh: Smh, { operation, send, proof }: Placing, items: ReadonlyArray<SmhItem>, { signal }: Call) =>
  async (): Promise<E.Either<Failure, Outcomes<SmhPlaced> | Started>> => {
    const check = 'source and target of each item'
    const started = (answer: BatchAnswer, sent: Sent): E.Either<Failure, Outcomes<SmhPlaced> | Started> => {
      if (answer.result !== undefined) return E.right(placedOutcomes(items, answer.result))
      const task = taskIdOf(answer)
      return task === undefined ? E.left(acceptedUnnamed(check)) : E.right({ state: placingTask(task, items, sent) })
    }
    const result = await attemptItems<SmhItem, SmhPlaced, Ends>({
      ...smh.how(signal),
      items,
      send: (sent) =>
        pipe(
          send(items, signal),
          TE.flatMapEither((answer) => started(answer, sent)),
        ),
      repeat: repeatOf,
      lookup: (item, its) => lookupEnds(smh, item, its),
      proof,
      check,
      checkItem,
      lookups,
    })()
    if (E.isLeft(result) || 'state' in result.right) return result
    const outcomes = await namedExactly(smh, items, result.right, signal)
    if (operation === 'batchCopy') return E.right(outcomes)
    return E.right(
      await mapLimit(outcomes, 1, async (outcome, i) => {
        const item = items[i]
        return item !== undefined && isForbiddenByHistory(smh, item, outcome)
          ? replaceByRenames(smh, item, signal)
          : outcome
      }),
    )
  }

export const batchMove =
  (smh: Smh): Optional['batchMove'] =>
  (items, call) =>
    placing(
      smh,
      {
        operation: 'batchMove',
        send: (its, signal) => smh.api.batchMove(its.map(moveItem(smh)), signal),
        proof: moveProof(),
      },
      items,
      call,
    )

export const batchCopy =
  (smh: Smh): Optional['batchCopy'] =>
  (items, call) =>
    placing(
      smh,
      {
        operation: 'batchCopy',
        send: (its, signal) => smh.api.batchCopy(its.map(copyItem(smh)), signal),
        proof: copyProof(smh, call.signal),
      },
      items,
      call,
    )

const moveItem =
  (smh: Smh) =>
  (item: SmhItem): MoveRequestItem => ({
    from: item.from,
    to: item.to,
    ...defined({ fromSpaceId: spaceOf(smh, item) }),
    conflictResolutionStrategy: fileWord(item.conflict),
    ...(typeof item.moveAuthority === 'boolean' ? { moveAuthority: item.moveAuthority } : {}),
  })

const copyItem =
  (smh: Smh) =>
  (item: SmhItem): CopyRequestItem => ({
    copyFrom: item.from,
    to: item.to,
    ...defined({ copyFromSpaceId: spaceOf(smh, item) }),
    conflictResolutionStrategy: fileWord(item.conflict),
  })

export const copyDir =
  (smh: Smh): Optional['copyDir'] =>
  (from, to, conflict, { signal }) => {
    const strategy = directoryWord(conflict)
    const item: Transfer = { from, to, conflict: strategy }
    const check = checkItem(item)
    const answered = (answer: PlacedOrTask & { started: boolean }, sent: Sent): E.Either<Failure, Placed | Started> => {
      const task = taskIdOf(answer)
      if (task !== undefined) return E.right({ state: copyDirTask(task, item, sent) })
      return answer.started ? E.left(acceptedUnnamed(check)) : toPlaced(to, strategy, answer.path)
    }
    return pipe(
      attempt<Placed | Started, Ends>({
        ...smh.how(signal),
        send: (sent) =>
          pipe(
            smh.api.copyDirectory(from, to, strategy, signal),
            TE.flatMapEither((answer) => answered(answer, sent)),
          ),
        repeat: repeatOf(item),
        lookup: (its) => lookupEnds(smh, item, its),
        proof: (ends, sent) => copyProof(smh, signal)(item, ends, sent),
        check,
      }),
      withExisting(smh, to, signal),
      orWrongKind(smh, from, signal),
      orMissingSource(smh, from, signal),
    )
  }

/** SMH says of a missing source, too, that it is no directory. */
const orMissingSource =
  <A>(smh: Smh, from: DrivePath, signal: AbortSignal) =>
  (call: Answered<A>): Answered<A> =>
  async () => {
    const result = await call()
    if (E.isRight(result) || result.left._tag !== 'WrongKind' || result.left.code === undefined) return result
    const found = await lookup(smh, from, signal)()
    if (E.isLeft(found)) return result
    return E.left(found.right === undefined ? notFound({ what: 'source' }) : wrongKind({ expected: 'directory' }))
  }

// Replacing by renames

/** SMH does not move over a file that has history (docs/wire/tencent-smh.md, strategies). */
const isForbiddenByHistory = (smh: Smh, item: SmhItem, outcome: RawOutcome<SmhPlaced>): boolean =>
  outcome.status === 'failed' && outcome.fault.code === 'OverwriteFileNotAllowed' && spaceOf(smh, item) === undefined

/** A rename of the file with this inode, where that is known, onto a free name. */
const rename = (smh: Smh, inode: string | undefined, from: DrivePath, to: DrivePath, signal: AbortSignal) => {
  const item: Transfer = { from, to, conflict: 'ask' }
  const proof = moveProof(new Map(inode === undefined ? [] : [[item, inode]]))
  return attempt<unknown, Ends>({
    ...smh.how(signal),
    send: () => smh.api.moveFile(from, to, signal),
    repeat: 'if-not-done',
    lookup: (its) => lookupEnds(smh, item, its),
    proof: (ends, sent) => proof(item, ends, sent),
    check: checkItem(item),
  })
}

/** The file at `incoming` takes the target's name; the old file goes to the bin. `inode` is that of the incoming file, where known. */
export const replaceWith = (
  smh: Smh,
  incoming: { readonly path: DrivePath; readonly inode: string | undefined },
  target: DrivePath,
  signal: AbortSignal,
): Answered<Placed> =>
  replaceFile<string | undefined>(
    {
      existing: (its) =>
        pipe(
          lookup(smh, target, its),
          TE.map((found) => (found === undefined ? undefined : { handle: found.entry.id, entry: found.entry })),
        ),
      rename: (inode, from, to, its) => rename(smh, inode, from, to, its),
      remove: (_, path, its) => discard(smh, path, its),
    },
    {
      incoming: { handle: incoming.inode, path: incoming.path },
      target,
      temporaryNames: [temporaryFor(target, 'old', bounds.name), uniqueTemporary(target, bounds.name)],
      signal,
    },
  )

const replaceByRenames = async (
  smh: Smh,
  { from, to }: SmhItem,
  signal: AbortSignal,
): Promise<RawOutcome<SmhPlaced>> => {
  const replaced = await replaceWith(smh, { path: from, inode: undefined }, to, signal)()
  return E.isRight(replaced)
    ? { status: 'done', ...replaced.right }
    : { status: 'failed', attempted: true, fault: replaced.left }
}
