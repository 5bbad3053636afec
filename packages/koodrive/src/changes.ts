// Single changes of entries whose ids are known, each through `attempt`: create a folder, rename, take a name.
import {
  child,
  nameOf,
  parentOf,
  type ConflictStrategy,
  type DirEntry,
  type DrivePath,
  type Entry,
  type Made,
  type Placed,
  type Times,
} from '@anydrive/core'
import {
  defined,
  nameConflict,
  taskFailed,
  unavailable,
  vendorValueFor,
  type RawResult,
  type Call,
  type TemporaryUse,
} from '@anydrive/core/adapter'
import {
  attempt,
  beside,
  findingOfCreated,
  replaceFile,
  temporaryFor,
  unknownOutcome,
  type Failure,
  type Finding,
  type ReplaceSteps,
  type Sent,
} from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { at, type Context, type Settled, type Signal } from './client'
import { isGone } from './errors'
import type { Node } from './ids'
import { idPathOf, removeForGood, removeToTrash, whetherGone } from './remove'
import { directoryTime, isStillAt, mayBeNameFor, pathOfNames, renameMode, toEntry, type Mode } from './translate'
import type { File } from './wire'

// Names that are taken.

/** What a refused name means: an entry has it, or an upload that nobody sees. */
export const clashIn = async (
  { ids, cache }: Context,
  folder: Node,
  { name, fault }: { readonly name: string; readonly fault: Failure },
  signal: Signal,
): Promise<Failure> => {
  if (fault._tag !== 'NameConflict' || fault.existing !== undefined) return fault
  cache.changed()
  const listed = await ids.children(folder, signal)
  if (E.isLeft(listed)) return listed.left
  const folded = name.normalize('NFC').toLowerCase()
  const existing =
    listed.right.find((entry) => entry.name === name) ??
    listed.right.find((entry) => entry.name.normalize('NFC').toLowerCase() === folded)
  const said = defined({ code: fault.code, http: fault.http })
  return existing === undefined
    ? unavailable({
        ...said,
        effect: 'none',
        said: 'the name is taken, but no entry is visible: an unfinished upload holds it',
      })
    : nameConflict({ ...said, existing })
}

/** The entry of this path, if it is known and one request confirms that it is still there: spares work that a clash would undo. */
export const confirmedEntry = async (
  { api, cache }: Context,
  path: DrivePath,
  folder: Node,
  signal: Signal,
): Promise<Entry | undefined> => {
  const known = cache.get(path)
  if (known === undefined) return undefined
  const seen = await api.detail(known.id, signal)()
  return E.isRight(seen) && isStillAt(seen.right, path, folder.id) ? toEntry(path, seen.right) : undefined
}

// Folders.

export interface NewFolder extends Times {
  readonly path: DrivePath
  readonly conflict: ConflictStrategy
  readonly description?: string | undefined
  /** A copy is to fill it: after a lost response it must also be empty to count as created. */
  readonly toFill?: boolean | undefined
}

export interface CreatedFolder {
  readonly node: Node
  readonly made: Made<DirEntry>
}

type Created = { readonly id: string; readonly fileName: string }

/**
 * Creates one folder in a known one; the service decides about a clash. After a lost response, under `ask`, a folder of the name counts as
 * created by this call if the service created it after the request was sent. Under `rename` nothing shows that: `Indeterminate`.
 */
