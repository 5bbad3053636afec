// Changing the tree: every change keeps the indexes, the bytes' holders and the journal in step.
import { type Journal } from '../common'
import { type Contents } from './contents'
import {
  isDirectory,
  makeDirectory,
  subtree,
  type Attributes,
  type Content,
  type Directory,
  type File,
  type Node,
} from './nodes'

export interface Tree {
  readonly byInode: (inode: string) => Node | undefined
  readonly makeRoot: (userId: string) => Directory
  readonly makeDirectory: (parent: Directory, name: string, userId: string, attributes?: Attributes) => Directory
  readonly makeFile: (parent: Directory, name: string, userId: string, rest: NewFile) => File
  /** Puts a detached node, or one from elsewhere, under this name. The name must be free. */
  readonly move: (node: Node, parent: Directory, name: string) => void
  /** Takes the node out of its directory; it and its subtree live on (in the recycle bin). */
  readonly detach: (node: Node) => void
  /** Forgets a detached node and its subtree; gives the bytes they held, versions included. */
  readonly forget: (node: Node) => number
  /** Replaces the content; versions are the caller's business. */
  readonly setContent: (file: File, content: Content) => void
  readonly setHistory: (file: File, history: File['history']) => void
  readonly saved: (node: Node) => void
  /** Marks the directory as changed without a child coming or going. */
  readonly touch: (directory: Directory | undefined) => void
  readonly load: () => void
}

interface NewFile {
  readonly kind: File['kind']
  readonly content?: Content | undefined
  readonly attributes?: Attributes | undefined
  readonly size?: number | undefined
  readonly linkTo?: string | undefined
}

interface NodeRecord {
  readonly kind: Node['kind']
  readonly name: string
  readonly parent: string | null
  readonly userId: string
  readonly createdAt: number
  readonly modifiedAt: number
  readonly attributes: Attributes
  readonly eTag?: number
  readonly content?: string
  readonly versionId?: number
  readonly cas?: string
  readonly size?: number
  readonly linkTo?: string
  readonly history?: ReadonlyArray<Omit<File['history'][number], 'content'> & { readonly content: string }>
}

const recordOf = (node: Node): NodeRecord => {
  const { kind, name, userId, createdAt, modifiedAt, attributes } = node
  const base = { kind, name, parent: node.parent?.inode ?? null, userId, createdAt, modifiedAt, attributes }
  if (node.kind === 'dir') return { ...base, eTag: node.eTag }
  return {
    ...base,
    versionId: node.versionId,
    cas: node.cas,
    ...(node.content === undefined ? {} : { content: node.content.id }),
    ...(node.size === undefined ? {} : { size: node.size }),
    ...(node.linkTo === undefined ? {} : { linkTo: node.linkTo }),
    ...(node.history.length === 0
      ? {}
      : { history: node.history.map((version) => ({ ...version, content: version.content.id })) }),
  }
}

const nodeOf = (inode: string, record: NodeRecord, contents: Contents): Node => {
  const { kind, name, userId, createdAt, modifiedAt, attributes } = record
  const base = { inode, name, parent: undefined, userId, createdAt, modifiedAt, attributes }
  if (kind === 'dir') return makeDirectory({ ...base, eTag: record.eTag ?? 0 })
  const history = (record.history ?? []).flatMap((version) => {
    const content = contents.find(version.content)
    return content === undefined ? [] : [{ ...version, content }]
  })
  return {
    ...base,
    kind,
    content: contents.find(record.content ?? ''),
    versionId: record.versionId ?? 1,
    cas: record.cas ?? '',
    history,
    ...(record.size === undefined ? {} : { size: record.size }),
    ...(record.linkTo === undefined ? {} : { linkTo: record.linkTo }),
  }
}

const link = (node: Node, parent: Directory): void => {
  node.parent = parent
  parent.children.set(node.name, node)
  if (isDirectory(node)) parent.directories.insert(node)
  else parent.files.insert(node)
}

