// writeFile: announced under a temporary name (or its own), sent, completed, and renamed into place.
import {
  child,
  mayHaveHappened,
  nameOf,
  parentOf,
  type DrivePath,
  type Entry,
  type SizedFile,
  type Json,
  type Placed,
  type UploadSource,
  type Written,
} from '@anydrive/core'
import {
  aborted,
  defined,
  nameConflict,
  notFound,
  vendorValueFor,
  type RawResult,
  type Call,
  type WriteHow,
} from '@anydrive/core/adapter'
import {
  attempt,
  beside,
  findingOfCreated,
  temporaryFor,
  uniqueTemporary,
  withGracePeriod,
  type Failure,
  type Finding,
  type Sent,
} from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { clashIn, confirmedEntry, takeName } from './changes'
import { at, notUndone, mayRemove, withoutPlacing, type Context, type Settled, type Signal } from './client'
import type { Node } from './ids'
import { discard } from './remove'
import { fileTime, renameMode, toDate, type Mode } from './translate'
import { completeUpload, firstUrls, partSizeFor, sendParts, sha256Of } from './write-multipart'
import type { CreatedFile, Part } from './wire'

/** An upload under way. `name`: the one that it has in its folder; `temporary`: it is to be renamed when it is complete. */
const UploadState = t.strict({
  fileId: t.string,
  path: t.string,
  name: t.string,
  temporary: t.boolean,
  size: t.number,
  partSize: t.number,
  sent: t.number,
  complete: t.boolean,
})
type UploadState = t.TypeOf<typeof UploadState>

interface Writing {
  readonly context: Context
  readonly path: DrivePath
  readonly source: UploadSource
  readonly how: WriteHow
  readonly folder: Node
  readonly signal: Signal
}
interface Begun {
  readonly state: UploadState
  readonly urls: ReadonlyArray<Part>
}

const handlingOf = ({ how }: Writing): Mode | 'emulate' => vendorValueFor(renameMode.file, how.conflict)

/** The time of creation as it is sent. */
const createdTimeOf = ({ context, how }: Writing): string | undefined => {
  const { createdTime } = context.settings
  return how.createdAt === undefined || createdTime === 'omit' ? undefined : fileTime(how.createdAt, createdTime)
}

const digestBeforehand = async ({ context, source, signal }: Writing): Settled<string | undefined> => {
  if (source.checksums?.sha256 !== undefined) return E.right(source.checksums.sha256)
  return context.settings.hashFirst ? sha256Of(source, signal)() : E.right(undefined)
}

/**
 * Announces the file. After a lost response it is announced again: an upload that nobody knows of stays invisible, and the service forgets it. Only
 * where the digest was sent the file may be complete and visible, and is looked up. `unique`: nobody else uses the names.
 */
const announce = (
  writing: Writing,
  mode: Mode,
  sha256: string | undefined,
  nextName: () => string,
  unique: boolean,
): RawResult<CreatedFile> => {
  const { context, source, how, folder, signal, path } = writing
  const { api, ids, timers, clock, settings } = context
  const { size } = source
  const request = {
    parent: folder.id,
    length: size,
    autoRename: mode,
    multiParts: firstUrls(size, partSizeFor(size, settings.partSize)),
    ...defined({ sha256, mimeType: how.contentType, createdTime: createdTimeOf(writing) }),
  }
  let name = ''
  const proof = (found: Entry | undefined, sent: Sent): Finding<CreatedFile> => {
    if (found === undefined) return { is: 'not-done' }
    if (found.kind !== 'file' || found.id === undefined || found.size !== size)
      return { is: 'refused', fault: nameConflict({ existing: found }) }
    const value = { fileId: found.id, fileName: name, rapidUpload: true }
    // A time that the caller chose proves nothing.
    const created = request.createdTime === undefined ? found.createdAt : undefined
    return unique ? { is: 'done', value } : findingOfCreated(clock, { found, created, value }, sent)
  }
  const lookup = (its: Signal) => () => ids.lookup(folder, name, its)
  return attempt<CreatedFile, Entry | undefined>({
    send: () => {
      name = nextName()
      return api.createFile({ ...request, fileName: name }, signal)
    },
    ...(sha256 === undefined
      ? { repeat: 'always' as const }
      : mode === 2
        ? { repeat: 'never' as const }
        : { repeat: 'if-not-done' as const, lookup, proof }),
    check: at(path),
    signal,
    timers,
  })
}

