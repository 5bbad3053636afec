// Files and folders as the emulator keeps them.
import { folderMimeType } from './names'
import { rootId } from './ids'

/** Where and when a node went into the recycle bin. */
type Trashed = Readonly<{
  at: number
  /** The ids and names of the folders it lay in, from the outermost; empty: it lay in the root. */
  folders: ReadonlyArray<Readonly<{ id: string; name: string }>>
}>

/** A file or a folder. Never changed in place: a change is another node under the same id. */
export type Node = Readonly<{
  id: string
  containerId: string
  parentId: string
  name: string
  fileType: string
  mimeType: string
  size: number
  createdTime: number
  editedTime: number
  ownerId: string
  editorId: string
  description?: string
  /** Key of the content of a file; absent while an upload is pending. */
  content?: string
  sha256?: string
  pending?: true
  trashed?: Trashed
}>

export const isFolder = (node: Node): boolean => node.fileType === '10' || node.fileType === '11'

export const isRoot = (node: Node): boolean => node.parentId === ''

/** The folder of folders of a space; it exists as long as the space. */
export const rootNode = (containerId: string, id = rootId(containerId), name = `root${containerId}`): Node => ({
  id,
  containerId,
  parentId: '',
  name,
  fileType: '10',
  mimeType: folderMimeType,
  size: 0,
  createdTime: 0,
  editedTime: 0,
  ownerId: '',
  editorId: '',
})

/** The node as it is once it is complete, or out of the bin. */
export const without = (node: Node, mark: 'pending' | 'trashed'): Node =>
  Object.fromEntries(Object.entries(node).filter(([key]) => key !== mark)) as Node