export const createFolder = async (
  context: Context,
  folder: Node,
  { path, conflict, createdAt, modifiedAt, description, toFill = false }: NewFolder,
  signal: Signal,
): Settled<CreatedFolder> => {
  const { api, cache, ids, clock, timers } = context
  const name = nameOf(path)
  const mode = vendorValueFor(renameMode.directory, conflict)
  const before = cache.get(path)?.id
  const seenAt = timers.now()
  const request = {
    parent: folder.id,
    fileName: name,
    renameMode: mode,
    ...defined({
      createdTime: createdAt === undefined ? undefined : directoryTime(createdAt),
      editedTime: modifiedAt === undefined ? undefined : directoryTime(modifiedAt),
      description,
    }),
  }
  const proof = async (found: Entry | undefined, sent: Sent): Promise<Finding<Created>> => {
    if (found === undefined) return { is: 'not-done' }
    if (found.kind !== 'directory' || found.id === undefined || found.id === before)
      return { is: 'refused', fault: nameConflict({ existing: found }) }
    const value = { id: found.id, fileName: name }
    // A time that the caller chose proves nothing.
    const created = createdAt === undefined ? found.createdAt : undefined
    const finding = findingOfCreated(clock, { found, created, value }, sent)
    if (finding.is !== 'done' || !toFill) return finding
    const children = await ids.children({ id: found.id, entry: found }, signal)
    return E.isRight(children) && children.right.length === 0 ? finding : { is: 'unproven', found }
  }
  const created = await attempt<Created, Entry | undefined>({
    send: () => api.createDirectory(request, signal),
    ...(mode === 2
      ? { repeat: 'never' as const }
      : { repeat: 'if-not-done' as const, lookup: (its: Signal) => () => ids.lookup(folder, name, its), proof }),
    check: at(path),
    signal,
    timers,
  })()
  cache.changed()
  if (E.isLeft(created)) return E.left(await clashIn(context, folder, { name, fault: created.left }, signal))
  const { id, fileName } = created.right
  const final = child(parentOf(path), fileName)
  if (E.isLeft(final)) return final
  const isRenamed = fileName !== name
  if (isRenamed && mode === 3)
    return E.left(taskFailed({ partial: final.right, said: 'the service created it under another name' }))
  const entry = { kind: 'directory', path: final.right, name: fileName, id } as const
  cache.put(entry, seenAt)
  const how = isRenamed ? 'renamed' : 'as-asked'
  return E.right({
    node: { id, entry },
    made: { ...entry, ...defined({ createdAt, modifiedAt }), how, replaced: false },
  })
}

export const createDir =
  (context: Context, descriptionOf: (path: DrivePath) => string | undefined = () => undefined) =>
  (
    path: DrivePath,
    how: { readonly conflict: ConflictStrategy } & Times,
    { signal }: Call,
  ): RawResult<Made<DirEntry>> =>
  () =>
    context.ids.retrying([parentOf(path)], async () => {
      const folder = await context.ids.folder(parentOf(path), signal)
      if (E.isLeft(folder)) return folder
      const wanted = { ...how, path, description: descriptionOf(path) }
      return E.map(({ made }: CreatedFolder) => made)(await createFolder(context, folder.right, wanted, signal))
    })

// Renames.

/**
 * Renames within the folder; answers with the final name. After a lost response the details of the id show whether it happened. A clash is
 * `NameConflict` without the entry. `between`: the same entry is renamed again afterwards, so a request that may still come is not repeated: it
 * would undo what follows.
 */
export const rename = async (
  { api, cache, timers }: Context,
  id: string,
  {
    path,
    to,
    mode,
    between = false,
  }: { readonly path: DrivePath; readonly to: string; readonly mode: Mode; readonly between?: boolean },
  signal: Signal,
): Settled<string> => {
  const from = nameOf(path)
  const check = at(path, beside(path, to))
  const proof = (file: File): Finding<string | undefined> => {
    if (file.fileName === to || (mode === 2 && file.fileName !== from && mayBeNameFor(to, file.fileName)))
      return { is: 'done', value: file.fileName }
    if (file.fileName === from) return { is: 'not-done' }
    return { is: 'unproven', found: toEntry(beside(path, file.fileName), file) }
  }
  const renamed = await attempt<string | undefined, File>({
    send: () => async () => E.map(() => undefined)(await api.rename(id, { name: to, renameMode: mode }, signal)()),
    repeat: mode === 2 || between ? 'if-answered' : 'if-not-done',
    lookup: (its) => api.detail(id, its),
    proof,
    check,
    signal,
    timers,
  })()
  cache.changed(id)
  if (E.isLeft(renamed)) return renamed
  if (mode === 3) return E.right(to)
  if (renamed.right !== undefined) return E.right(renamed.right)
  const seen = await api.detail(id, signal)()
  return E.isLeft(seen) ? E.left(unknownOutcome(check, seen.left, { likely: 'done' })) : E.right(seen.right.fileName)
}