/** Whether a second upload of a name is refused while the first is not complete. */
export const holdsName =
  (context: Context, path: DrivePath, signal: Signal): RawResult<boolean> =>
  async () => {
    const { api, ids, timers, settings } = context
    const folder = await ids.folder(parentOf(path), signal)
    if (E.isLeft(folder)) return folder
    const file = { parent: folder.right.id, fileName: nameOf(path), length: 1, autoRename: 3 as const }
    const multiParts = firstUrls(1, partSizeFor(1, settings.partSize))
    const begun = attempt<CreatedFile>({
      send: () => api.createFile({ ...file, multiParts }, signal),
      // A request that is repeated could be refused because of the first.
      ...({ repeat: 'never', check: at(path), signal, timers } as const),
    })
    const first = await begun()
    if (E.isLeft(first)) return first
    const second = await begun()
    return E.isLeft(second) && second.left._tag !== 'NameConflict' ? second : E.right(E.isLeft(second))
  }

const begunWith = ({ context, path, source }: Writing, created: CreatedFile, temporary: boolean): Begun => {
  const { fileId, fileName: name, multiParts = [], rapidUpload = false } = created
  const partSize = partSizeFor(source.size, context.settings.partSize)
  const state = { fileId, path, name, temporary, size: source.size, partSize, sent: 0, complete: rapidUpload }
  return { state, urls: multiParts }
}

/** The first name is the one that `leftovers` knows, unless the file may be visible before its id is known. */
const beginTemporary = async (writing: Writing, sha256: string | undefined): Settled<Begun> => {
  const { context, path } = writing
  const { nameLimit } = context
  const names = sha256 === undefined ? [temporaryFor(path, 'new', nameLimit)] : []
  const nextName = (): string => names.pop() ?? uniqueTemporary(path, nameLimit)
  const announced = announce(writing, 3, sha256, nextName, sha256 !== undefined)
  const first = await announced()
  // Another upload to this path has the name.
  const created = E.isLeft(first) && first.left._tag === 'NameConflict' ? await announced() : first
  return E.isLeft(created) ? E.left(withoutPlacing(created.left)) : E.right(begunWith(writing, created.right, true))
}

/** Under the final name from the beginning, unless a file is known to have it that is to be replaced. */
const beginDirect = async (writing: Writing, sha256: string | undefined): Settled<Begun> => {
  const { context, path, folder, signal } = writing
  const handling = handlingOf(writing)
  const replaces = handling === 'emulate'
  if (replaces && context.cache.get(path)?.entry.kind === 'file') return beginTemporary(writing, sha256)
  const name = nameOf(path)
  const created = await announce(writing, replaces ? 3 : handling, sha256, () => name, false)()
  if (E.isRight(created)) return E.right(begunWith(writing, created.right, false))
  const clash = await clashIn(context, folder, { name, fault: created.left }, signal)
  if (replaces && clash._tag === 'NameConflict' && clash.existing?.kind === 'file')
    return beginTemporary(writing, sha256)
  return E.left(sha256 === undefined ? withoutPlacing(clash) : clash)
}

/** A clash with a known entry is found before anything is sent. */
const begin = async (writing: Writing): Settled<Begun> => {
  const { context, path, folder, signal } = writing
  const handling = handlingOf(writing)
  const isFileKnown = context.cache.get(path)?.entry.kind === 'file'
  if (handling === 3 || (handling === 'emulate' && !isFileKnown)) {
    const existing = await confirmedEntry(context, path, folder, signal)
    if (existing !== undefined && (handling === 3 || existing.kind !== 'file'))
      return E.left(nameConflict({ existing }))
  }
  const sha256 = await digestBeforehand(writing)
  if (E.isLeft(sha256)) return sha256
  return (context.settings.uploads === 'direct' ? beginDirect : beginTemporary)(writing, sha256.right)
}

/** The upload may have been completed after its state was saved: then its file exists, and the service no longer knows the upload. */
const resumed = async ({ context, path, source, signal }: Writing, resume: Json): Settled<Begun> => {
  const decoded = UploadState.decode(resume)
  if (E.isLeft(decoded)) return E.left(notFound({ what: 'upload' }))
  const state = decoded.right
  if (state.path !== path || state.size !== source.size)
    return E.left(notFound({ what: 'upload', said: 'the upload is of another path or size' }))
  if (state.complete) return E.right({ state, urls: [] })
  const seen = await context.api.detail(state.fileId, signal)()
  if (E.isLeft(seen) && seen.left._tag !== 'NotFound') return seen
  const complete = E.isRight(seen) && (seen.right.size ?? state.size) === state.size
  return E.right({ state: { ...state, complete }, urls: [] })
}

/** Ends an upload that has placed nothing. Unless the caller keeps the state, what is complete under a temporary name is removed. */
const giveUp = async (
  { context, path, how, signal }: Writing,
  { fileId, name }: UploadState,
  fault: Failure,
): Settled<never> => {
  const left = withoutPlacing(fault)
  if (how.keepsState && left._tag !== 'NameConflict') return E.left(left)
  const remove = (later: Signal) => () => discard(context, fileId, later)
  const removed = await withGracePeriod(signal, remove, context.settings.grace)()
  if (E.isRight(removed)) return E.left(left)
  const what = 'not written, and the new content is still under this temporary name'
  return E.left(notUndone(beside(path, name), what, left, removed.left))
}

