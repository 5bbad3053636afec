// stat, list, createDir and usage; and the lookups that say what exists at a path, or what exactly a 404 or a 409 is about.
import {
  ancestorsOf,
  root,
  type ConflictStrategy,
  type DirEntry,
  type DrivePath,
  type Entry,
  type Made,
  type Usage,
} from '@anydrive/core'
import {
  defined,
  nameConflict,
  notFound,
  wrongKind,
  type RequiredOperations,
  type RawResult,
  type OptionalOperations,
} from '@anydrive/core/adapter'
import { attempt, findingOfCreated, type Failure, type Finding, type Sent } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Smh } from './client'
import { answerIn, isMissing } from './errors'
import { callerTimes, directoryWord, known, toDirEntry, toPage, toPlaced, toSeen, toSize, type Seen } from './translate'
import type { CreatedDirectory, Text } from './wire'

/** The documents promise no `?info` of the root; a list proves the same. */
const look = (smh: Smh, path: DrivePath, signal: AbortSignal, space?: string): RawResult<Seen> =>
  path === root
    ? pipe(
        smh.api.list(root, { marker: undefined, limit: 1 }, signal, space),
        TE.mapLeft((fault) => (isMissing(fault) ? notFound({ ...answerIn(fault), what: 'space' }) : fault)),
        TE.map((): Seen => ({
          entry: { kind: 'directory', path: root, name: '' },
          created: undefined,
          modified: undefined,
        })),
      )
    : pipe(
        smh.api.info(path, signal, space),
        TE.flatMapEither((info) => toSeen(path, info)),
      )

/** Undefined where nothing exists. */
export const lookup = (smh: Smh, path: DrivePath, signal: AbortSignal, space?: string): RawResult<Seen | undefined> =>
  pipe(
    look(smh, path, signal, space),
    TE.orElse((fault): RawResult<Seen | undefined> => (isMissing(fault) ? TE.right(undefined) : TE.left(fault))),
  )

/** The nearest existing ancestor where that is a file: `WrongKind`, at its path. */
export const fileAmongParents = async (
  smh: Smh,
  path: DrivePath,
  signal: AbortSignal,
): Promise<Failure | undefined> => {
  for (const dir of [...ancestorsOf(path)].reverse()) {
    if (dir === root) return undefined
    const found = await lookup(smh, dir, signal)()
    if (E.isLeft(found) || found.right?.entry.kind === 'directory') return undefined
    if (found.right !== undefined) return wrongKind({ expected: 'directory', at: dir })
  }
  return undefined
}

/**
 * Says of a `NameConflict` what exists there. SMH says the same of a file among the parents. Where neither is found, the name is taken under
 * another spelling, in a library that ignores case or normalizes Unicode.
 */
export const withExisting =
  <A>(smh: Smh, path: DrivePath, signal: AbortSignal) =>
  (call: RawResult<A>): RawResult<A> =>
  async () => {
    const result = await call()
    if (E.isRight(result) || result.left._tag !== 'NameConflict' || result.left.existing !== undefined) return result
    const existing = await lookup(smh, path, signal)()
    if (E.isLeft(existing)) return result
    if (existing.right !== undefined)
      return E.left(nameConflict({ ...answerIn(result.left), existing: existing.right.entry }))
    return E.left((await fileAmongParents(smh, path, signal)) ?? result.left)
  }

/** For an operation on a directory: whether it is missing, or a file has its place, which SMH does not always tell apart. */
export const withKind =
  <A>(smh: Smh, path: DrivePath, signal: AbortSignal) =>
  (call: RawResult<A>): RawResult<A> =>
  async () => {
    const result = await call()
    if (E.isRight(result)) return result
    const fault = result.left
    if (!isMissing(fault) && (fault._tag !== 'WrongKind' || fault.code === undefined)) return result
    const found = await lookup(smh, path, signal)()
    if (E.isLeft(found)) return result
    if (found.right === undefined) return isMissing(fault) ? result : E.left(notFound({ what: 'source' }))
    return found.right.entry.kind === 'directory'
      ? result
      : E.left(wrongKind({ ...answerIn(fault), expected: 'directory' }))
  }

interface Content {
  readonly kind: Entry['kind']
  /** Whether what was found has the content of this call's file. */
  readonly isSame: boolean
  /** Times that the found entry may have from its source, in which case they prove nothing. */
  readonly times?: Pick<Seen, 'created' | 'modified'>
}

