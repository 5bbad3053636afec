// batchMove, batchCopy and copyDir; what a lookup proves of them; and replacing a file by renames where SMH refuses to.
import type { DrivePath, Entry, Fault, Placed } from '@anydrive/core'
import {
  defined,
  nameConflict,
  notFound,
  type RawResult,
  type OptionalOperations,
  type RawOutcome,
  type Started,
} from '@anydrive/core/adapter'
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
import { findingOfContent, lookup, withExisting, withKind } from './entries'
import {
  checkItem,
  failed,
  itemOf,
  lookups,
  namedExactly,
  placedOutcomes,
  startedTask,
  type SmhItem,
  type SmhPlaced,
} from './outcomes'
import { discard } from './remove'
import { bounds } from './settings'
import { directoryWord, fileWord, taskIdOf, toPlaced, type Seen } from './translate'
import type { CopyRequestItem, MoveRequestItem } from './wire'

/** Both ends of a move or copy. */
interface Ends {
  readonly source: Seen | undefined
  readonly target: Seen | undefined
}
type Transfer = Pick<SmhItem, 'from' | 'to' | 'conflict' | 'fromSpace'>
type Proof = (item: Transfer, ends: Ends, sent: Sent) => Finding<Placed>

/** The source first: what has left it by then is at the target when that is looked up. */
export const lookupEnds = (smh: Smh, item: Transfer, signal: AbortSignal): RawResult<Ends> =>
  pipe(
    TE.Do,
    TE.bind('source', () => lookup(smh, item.from, signal, item.fromSpace)),
    TE.bind('target', () => lookup(smh, item.to, signal)),
  )

const repeatOf = ({ conflict }: Transfer): Repeat => (conflict === 'rename' ? 'never' : 'if-not-done')

const doneAt = (to: DrivePath): Finding<Placed> => ({ is: 'done', value: { path: to, how: 'as-asked' } })
const refused = (fault: Fault): Finding<never> => ({ is: 'refused', fault })
const isTaken = ({ entry }: Seen): Finding<never> => refused(nameConflict({ existing: entry }))

/** Of the entries that this call has seen at the sources of its items: their inodes, which a move keeps. */
type Identities = Map<Transfer, string>

/** A move is proved by the inode that was seen at the source. */
export const moveProof =
  (identities: Identities = new Map()): Proof =>
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

const sameContent = (a: Entry, b: Entry): boolean =>
  a.kind === 'file' &&
  b.kind === 'file' &&
  a.size === b.size &&
  a.checksums.crc64xz !== undefined &&
  a.checksums.crc64xz === b.checksums.crc64xz

/** A time that the target has from its source proves nothing; and of a directory, a copy may still be at work. */
export const copyProof =
  (smh: Smh): Proof =>
  (item, { source, target }, sent) => {
    if (target === undefined) return source === undefined ? refused(notFound({ what: 'source' })) : { is: 'not-done' }
    if (source === undefined) return { is: 'unproven', found: target.entry }
    const content = { kind: source.entry.kind, isSame: sameContent(source.entry, target.entry), times: source }
    const value: Placed = { path: item.to, how: 'as-asked' }
    return findingOfContent(smh, { found: target, conflict: item.conflict, content, value }, sent)
  }

const batch =
  (smh: Smh, operation: 'batchMove' | 'batchCopy'): OptionalOperations['batchMove'] =>
  (items: ReadonlyArray<SmhItem>, { signal }) =>
  async () => {
    const check = 'source and target of each item'
    const result = await attemptItems<SmhItem, SmhPlaced, Ends>({
      ...smh.how(signal),
      items,
      send: (sent) =>
        pipe(
          operation === 'batchMove'
            ? smh.api.batch('move', items.map(moveItem), signal)
            : smh.api.batch('copy', items.map(copyItem), signal),
          TE.flatMapEither((answer): E.Either<Failure, Outcomes<SmhPlaced> | Started> =>
            answer.result === undefined
              ? startedTask(answer, { items: items.map(itemOf) }, sent, check)
              : E.right(placedOutcomes(items, answer.result)),
          ),
        ),
      repeat: repeatOf,
      lookup: (item, its) => lookupEnds(smh, item, its),
      proof: operation === 'batchMove' ? moveProof() : copyProof(smh),
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
        return item !== undefined && isForbiddenByHistory(item, outcome) ? replaceByRenames(smh, item, signal) : outcome
      }),
    )
  }

export const batchMove = (smh: Smh): OptionalOperations['batchMove'] => batch(smh, 'batchMove')
export const batchCopy = (smh: Smh): OptionalOperations['batchCopy'] => batch(smh, 'batchCopy')

const moveItem = ({ from, to, fromSpace, conflict, moveAuthority }: SmhItem): MoveRequestItem => ({
  from,
  to,
  ...defined({ fromSpaceId: fromSpace }),
  conflictResolutionStrategy: fileWord(conflict),
  ...defined({ moveAuthority: typeof moveAuthority === 'boolean' ? moveAuthority : undefined }),
})
const copyItem = ({ from: copyFrom, to, fromSpace, conflict }: SmhItem): CopyRequestItem => ({
  copyFrom,
  to,
  ...defined({ copyFromSpaceId: fromSpace }),
  conflictResolutionStrategy: fileWord(conflict),
})

export const copyDir =
  (smh: Smh): OptionalOperations['copyDir'] =>
  (from, to, conflict, { signal }) => {
    const strategy = directoryWord(conflict)
    const item: Transfer = { from, to, conflict: strategy }
    const check = checkItem(item)
    return pipe(
      attempt<Placed | Started, Ends>({
        ...smh.how(signal),
        send: (sent) =>
          pipe(
            smh.api.copyDirectory(from, to, strategy, signal),
            TE.flatMapEither((answer): E.Either<Failure, Placed | Started> =>
              answer.started === true || taskIdOf(answer) !== undefined
                ? startedTask(answer, { items: [itemOf(item)] }, sent, check)
                : toPlaced(to, strategy, answer.path),
            ),
          ),
        repeat: repeatOf(item),
        lookup: (its) => lookupEnds(smh, item, its),
        proof: (ends, sent) => copyProof(smh)(item, ends, sent),
        check,
      }),
      withExisting(smh, to, signal),
      withKind(smh, from, signal),
    )
  }

// Replacing by renames

/** SMH does not move over a file that has history (docs/wire/tencent-smh.md, strategies). */
const isForbiddenByHistory = ({ fromSpace }: SmhItem, outcome: RawOutcome<SmhPlaced>): boolean =>
  outcome.status === 'failed' && outcome.fault.code === 'OverwriteFileNotAllowed' && fromSpace === undefined

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
): RawResult<Placed> =>
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
  return E.isRight(replaced) ? { status: 'done', ...replaced.right } : failed(replaced.left)
}
