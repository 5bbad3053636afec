// writeFile: announced under its name or a temporary one, sent, completed, and put into place.
import {
  child,
  nameOf,
  notFound,
  parentOf,
  renameMode,
  wordFor,
  type Answered,
  type Call,
  type DrivePath,
  type Entry,
  type Evidence,
  type FileEntry,
  type Json,
  type UploadSource,
  type WriteHow,
  type Written,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { clashIn, purge, temporary, whetherGone } from './changes'
import { at, isUnknown, lenient, lookedFor, type Bad, type Context } from './context'
import type { Node } from './ids'
import { replaceFile } from './overwrite'
import { fileTime } from './translate'
import { completeUpload, firstUrls, partSizeFor, sendParts, sha256Of } from './upload'
import type { CreatedFile, Part } from './wire'

type Settled<A> = Promise<E.Either<Bad, A>>
type Signal = AbortSignal

/** An upload under way. `name` is the one that it has in its folder; where it is not the last, it is to replace a file. */
const UploadState = t.strict({
  fileId: t.string,
  path: t.string,
  name: t.string,
  replaces: t.boolean,
  size: t.number,
  partSize: t.number,
  sent: t.number,
  complete: t.boolean,
})
type UploadState = t.TypeOf<typeof UploadState>

interface Begun {
  readonly state: UploadState
  readonly urls: ReadonlyArray<Part>
}

const evidence: Evidence = 'vendor-checked:sha256'

interface Task {
  readonly context: Context
  readonly path: DrivePath
  readonly source: UploadSource
  readonly how: WriteHow
  readonly folder: Node
  readonly signal: Signal
}

const digestBeforehand = async ({ context, source, signal }: Task): Settled<string | undefined> => {
  if (source.checksums?.sha256 !== undefined) return E.right(source.checksums.sha256)
  return context.settings.hashFirst ? sha256Of(source, signal)() : E.right(undefined)
}

/** Under a name. A clash is a bare `NameConflict`. */
const announce = async (task: Task, name: string, mode: 2 | 3, sha256: string | undefined): Settled<CreatedFile> => {
  const { context, source, how, folder, signal, path } = task
  const { createdTime } = context.settings
  const partSize = partSizeFor(source.size, context.settings.partSize)
  const file = {
    fileName: name,
    parent: folder.id,
    length: source.size,
    autoRename: mode,
    multiParts: firstUrls(source.size, partSize),
    sha256,
    mimeType: how.contentType,
    createdTime:
      how.createdAt === undefined || createdTime === 'omit' ? undefined : fileTime(how.createdAt, createdTime),
  }
  const before = context.cache.get(path)?.id
  return lookedFor<CreatedFile>(context.clock, {
    call: context.api.createFile(file, signal),
    // Nothing is seen before an upload is complete, so a repetition changes nothing more; an instant upload is complete at once.
    look: async () => {
      if (sha256 === undefined) return E.right('absent' as const)
      if (mode === 2) return E.right('unknown' as const)
      context.cache.changed()
      return E.map((found: Entry | undefined): CreatedFile | 'absent' => {
        if (found?.kind !== 'file' || found.size !== source.size) return 'absent'
        const { id } = found
        return id === undefined || id === before ? 'absent' : { fileId: id, fileName: name, rapidUpload: true }
      })(await context.ids.look(folder, name, signal)())
    },
    check: at(path),
    signal,
  })()
}

const begunWith = (task: Task, created: CreatedFile, replaces: boolean): Begun => {
  const { size } = task.source
  const partSize = partSizeFor(size, task.context.settings.partSize)
  const { fileId, fileName: name, multiParts = [], rapidUpload = false } = created
  const state = { fileId, path: task.path, name, replaces, size, partSize, sent: 0, complete: rapidUpload }
  return { state, urls: multiParts }
}

/** Under a temporary name, to replace what stands there; a name that another operation holds is left alone. */
const beginAside = async (task: Task, sha256: string | undefined): Settled<Begun> => {
  const { settings, clock } = task.context
  const under = (salt?: string): Settled<CreatedFile> =>
    announce(task, temporary(task.path, 'new', settings.nameLimit, salt), 3, sha256)
  const first = await under()
  const isTaken = E.isLeft(first) && first.left._tag === 'NameConflict'
  const created = isTaken ? await under(String(clock.random())) : first
  return E.map((file: CreatedFile) => begunWith(task, file, true))(created)
}

/** Optimistic: only where a file is known to stand there, the temporary name is taken at once. */
const begin = async (task: Task): Settled<Begun> => {
  const { context, path, how, folder, signal } = task
  const sha256 = await digestBeforehand(task)
  if (E.isLeft(sha256)) return sha256
  const word = wordFor(renameMode.file, how.conflict)
  const mode = word === 'emulate' ? 3 : word
  if (word === 'emulate' && context.cache.get(path)?.entry.kind === 'file') return beginAside(task, sha256.right)
  const created = await announce(task, nameOf(path), mode, sha256.right)
  if (E.isRight(created)) return E.right(begunWith(task, created.right, false))
  if (created.left._tag !== 'NameConflict') return created
  const clash = await clashIn(context, folder, { name: nameOf(path), fault: created.left }, signal)
  const replaces = word === 'emulate' && clash._tag === 'NameConflict' && clash.existing?.kind === 'file'
  return replaces ? beginAside(task, sha256.right) : E.left(clash)
}

const resumed = (task: Task, resume: Json): E.Either<Bad, Begun> => {
  const decoded = UploadState.decode(resume)
  if (E.isLeft(decoded)) return E.left(notFound({ what: 'upload' }))
  const { path, size } = decoded.right
  return path === task.path && size === task.source.size
    ? E.right({ state: decoded.right, urls: [] })
    : E.left(notFound({ what: 'upload', said: 'the upload is of another path or size' }))
}

/** The content arrives whole, checked by the service. */
const send = async (task: Task, { state, urls }: Begun): Settled<void> => {
  const { context, source, how, signal, path, folder } = task
  if (state.complete) return E.right(undefined)
  const sha256 = await sendParts(
    context,
    {
      fileId: state.fileId,
      source,
      partSize: state.partSize,
      sent: state.sent,
      urls,
      onProgress: how.onProgress,
      onPart: (sent) => how.onCheckpoint({ ...state, sent }),
    },
    signal,
  )()
  if (E.isLeft(sha256)) return sha256
  const upload = { fileId: state.fileId, sha256: sha256.right }
  const completed = await completeUpload(context, upload, at(path), signal)()
  if (E.isRight(completed) || completed.left._tag !== 'NameConflict') return completed
  return E.left(await clashIn(context, folder, { name: state.name, fault: completed.left }, signal))
}

const discard = async (context: Context, fileId: string, signal: Signal): Settled<void> =>
  whetherGone(await purge(context, [{ fileId, filePath: `/${fileId}` }], signal)(), fileId)

const exchanged = async (task: Task, state: UploadState): Settled<boolean> => {
  const { context, path, signal } = task
  const waiting = child(parentOf(path), state.name)
  if (E.isLeft(waiting)) return waiting
  const incoming = { id: state.fileId, path: waiting.right }
  return lenient(signal, context.settings.grace, (calm): Answered<boolean> => async () => {
    const placed = await replaceFile(context, incoming, path, calm)()
    if (E.isRight(placed)) return E.right(placed.right.replaced)
    // The new content is still aside, and nobody waits for it.
    if (!isUnknown(placed.left) && placed.left._tag !== 'TaskFailed') await discard(context, state.fileId, calm)
    return placed
  })()
}

/** Under mode 2 the name may have been chosen at the end only, so it is read back. */
const finalName = async (task: Task, { name, fileId, replaces }: UploadState): Promise<string> => {
  if (replaces) return nameOf(task.path)
  if (wordFor(renameMode.file, task.how.conflict) !== 2) return name
  const seen = await task.context.api.detail(fileId, task.signal)()
  return E.isRight(seen) ? seen.right.fileName : name
}

const wholeSeconds = (date: Date): Date => new Date(Math.floor(date.getTime() / 1000) * 1000)

const place = async (task: Task, state: UploadState): Settled<Written> => {
  const { context, path, source, how } = task
  const name = await finalName(task, state)
  const replaced = state.replaces ? await exchanged(task, state) : E.right(false)
  if (E.isLeft(replaced)) return replaced
  const final = child(parentOf(path), name)
  if (E.isLeft(final)) return final
  const entry: FileEntry = {
    kind: 'file',
    path: final.right,
    name,
    id: state.fileId,
    size: source.size,
    checksums: {},
    ...(how.contentType === undefined ? {} : { contentType: how.contentType }),
    ...(how.createdAt === undefined ? {} : { createdAt: wholeSeconds(how.createdAt) }),
  }
  context.cache.changed()
  context.cache.put(entry, context.clock.now())
  return E.right({
    ...entry,
    how: name === nameOf(path) ? 'as-asked' : 'renamed',
    replaced: replaced.right,
    evidence,
  })
}

/** Where the upload of a resumed call went, or a new one goes. */
const started = (
  context: Context,
  file: Omit<Task, 'folder' | 'context'>,
): Answered<Task & { readonly begun: Begun }> =>
  context.ids.retrying([file.path], () => async () => {
    const folder = await context.ids.folder(parentOf(file.path), file.signal)()
    if (E.isLeft(folder)) return folder
    const task = { ...file, context, folder: folder.right }
    const begun = file.how.resume === undefined ? await begin(task) : resumed(task, file.how.resume)
    return E.map((its: Begun) => ({ ...task, begun: its }))(begun)
  })

const write = async (task: Task & { readonly begun: Begun }): Settled<Written> => {
  const { begun, how } = task
  const { state } = begun
  const note = (now: UploadState): Settled<void> => how.onCheckpoint({ ...now })()
  if (how.resume === undefined && (state.replaces || !state.complete)) {
    const noted = await note(state)
    if (E.isLeft(noted)) return noted
  }
  const sent = await send(task, begun)
  if (E.isLeft(sent)) return sent
  if (state.replaces && !state.complete) {
    const noted = await note({ ...state, complete: true })
    if (E.isLeft(noted)) return noted
  }
  return place(task, state)
}

export const writeFile =
  (context: Context) =>
  (path: DrivePath, source: UploadSource, how: WriteHow, { signal }: Call): Answered<Written> =>
  async () => {
    const task = await started(context, { path, source, how, signal })()
    return E.isLeft(task) ? task : write(task.right)
  }

/** Of a complete one that waits to replace a file nothing stays; one that is not complete KooDrive forgets by itself. */
export const abandonUpload =
  (context: Context) =>
  (state: Json, { signal }: Call): Answered<void> =>
  async () => {
    const decoded = UploadState.decode(state)
    if (E.isLeft(decoded)) return E.left(notFound({ what: 'upload' }))
    const { complete, replaces, fileId, name } = decoded.right
    if (!complete || !replaces) return E.right(undefined)
    const seen = await context.api.detail(fileId, signal)()
    if (E.isLeft(seen)) return seen.left._tag === 'NotFound' ? E.right(undefined) : seen
    if (seen.right.fileName !== name) return E.right(undefined)
    return discard(context, fileId, signal)
  }