/** Renames to a temporary name. One that is taken, perhaps by the leftover of another operation, is not touched: another is used. */
export const renameToTemporary = async (
  context: Context,
  id: string,
  { path, target, use }: { readonly path: DrivePath; readonly target: DrivePath; readonly use: TemporaryUse },
  signal: Signal,
): Settled<string> => {
  const to = (salt?: string) =>
    rename(
      context,
      id,
      { path, to: temporaryFor(target, use, context.nameLimit, salt), mode: 3, between: true },
      signal,
    )
  const first = await to()
  return E.isLeft(first) && first.left._tag === 'NameConflict' ? to(String(context.timers.random())) : first
}

// Final names.

/** An entry, by its id, in its folder under another name than the wanted one. */
export interface Waiting {
  readonly id: string
  readonly path: DrivePath
  readonly target: DrivePath
  /** Of both paths. */
  readonly folder: Node
}

interface Old {
  readonly id: string
  readonly idPath: string
}

const tries = 3

/** The other entry at the target, confirmed by its path of ids, which its removal needs. */
const existingAt =
  ({ cache, ids, api }: Context, { target, id: incoming }: Waiting): ReplaceSteps<Old>['existing'] =>
  (signal) =>
  async () => {
    for (let n = 1; ; n++) {
      cache.changed()
      const found = await ids.find(target, signal)
      if (E.isLeft(found)) return found.left._tag === 'NotFound' ? E.right(undefined) : found
      const { id, entry } = found.right
      // The incoming file itself: an earlier call has placed it.
      if (id === incoming) return E.right(undefined)
      if (entry.kind !== 'file') return E.right({ handle: { id, idPath: '' }, entry })
      const idPath = await idPathOf(api, { id, path: target }, (names) => pathOfNames(names) === target, signal)
      if (E.isRight(idPath)) return E.right({ handle: { id, idPath: idPath.right }, entry })
      if (!isGone(idPath.left) || n >= tries) return idPath
      cache.forget(target)
    }
  }

const replace = async (context: Context, waiting: Waiting, signal: Signal): Settled<Placed> => {
  const { id, path, target, folder } = waiting
  const { nameLimit, settings, timers } = context
  const steps: ReplaceSteps<Old> = {
    existing: existingAt(context, waiting),
    rename: (old, from, to, its) => () =>
      rename(context, old.id, { path: from, to: nameOf(to), mode: 3, between: to !== target }, its),
    remove: (old, _, its) => async () => {
      const remove = settings.overwritten === 'trash' ? removeToTrash : removeForGood
      return whetherGone(await remove(context, [{ fileId: old.id, filePath: old.idPath }], its), old.id)
    },
  }
  const salt = String(timers.random())
  const placed = await replaceFile(steps, {
    incoming: { handle: { id, idPath: '' }, path },
    target,
    temporaryNames: [temporaryFor(target, 'old', nameLimit), temporaryFor(target, 'old', nameLimit, salt)],
    signal,
    grace: settings.grace,
  })()
  return E.isLeft(placed)
    ? E.left(await clashIn(context, folder, { name: nameOf(target), fault: placed.left }, signal))
    : placed
}

/**
 * Gives an entry its wanted name, as the strategy says: 2 and 3 let the service decide about a clash, `emulate` replaces a file. After a left it still
 * has its old name, except after `Indeterminate` and `TaskFailed`, which say where it is.
 */
export const takeName = async (
  context: Context,
  waiting: Waiting,
  handling: Mode | 'emulate',
  signal: Signal,
): Settled<Placed> => {
  const { id, path, target, folder } = waiting
  const replaces = handling === 'emulate'
  if (replaces && context.cache.get(target)?.entry.kind === 'file') return replace(context, waiting, signal)
  const renamed = await rename(context, id, { path, to: nameOf(target), mode: replaces ? 3 : handling }, signal)
  if (E.isRight(renamed)) {
    const final = beside(target, renamed.right)
    return E.right({ path: final, how: final === target ? 'as-asked' : 'renamed', replaced: false })
  }
  const clash = await clashIn(context, folder, { name: nameOf(target), fault: renamed.left }, signal)
  const isFile = clash._tag === 'NameConflict' && clash.existing?.kind === 'file'
  return replaces && isFile ? replace(context, waiting, signal) : E.left(clash)
}
