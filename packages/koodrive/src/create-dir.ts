// createDir: one folder, the clash decided by the service.
import {
  child,
  nameOf,
  parentOf,
  renameMode,
  unexpectedResponse,
  wordFor,
  type Answered,
  type Call,
  type ConflictStrategy,
  type DirEntry,
  type DrivePath,
  type Made,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { clashIn, makeFolder } from './changes'
import type { Context } from './context'
import type { Node } from './ids'
import { directoryTime } from './translate'

export interface MadeFolder {
  readonly node: Node
  readonly made: Made<DirEntry>
}

/** A name other than the one asked for is no success where a clash was to be refused. */
const anotherName = unexpectedResponse({
  issues: [{ at: 'fileName', expected: 'the name asked for', got: 'another name' }],
})

/** In a folder that is known; keeps the new id. */
export const createIn = (
  context: Context,
  folder: Node,
  what: { readonly path: DrivePath; readonly conflict: ConflictStrategy; readonly createdAt?: Date | undefined },
  signal: AbortSignal,
): Answered<MadeFolder> => {
  const { path, conflict, createdAt } = what
  const name = nameOf(path)
  const mode = wordFor(renameMode.directory, conflict)
  return async () => {
    const createdTime = createdAt === undefined ? undefined : directoryTime(createdAt)
    const seenAt = context.clock.now()
    const created = await makeFolder(context, folder, { path, name, mode, createdTime }, signal)()
    if (E.isLeft(created)) {
      if (created.left._tag !== 'NameConflict') return created
      return E.left(await clashIn(context, folder, { name, fault: created.left }, signal))
    }
    const { id, fileName } = created.right
    const isRenamed = fileName !== name
    if (isRenamed && mode === 3) return E.left(anotherName)
    context.cache.changed()
    return E.map((at: DrivePath): MadeFolder => {
      const entry = { kind: 'directory', path: at, name: fileName, id } as const
      context.cache.put(entry, seenAt)
      return {
        node: { id, entry },
        made: {
          ...entry,
          ...(createdAt === undefined ? {} : { createdAt }),
          how: isRenamed ? 'renamed' : 'as-asked',
          replaced: false,
        },
      }
    })(child(parentOf(path), fileName))
  }
}

export const createDir =
  (context: Context) =>
  (
    path: DrivePath,
    { conflict, createdAt }: { readonly conflict: ConflictStrategy; readonly createdAt?: Date | undefined },
    { signal }: Call,
  ): Answered<Made<DirEntry>> =>
    context.ids.retrying([parentOf(path)], () => async () => {
      const folder = await context.ids.folder(parentOf(path), signal)()
      if (E.isLeft(folder)) return folder
      const made = await createIn(context, folder.right, { path, conflict, createdAt }, signal)()
      return E.map(({ made }: MadeFolder) => made)(made)
    })