/** All bytes arrive, checked by the service. */
const send = async (writing: Writing, { state, urls }: Begun): Settled<unknown> => {
  const { context, source, how, signal, path, folder } = writing
  const { fileId, partSize, sent, size, temporary } = state
  const onPart = (parts: number) => how.onCheckpoint({ ...state, sent: parts })
  const upload = { fileId, source, partSize, sent, urls, onProgress: how.onProgress, onPart }
  const sha256 = await sendParts(context, upload, signal)
  if (E.isLeft(sha256)) return E.left(withoutPlacing(sha256.left))
  const completed = await completeUpload(context, { fileId, size, sha256: sha256.right }, at(path), signal)()
  if (E.isRight(completed)) return completed
  const fault = await clashIn(context, folder, { name: state.name, fault: completed.left }, signal)
  // The service no longer knows of the upload where an earlier request has completed it.
  const mayExist = mayHaveHappened(fault) || fault._tag === 'NotFound'
  return temporary && mayExist ? giveUp(writing, state, fault) : E.left(fault)
}

/** The file gets its final name. Uploaded directly under mode 2, the name may have been chosen at the end only, so it is read back. */
const place = async (writing: Writing, { fileId, name, temporary }: UploadState): Settled<Placed> => {
  const { context, path, folder, signal } = writing
  const handling = handlingOf(writing)
  if (!temporary) {
    const seen = handling === 2 ? await context.api.detail(fileId, signal)() : undefined
    const final = beside(path, seen !== undefined && E.isRight(seen) ? seen.right.fileName : name)
    return E.right({ path: final, how: final === path ? 'as-asked' : 'renamed', replaced: false })
  }
  const waiting = child(parentOf(path), name)
  if (E.isLeft(waiting)) return waiting
  if (signal.aborted) return E.left(aborted({ effect: 'none' }))
  return takeName(context, { id: fileId, path: waiting.right, target: path, folder }, handling, signal)
}

const write = async (writing: Writing, begun: Begun): Settled<Written> => {
  const { context, source, how } = writing
  let { state } = begun
  const note = async (): Settled<void> => how.onCheckpoint({ ...state })()
  if (how.resume === undefined && (state.temporary || !state.complete)) {
    const noted = await note()
    if (E.isLeft(noted)) return noted
  }
  if (!state.complete) {
    const sent = await send(writing, begun)
    if (E.isLeft(sent)) return sent
    state = { ...state, complete: true }
    const noted = state.temporary ? await note() : E.right(undefined)
    if (E.isLeft(noted)) return noted
  }
  const placed = await place(writing, state)
  if (E.isLeft(placed)) {
    const { left } = placed
    const removable = mayRemove(left) && !(how.keepsState && mayHaveHappened(left))
    return state.temporary && removable ? giveUp(writing, state, left) : placed
  }
  const { path } = placed.right
  const createdAt = toDate(createdTimeOf(writing))
  const entry: SizedFile = {
    kind: 'file',
    path,
    name: nameOf(path),
    id: state.fileId,
    size: source.size,
    checksums: {},
    ...defined({ contentType: how.contentType, createdAt }),
  }
  context.cache.changed()
  context.cache.put(entry, context.timers.now())
  return E.right({
    ...placed.right,
    ...entry,
    replaced: placed.right.replaced ?? false,
    evidence: 'vendor-checked:sha256',
  })
}

export const writeFile =
  (context: Context) =>
  (path: DrivePath, source: UploadSource, how: WriteHow, { signal }: Call): RawResult<Written> =>
  async () => {
    const start = async () => {
      const folder = await context.ids.folder(parentOf(path), signal)
      if (E.isLeft(folder)) return folder
      const writing = { context, path, source, how, folder: folder.right, signal }
      const begun = how.resume === undefined ? await begin(writing) : await resumed(writing, how.resume)
      return E.map((its: Begun) => ({ writing, begun: its }))(begun)
    }
    const started = await context.ids.retrying([path], start)
    return E.isLeft(started) ? started : write(started.right.writing, started.right.begun)
  }

/** Removes what is complete under a temporary name. KooDrive forgets by itself what is not complete, and no call ends that earlier. */
export const abandonUpload =
  (context: Context) =>
  (state: Json, { signal }: Call): RawResult<void> =>
  async () => {
    const decoded = UploadState.decode(state)
    if (E.isLeft(decoded)) return E.left(notFound({ what: 'upload' }))
    const { temporary, fileId, name } = decoded.right
    if (!temporary) return E.right(undefined)
    const seen = await context.api.detail(fileId, signal)()
    if (E.isLeft(seen)) return seen.left._tag === 'NotFound' ? E.right(undefined) : seen
    return seen.right.fileName === name ? discard(context, fileId, signal) : E.right(undefined)
  }