const contentsOf = (node: Node): ReadonlyArray<Content> =>
  node.kind === 'dir'
    ? []
    : [...(node.content === undefined ? [] : [node.content]), ...node.history.map(({ content }) => content)]

export const makeTree = (options: {
  readonly now: () => number
  readonly newId: () => string
  readonly contents: Contents
  readonly journal: Journal
}): Tree => {
  const { now, newId, contents, journal } = options
  const inodes = new Map<string, Node>()
  const saved = (node: Node): void => journal.put('node', node.inode, () => recordOf(node))
  const touch = (directory: Directory | undefined): void => {
    if (directory === undefined) return
    directory.eTag = Math.max(now(), directory.eTag + 1)
    directory.views.clear()
    saved(directory)
  }
  const childChanged = (directory: Directory): void => {
    directory.modifiedAt = now()
    touch(directory)
  }
  const adopt = <N extends Node>(node: N, parent: Directory): N => {
    inodes.set(node.inode, node)
    link(node, parent)
    childChanged(parent)
    saved(node)
    return node
  }
  const base = (name: string, userId: string, attributes: Attributes | undefined) => {
    const at = now()
    return {
      inode: newId(),
      name,
      parent: undefined,
      userId,
      createdAt: at,
      modifiedAt: at,
      attributes: { ...attributes },
    }
  }
  const detach = (node: Node): void => {
    const { parent } = node
    if (parent === undefined) return
    parent.children.delete(node.name)
    if (isDirectory(node)) parent.directories.remove(node)
    else parent.files.remove(node)
    node.parent = undefined
    childChanged(parent)
    saved(node)
  }
  return {
    byInode: (inode) => inodes.get(inode),
    makeRoot: (userId) => {
      const root = makeDirectory({ ...base('', userId, undefined), eTag: 0 })
      inodes.set(root.inode, root)
      saved(root)
      return root
    },
    makeDirectory: (parent, name, userId, attributes) =>
      adopt(makeDirectory({ ...base(name, userId, attributes), eTag: 0 }), parent),
    makeFile: (parent, name, userId, { kind, content, attributes, size, linkTo }) => {
      if (content !== undefined) contents.hold(content)
      const file: File = { ...base(name, userId, attributes), kind, content, versionId: 1, cas: newId(), history: [] }
      if (size !== undefined) file.size = size
      if (linkTo !== undefined) file.linkTo = linkTo
      return adopt(file, parent)
    },
    move: (node, parent, name) => {
      detach(node)
      node.name = name
      adopt(node, parent)
    },
    detach,
    forget: (node) => {
      let bytes = 0
      for (const gone of subtree(node)) {
        for (const content of contentsOf(gone)) {
          bytes += content.size
          contents.drop(content)
        }
        inodes.delete(gone.inode)
        journal.remove('node', gone.inode)
      }
      return bytes
    },
    setContent: (file, content) => {
      contents.hold(content)
      const old = file.content
      file.content = content
      file.cas = newId()
      file.versionId += 1
      file.modifiedAt = now()
      if (old !== undefined) contents.drop(old)
      touch(file.parent)
      saved(file)
    },
    setHistory: (file, history) => {
      for (const { content } of history) contents.hold(content)
      const old = file.history
      file.history = history
      for (const { content } of old) contents.drop(content)
      saved(file)
    },
    saved,
    touch,
    load: () => {
      const parents: Array<readonly [node: Node, parent: string]> = []
      for (const [inode, value] of journal.load('node')) {
        const record = value as NodeRecord
        const node = nodeOf(inode, record, contents)
        inodes.set(inode, node)
        for (const content of contentsOf(node)) contents.hold(content)
        if (record.parent !== null) parents.push([node, record.parent])
      }
      for (const [node, inode] of parents) {
        const parent = inodes.get(inode)
        if (isDirectory(parent)) link(node, parent)
      }
    },
  }
}
