// Moving, copying and removing, for single calls and batch items alike.
import { has, needBoth } from './access'
import { recordChange } from './changes'
import { fail } from './errors'
import { isDirectory, isFile, subtree, type Directory, type Node } from './nodes'
import { isWithin, type Segments } from './paths'
import {
  bytesOf,
  checkCas,
  checkQuota,
  erase,
  lookUp,
  parentOfDirectory,
  parentOfFile,
  placeContent,
  placeIn,
  type Place,
} from './placing'
import { type Access, type Strategy } from './records'
import { recycle } from './recycle'
import { type Space, type World } from './world'

export interface Transfer {
  readonly verb: 'move' | 'copy'
  readonly access: Access
  readonly from: { readonly space: Space; readonly path: Segments }
  readonly to: { readonly space: Space; readonly path: Segments }
  /** What the source must be; absent in batches, where it may be either. */
  readonly kind?: 'directory' | 'file'
  /** Undefined: the default of the kind. Directories treat `overwrite` as `ask`. */
  readonly strategy: Strategy | undefined
  readonly parents: { readonly directory: 'create' | 'require'; readonly file: 'create' | 'require' }
  /** CAS of the source and of the target. */
  readonly cas?: { readonly source?: string | undefined; readonly target?: string | undefined }
}

const sourceOf = (world: World, { from, kind, cas }: Transfer): Node => {
  const node = lookUp(from.space, from.path)
  const missing = kind === 'directory' ? 'SourceDirectoryNotFound' : 'SourceFileNotFound'
  if (node === undefined) return fail(missing)
  if (kind !== undefined && isDirectory(node) !== (kind === 'directory')) return fail('FileTypeNotMatched')
  if (cas?.source !== undefined) checkCas(world, node, cas.source)
  return node
}

const checkGrant = ({ verb, access, from, to }: Transfer, isFolder: boolean): void => {
  if (from.space !== to.space) needBoth(access, from.space, to.space)
  const plain = isFolder ? `${verb}_directory` : `${verb}_file`
  if (!has(access, plain, ...(isFolder ? [] : [`${plain}_force`]))) fail('NoPermission')
}

/** The root has no name to change and lies above everything. */
const checkNesting = ({ verb, from, to }: Transfer, source: Node): void => {
  if (from.path.length === 0 && verb === 'move') fail('RootDirectoryNotAllowed')
  if (!isDirectory(source) || from.space !== to.space) return
  if (to.path.length > from.path.length && isWithin(to.path, from.path)) fail('SourceDirectoryIsParentOfDestination')
}

interface Target extends Place {
  readonly parent: () => Directory
}

const targetOf = (world: World, transfer: Transfer, source: Node): Target => {
  const { to, access, parents } = transfer
  const kind = isDirectory(source) ? 'directory' : 'file'
  const name = to.path.at(-1) ?? fail(kind === 'directory' ? 'RootDirectoryNotAllowed' : 'EmptyPath')
  const strategy = transfer.strategy ?? (kind === 'directory' ? 'ask' : 'rename')
  const existing = kind === 'directory' ? parents.directory : parents.file
  if (existing === 'require') {
    const parent = parentOfFile(to.space, to.path)
    return { ...placeIn(world, parent, name, kind, strategy), parent: () => parent }
  }
  const { existing: parent, make } = parentOfDirectory(world, to.space, to.path, access.userId)
  return { ...placeIn(world, parent, name, kind, strategy), parent: make }
}

/** An existing file gives way only to those who may overwrite (docs/wire/tencent-smh.md, permissions). */
export const checkForce = (access: Access, replaced: unknown, grant: string): void => {
  if (replaced !== undefined && !has(access, grant)) fail('NoPermission')
}

const checkReplacing = (world: World, transfer: Transfer, source: Node, target: Target): void => {
  if (target.replaced === source) return
  const { verb, access, cas, strategy } = transfer
  checkForce(access, target.replaced, `${verb}_file_force`)
  if (strategy === 'overwrite') checkCas(world, target.replaced, cas?.target)
  if (verb === 'move' && (target.replaced?.history.length ?? 0) > 0) fail('OverwriteFileNotAllowed')
}

const totalBytes = (node: Node): number => {
  let bytes = 0
  for (const each of subtree(node)) if (isFile(each)) bytes += bytesOf(each)
  return bytes
}

/** Copies a directory without what is below it. */
export const copyShell = (
  world: World,
  source: Directory,
  parent: Directory,
  name: string,
  userId: string,
): Directory => world.tree.makeDirectory(parent, name, userId, source.attributes)

