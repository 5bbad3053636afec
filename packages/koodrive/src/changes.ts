// Single changes, each sure of its own effect: a folder made, a name changed, things removed.
import {
  nameConflict,
  taskFailed,
  temporaryName,
  type Answered,
  type DrivePath,
  type Entry,
  type Fault,
  type TemporaryUse,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { createHash } from 'node:crypto'
import { at, heldByUpload, inDoubt, isUnknown, lookedFor, type Bad, type Context } from './context'
import type { Node } from './ids'
import type { ItemOutcome, ItemOutcomes } from './jobs'
import { codes, isGone } from './translate'

type Mode = 2 | 3

/** What a clash means: the entry that has the name, or an upload that nobody sees. */
export const clashIn = async (
  { ids }: Context,
  folder: Node,
  place: { readonly name: string; readonly fault: Bad },
  signal: AbortSignal,
): Promise<Bad> => {
  const looked = await ids.children(folder, signal)()
  if (E.isLeft(looked)) return looked.left
  const folded = place.name.normalize('NFC').toLowerCase()
  const existing =
    looked.right.find(({ name }) => name === place.name) ??
    looked.right.find(({ name }) => name.normalize('NFC').toLowerCase() === folded)
  if (existing === undefined) return heldByUpload(place.fault)
  const { code, http } = place.fault
  return nameConflict({
    existing,
    ...(code === undefined ? {} : { code }),
    ...(http === undefined ? {} : { http }),
  })
}

export interface NewFolder {
  readonly path: DrivePath
  readonly name: string
  readonly mode: Mode
  readonly createdTime?: string | undefined
}

/**
 * One folder, answered with its final name. After a lost answer a folder of the name that was not known before counts as
 * ours; under mode 2 nobody could tell, which is `Indeterminate`. A clash is a bare `NameConflict`.
 */
export const makeFolder = (
  { api, cache, ids, clock }: Context,
  folder: Node,
  wanted: NewFolder,
  signal: AbortSignal,
): Answered<{ readonly id: string; readonly fileName: string }> => {
  const { path, name, mode, createdTime } = wanted
  const before = cache.get(path)?.id
  const { id: parent } = folder
  const times = createdTime === undefined ? {} : { createdTime }
  return lookedFor<{ readonly id: string; readonly fileName: string }>(clock, {
    call: api.createDirectory({ parent, fileName: name, renameMode: mode, ...times }, signal),
    look: async () => {
      if (mode === 2) return E.right('unknown' as const)
      cache.changed()
      const entry = await ids.look(folder, name, signal)()
      return E.map((found: Entry | undefined) => {
        const isOurs = found?.kind === 'directory' && found.id !== undefined && found.id !== before
        return isOurs ? { id: found.id ?? '', fileName: name } : ('absent' as const)
      })(entry)
    },
    check: at(path),
    signal,
  })
}

export interface NewName {
  /** Where it is now. */
  readonly path: DrivePath
  readonly from: string
  readonly to: string
  readonly mode: Mode
}

/** The final name. Whether a lost answer was a success, the details tell; a clash is a bare `NameConflict`. */
export const rename = ({ api, clock }: Context, id: string, name: NewName, signal: AbortSignal): Answered<string> => {
  const { path, from, to, mode } = name
  const nameNow = async (): Promise<E.Either<Bad, string>> =>
    E.map(({ fileName }: { readonly fileName: string }) => fileName)(await api.detail(id, signal)())
  return async () => {
    const renamed = await lookedFor<{ readonly name?: string }>(clock, {
      call: api.rename({ fileId: id, name: to, renameMode: mode }, signal),
      look: async () =>
        E.map((now: string) => {
          const isDone = now === to || (mode === 2 && now !== from)
          return isDone ? { name: now } : ('absent' as const)
        })(await nameNow()),
      check: at(path),
      signal,
    })()
    if (E.isLeft(renamed)) return renamed
    if (mode === 3) return E.right(to)
    if (renamed.right.name !== undefined) return E.right(renamed.right.name)
    const final = await nameNow()
    return E.isLeft(final) ? E.left(inDoubt(at(path), final.left)) : final
  }
}

const tagLength = '.anydrive-'.length + 12

/** A name in the form of core's temporaries, short enough for this edition; `salt` makes another one. */
export const temporary = (target: DrivePath, use: TemporaryUse, limit: number, salt?: string): string => {
  const plain = temporaryName(target, use)
  const tag =
    salt === undefined
      ? plain.slice(-tagLength)
      : `.anydrive-${createHash('sha256').update(`${salt}\0${use}\0${target}`).digest('hex').slice(0, 12)}`
  const stem = Array.from(plain.slice(0, -tagLength)).slice(0, limit - tagLength)
  return `${stem.join('')}${tag}`
}

/** Renames to a temporary name; one that an unfinished operation has left there is not touched, another is taken. */
export const setAside = (
  context: Context,
  id: string,
  what: { readonly path: DrivePath; readonly name: string; readonly target: DrivePath; readonly use: TemporaryUse },
  signal: AbortSignal,
): Answered<string> => {
  const { path, name, target, use } = what
  const { nameLimit } = context.settings
  const to = (salt?: string): Answered<string> =>
    rename(context, id, { path, from: name, to: temporary(target, use, nameLimit, salt), mode: 3 }, signal)
  return async () => {
    const first = await to()()
    const isTaken = E.isLeft(first) && first.left._tag === 'NameConflict'
    return isTaken ? to(String(context.clock.random()))() : first
  }
}

/** The chain of ids down to the entry, which the path must still lead to; a vendor's answer else, as `NotFound('source')`. */
export const idPathOf = (
  { api }: Context,
  { id, path }: { readonly id: string; readonly path: DrivePath },
  stillAt: (namePath: string) => boolean,
  signal: AbortSignal,
): Answered<string> => {
  const gone: Fault = { _tag: 'NotFound', what: 'source', code: codes.notFound, said: `no longer at /${path}` }
  return async () =>
    E.flatMap((full: { readonly fileIdPath: string; readonly namePath: string }) =>
      stillAt(full.namePath) ? E.right(full.fileIdPath) : E.left(gone),
    )(await api.path(id, signal)())
}

interface Removal {
  readonly fileId: string
  readonly filePath: string
}

export const trash = ({ jobs }: Context, items: ReadonlyArray<Removal>, signal: AbortSignal): Answered<ItemOutcomes> =>
  jobs.run({ taskType: 2, actionType: 201, items: items.map(({ fileId, filePath }) => ({ fileId, filePath })) }, signal)

const erase = ({ jobs }: Context, fileIds: ReadonlyArray<string>, signal: AbortSignal): Answered<ItemOutcomes> =>
  jobs.run({ taskType: 2, actionType: 202, items: fileIds.map((fileId) => ({ fileId })) }, signal)

const failing = (fault: Bad): ItemOutcome => ({ status: 'failed', fault, code: fault.code })

/** What is in the bin and was to be erased. */
const stillInBin = (path: string, fault: Bad): Bad =>
  isUnknown(fault)
    ? fault
    : taskFailed({
        said: `${path}: in the recycle bin, not erased: ${fault.said ?? fault._tag}`,
        ...(fault.code === undefined ? {} : { code: fault.code }),
      })

/** Whether what was to go has gone; what was gone already is as good. */
export const whetherGone = (outcomes: E.Either<Bad, ItemOutcomes>, fileId: string): E.Either<Bad, void> => {
  if (E.isLeft(outcomes)) return outcomes
  const outcome = outcomes.right(fileId)
  return outcome.status === 'done' || isGone(outcome.fault) ? E.right(undefined) : E.left(outcome.fault)
}

/** For good. Whether what is not in the bin can be erased, no page tells: where it cannot, it is put there first. */
export const purge =
  (context: Context, items: ReadonlyArray<Removal>, signal: AbortSignal): Answered<ItemOutcomes> =>
  async () => {
    const first = await erase(
      context,
      items.map(({ fileId }) => fileId),
      signal,
    )()
    if (E.isLeft(first)) return first
    const living = items.filter(({ fileId }) => {
      const outcome = first.right(fileId)
      return outcome.status === 'failed' && outcome.code === codes.notRecycled
    })
    if (living.length === 0) return first
    const trashed = await trash(context, living, signal)()
    const inBin = (fileId: string): ItemOutcome => (E.isRight(trashed) ? trashed.right(fileId) : failing(trashed.left))
    const binned = living.map(({ fileId }) => fileId).filter((fileId) => inBin(fileId).status === 'done')
    const second = binned.length === 0 ? first : await erase(context, binned, signal)()
    const outcomes = new Map(
      living.map(({ fileId, filePath }) => {
        if (!binned.includes(fileId)) return [fileId, inBin(fileId)] as const
        const erased = E.isRight(second) ? second.right(fileId) : failing(second.left)
        return [fileId, erased.status === 'done' ? erased : failing(stillInBin(filePath, erased.fault))] as const
      }),
    )
    return E.right((fileId) => outcomes.get(fileId) ?? first.right(fileId))
  }