/**
 * What an entry under the requested name proves of placing a file there: ours if it has the content and is, by the service's own time, after
 * the request; of a replaced file the time of its modification counts, otherwise of its creation.
 */
export const findingOfContent = <A>(
  smh: Smh,
  { found, conflict, content, value }: { found: Seen; conflict: ConflictStrategy; content: Content; value: A },
  sent: Sent,
): Finding<A> => {
  const { kind, isSame, times } = content
  const { entry } = found
  const replaces = conflict === 'overwrite' && kind !== 'directory' && entry.kind !== 'directory'
  const [its, from] = replaces ? [found.modified, times?.modified] : [found.created, times?.created]
  const when = its?.getTime() === from?.getTime() ? 'unclear' : smh.clock.compare(its, sent.at)
  if (conflict === 'rename') return { is: 'unproven', found: entry, likely: when === 'after' ? 'done' : undefined }
  if (replaces && (when === 'before' || !isSame)) return { is: 'not-done' }
  if (when === 'before' || kind !== entry.kind) return { is: 'refused', fault: nameConflict({ existing: entry }) }
  if (when === 'after' && isSame) return { is: 'done', value }
  return { is: 'unproven', found: entry, likely: isSame || kind === 'directory' ? 'done' : undefined }
}

export const stat =
  (smh: Smh): RequiredOperations['stat'] =>
  (path, { signal }) =>
    pipe(
      look(smh, path, signal),
      TE.map(({ entry }) => entry),
    )

export const list =
  (smh: Smh): RequiredOperations['list'] =>
  (path, { cursor, limit }, { signal }) =>
    pipe(
      smh.api.list(path, { marker: cursor, limit }, signal),
      TE.map((contents) => toPage(path, contents)),
      withKind(smh, path, signal),
    )

export const createDir =
  (smh: Smh): RequiredOperations['createDir'] =>
  (path, { conflict, ...times }, { signal }) => {
    const strategy = directoryWord(conflict)
    const made = (created: CreatedDirectory = {}): E.Either<Failure, Made<DirEntry>> =>
      pipe(
        toPlaced(path, strategy, created.path),
        E.map(({ path: final, how }) => ({ ...toDirEntry(final, { ...callerTimes(times), ...known(created) }), how })),
      )
    return pipe(
      attempt<Made<DirEntry>, Seen | undefined>({
        ...smh.how(signal),
        send: () => pipe(smh.api.createDirectory(path, strategy, callerTimes(times), signal), TE.flatMapEither(made)),
        repeat: strategy === 'rename' ? 'never' : 'if-not-done',
        lookup: (its) => lookup(smh, path, its),
        proof: (found, sent): Finding<Made<DirEntry>> => {
          if (found === undefined) return { is: 'not-done' }
          const { entry, created } = found
          if (strategy === 'rename')
            return {
              is: 'unproven',
              found: entry,
              likely: smh.clock.compare(created, sent.at) === 'after' ? 'done' : undefined,
            }
          return entry.kind === 'directory'
            ? findingOfCreated(smh.clock, { found: entry, created, value: { ...entry, how: 'as-asked' } }, sent)
            : { is: 'refused', fault: nameConflict({ existing: entry }) }
        },
        check: `/${path}, and names like it beside it`,
      }),
      withExisting(smh, path, signal),
    )
  }

const usageOf = (size: Text | null | undefined, capacity: Text | null | undefined): Usage =>
  defined({ used: toSize(size), capacity: toSize(capacity) })

/** Only administrators see the quota; everybody sees the size of the space. */
export const usage =
  (smh: Smh): OptionalOperations['usage'] =>
  ({ signal }) =>
    pipe(
      smh.api.usage(signal),
      TE.map((spaces) => {
        const own = spaces.find(({ spaceId }) => spaceId === (smh.settings.spaceId ?? '-')) ?? spaces[0]
        return usageOf(own?.size, own?.capacity)
      }),
      TE.orElse((fault): RawResult<Usage> =>
        fault._tag === 'Forbidden'
          ? pipe(
              smh.api.spaceSize(signal),
              TE.map(({ size }) => usageOf(size, undefined)),
            )
          : TE.left(fault),
      ),
    )