/** Copies a node and all below it; the name must be free. Versions are not copied. */
export const copyInto = (
  world: World,
  space: Space,
  source: Node,
  parent: Directory,
  name: string,
  userId: string,
): void => {
  const stack: Array<readonly [node: Node, parent: Directory, name: string]> = [[source, parent, name]]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [node, under, as] = next
    if (isDirectory(node)) {
      const made = copyShell(world, node, under, as, userId)
      for (const child of node.children.values()) stack.push([child, made, child.name])
    } else {
      const { kind, content, attributes, size, linkTo } = node
      space.used += content?.size ?? 0
      world.tree.makeFile(under, as, userId, { kind, content, attributes, size, linkTo })
    }
  }
}

const copyFile = (world: World, transfer: Transfer, source: Node, target: Target): void => {
  const { to, access } = transfer
  const { userId } = access
  if (target.replaced === source) return
  if (isFile(source) && source.content !== undefined)
    placeContent(world, to.space, target.parent(), target, {
      content: source.content,
      attributes: source.attributes,
      userId,
    })
  else {
    if (target.replaced !== undefined) erase(world, to.space, target.replaced)
    copyInto(world, to.space, source, target.parent(), target.name, userId)
  }
}

const moveTo = (world: World, transfer: Transfer, source: Node, target: Target): void => {
  const { from, to } = transfer
  if (target.replaced === source) return
  const parent = target.parent()
  if (target.replaced !== undefined) erase(world, to.space, target.replaced)
  if (from.space !== to.space) {
    const bytes = totalBytes(source)
    from.space.used -= bytes
    to.space.used += bytes
  }
  world.tree.move(source, parent, target.name)
}

export interface Planned {
  readonly source: Node
  readonly target: Target
  /** The final path, known before the work is done. */
  readonly path: Segments
}

/** Everything that can be refused is refused here; nothing has changed yet. */
export const plan = (world: World, transfer: Transfer): Planned => {
  const { verb, from, to } = transfer
  const source = sourceOf(world, transfer)
  checkGrant(transfer, isDirectory(source))
  checkNesting(transfer, source)
  const target = targetOf(world, transfer, source)
  checkReplacing(world, transfer, source, target)
  if (verb === 'copy' || from.space !== to.space) checkQuota(to.space, totalBytes(source))
  return { source, target, path: [...to.path.slice(0, -1), target.name] }
}

/** Gives the final path. */
export const carryOut = (world: World, transfer: Transfer): Segments => {
  const { source, target, path } = plan(world, transfer)
  const isOverwriting = target.replaced !== undefined && target.replaced !== source
  if (transfer.verb === 'move') moveTo(world, transfer, source, target)
  else if (isDirectory(source))
    copyInto(world, transfer.to.space, source, target.parent(), target.name, transfer.access.userId)
  else copyFile(world, transfer, source, target)
  const verb = transfer.verb === 'move' ? 'MOVE' : 'COPY'
  const event = isOverwriting ? (`FILE.${verb}_OVERWRITE` as const) : (`FILE.${verb}` as const)
  recordChange(world, transfer.to.space, event, lookUp(transfer.to.space, path))
  return path
}

export interface Removal {
  readonly access: Access
  readonly space: Space
  readonly path: Segments
  readonly kind?: 'directory' | 'file'
  readonly permanent: boolean
  readonly cas?: string | undefined
}

/** The number of the recycled item, or undefined where nothing can be restored. */
export const remove = (world: World, removal: Removal): number | undefined => {
  const { access, space, path, kind, permanent, cas } = removal
  const node = lookUp(space, path)
  if (kind !== 'file' && path.length === 0) return fail('RootDirectoryNotAllowed')
  const matches = node !== undefined && (kind === undefined || isDirectory(node) === (kind === 'directory'))
  if (!matches) return fail(kind === 'directory' ? 'DirectoryNotFound' : 'FileNotFound')
  const grant = isDirectory(node) ? 'delete_directory' : 'delete_file'
  const { recycleBin } = space.library
  if (!has(access, permanent && recycleBin ? `${grant}_permanent` : grant)) fail('NoPermission')
  checkCas(world, isFile(node) ? node : undefined, cas)
  const isTrashed = recycleBin && !permanent
  recordChange(world, space, isTrashed ? 'FILE.TRASH' : 'FILE.DELETE', node)
  if (isTrashed) return recycle(world, space, node)
  erase(world, space, node)
  return undefined
}
