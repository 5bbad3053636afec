// Where things go: looking paths up, making parents, and what happens when a name is taken.
import { fail } from './errors'
import {
  isDirectory,
  isFile,
  sizeOf,
  type Attributes,
  type Content,
  type Directory,
  type File,
  type Node,
} from './nodes'
import { checkName, freeName, type Segments } from './paths'
import { type Strategy } from './records'
import { type Space, type World } from './world'

export const lookUp = (space: Space, path: Segments): Node | undefined => {
  let at: Node = space.root
  for (const segment of path) {
    const next: Node | undefined = isDirectory(at) ? at.children.get(segment) : undefined
    if (next === undefined) return undefined
    at = next
  }
  return at
}

export const directoryAt = (space: Space, path: Segments): Directory => {
  const node = lookUp(space, path)
  return isDirectory(node) ? node : fail('DirectoryNotFound')
}

/** The parent of a file to be made: it is never created (docs/wire/tencent-smh.md, files). */
export const parentOfFile = (space: Space, path: Segments): Directory => {
  if (path.length === 0) fail('EmptyPath')
  return directoryAt(space, path.slice(0, -1))
}

/** The parent of a directory to be made. Refuses first, makes what is missing when the answer's function is called. */
export const parentOfDirectory = (
  world: World,
  space: Space,
  path: Segments,
  userId: string,
): { readonly existing: Directory | undefined; readonly make: () => Directory } => {
  const parents = path.slice(0, -1)
  let at: Directory = space.root
  let depth = 0
  for (; depth < parents.length; depth += 1) {
    const next = at.children.get(parents[depth] ?? '')
    if (next === undefined) break
    // Also under `rename`: the strategy is about the last segment only.
    if (!isDirectory(next)) return fail('SameNameDirectoryOrFileExists')
    at = next
  }
  const missing = parents.slice(depth)
  for (const name of missing) checkName(name, 'directory')
  return {
    existing: missing.length === 0 ? at : undefined,
    make: () => missing.reduce((parent, name) => world.tree.makeDirectory(parent, name, userId), at),
  }
}

export interface Place {
  readonly name: string
  /** The file that gives way, under `overwrite`. */
  readonly replaced?: File
}

/** Files and directories share one namespace; nothing replaces a directory, and no directory replaces anything. */
export const placeIn = (
  world: World,
  parent: Directory | undefined,
  name: string,
  kind: 'directory' | 'file',
  strategy: Strategy,
): Place => {
  checkName(name, kind)
  const existing = parent?.children.get(name)
  if (parent === undefined || existing === undefined) return { name }
  if (strategy === 'overwrite' && kind === 'file' && isFile(existing)) return { name, replaced: existing }
  if (strategy !== 'rename') return fail('SameNameDirectoryOrFileExists')
  const free = freeName(name, kind, (candidate) => parent.children.has(candidate), world.behaviour.renameMax)
  checkName(free, kind)
  return { name: free }
}

/** A non-empty value must be that of the existing file (docs/wire/tencent-smh.md, content CAS). */
export const checkCas = ({ behaviour }: World, existing: Node | undefined, given: string | undefined): void => {
  if (!behaviour.preconditions || given === undefined || given === '') return
  if (!isFile(existing) || existing.cas !== given) fail('ContentCasConflict')
}

export const quotaOf = (space: Space) =>
  [...space.library.quotas.values()].find(
    ({ spaces }) => spaces.includes(space.id) || (!space.library.multiSpace && spaces.length === 0),
  )

/** Bytes left under the space's quota, which other spaces may share; undefined without one. */
export const spaceLeft = (space: Space): number | undefined => {
  const quota = quotaOf(space)
  if (quota === undefined) return undefined
  const ids = quota.spaces.length === 0 ? [space.id] : quota.spaces
  return quota.capacity - ids.reduce((sum, id) => sum + (space.library.spaces.get(id)?.used ?? 0), 0)
}

export const checkQuota = (space: Space, more: number): void => {
  const left = spaceLeft(space)
  if (left !== undefined && more > left) fail('QuotaLimitReached')
}

/** By how much the space's use grows with new content in this place. */
export const growth = (space: Space, size: number, replaced: File | undefined): number =>
  space.library.history.enableFileHistory ? size : size - (replaced?.content?.size ?? 0)

/** Old content becomes a version where the library keeps history, else it is gone. */
const keepVersion = (world: World, space: Space, file: File): boolean => {
  const { enableFileHistory, fileHistoryCount } = space.library.history
  if (!enableFileHistory || file.content === undefined) return false
  const { content, modifiedAt, userId, versionId } = file
  const made = { id: world.nextNumber('version'), version: versionId, content, createdAt: modifiedAt, userId }
  const all = [...file.history, made]
  const dropped = all.slice(0, Math.max(0, all.length - fileHistoryCount))
  space.used -= dropped.reduce((sum, version) => sum + version.content.size, 0)
  world.tree.setHistory(file, all.slice(dropped.length))
  return true
}

const overwrite = (world: World, space: Space, file: File, content: Content, attributes?: Attributes): void => {
  const kept = keepVersion(world, space, file)
  space.used += content.size - (kept ? 0 : (file.content?.size ?? 0))
  file.attributes = { ...file.attributes, ...attributes }
  world.tree.setContent(file, content)
}

/** Puts content under a name: a new file, or a new version of the one that gives way. */
export const placeContent = (
  world: World,
  space: Space,
  parent: Directory,
  place: Place,
  given: { readonly content: Content; readonly attributes: Attributes; readonly userId: string },
): File => {
  const { content, attributes, userId } = given
  if (place.replaced !== undefined) {
    overwrite(world, space, place.replaced, content, attributes)
    return place.replaced
  }
  space.used += content.size
  return world.tree.makeFile(parent, place.name, userId, { kind: 'file', content, attributes })
}

/** Takes a node away for good, from wherever it hangs. */
export const erase = (world: World, space: Space, node: Node): void => {
  world.tree.detach(node)
  space.used -= world.tree.forget(node)
}

/** What reading a link reads; undefined where it leads nowhere. */
export const shownBy = (world: World, file: File): File | undefined => {
  let at: Node | undefined = file
  for (let depth = 0; depth < 10 && at?.kind === 'symlink'; depth += 1) at = world.tree.byInode(at.linkTo ?? '')
  return isFile(at) && at.kind !== 'symlink' ? at : undefined
}

export const bytesOf = (file: File): number =>
  sizeOf(file) * (file.content === undefined ? 0 : 1) + file.history.reduce((sum, { content }) => sum + content.size, 0)
