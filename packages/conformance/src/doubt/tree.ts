// What is below a folder: kinds, and the bytes of every file.
import { readBytes, relativeTo, walk, type DrivePath, type DriveProvider } from '@anydrive/core'
import { isTemporary } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { createHash } from 'node:crypto'
import { Violation } from '../law'

/** `dir`, or what identifies the bytes of a file. */
export type Node = string
/** Relative path → what is there. */
export type Tree = ReadonlyMap<string, Node>

/** Short texts as they are, so that a message shows them; else size and digest. */
export const contentOf = (bytes: Uint8Array): Node =>
  bytes.byteLength <= 40
    ? JSON.stringify(Buffer.from(bytes).toString())
    : `${bytes.byteLength} bytes ${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}`

export interface Seen {
  readonly visible: Tree
  /** Below temporary names of composed operations. */
  readonly hidden: Tree
}

/** Reads every byte; throws a `Violation` where something cannot be read. */
export const readTree = async (drive: DriveProvider, root: DrivePath): Promise<Seen> => {
  const visible = new Map<string, Node>()
  const hidden = new Map<string, Node>()
  for await (const one of walk(drive, root, { temporaries: 'show' })) {
    if (E.isLeft(one)) throw new Violation(`the tree cannot be read: ${one.left.message}`)
    const entry = one.right
    const path = relativeTo(root, entry.path)
    const tree = path.split('/').some(isTemporary) ? hidden : visible
    if (tree.has(path)) throw new Violation(`${path} is there twice`)
    if (entry.kind !== 'file') {
      tree.set(path, entry.kind === 'directory' ? 'dir' : entry.kind)
      continue
    }
    const content = await drive.readFile(entry.path)()
    if (E.isLeft(content)) throw new Violation(`${path} cannot be read: ${content.left.message}`)
    const bytes = await readBytes(content.right)()
    if (E.isLeft(bytes)) throw new Violation(`${path} cannot be read: ${bytes.left.message}`)
    tree.set(path, contentOf(bytes.right))
  }
  return { visible, hidden }
}

/** The part at and below a path, by path relative to it; the path itself is the empty one. */
export const subtree = (tree: Tree, at: string): Tree =>
  new Map(
    [...tree].flatMap(([path, node]) =>
      path === at
        ? [['', node] as const]
        : path.startsWith(`${at}/`)
          ? [[path.slice(at.length + 1), node] as const]
          : [],
    ),
  )
export const join = (at: string, relative: string): string => (relative === '' ? at : `${at}/${relative}`)
export const parentOf = (path: string): string => path.split('/').slice(0, -1).join('/')

export const showTree = (tree: Tree): string =>
  tree.size === 0
    ? 'nothing'
    : [...tree]
        .map(([path, node]) => `${path}${node === 'dir' ? '/' : ` ${node}`}`)
        .sort()
        .join(', ')
