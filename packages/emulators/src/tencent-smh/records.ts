// Records that outlive a request besides the tree: tokens, quotas, uploads, tasks, recycled items. Plain JSON, all of them.
import { type Part } from './contents'
import { type Attributes } from './nodes'

export type Strategy = 'ask' | 'rename' | 'overwrite'

/** Who acts, and what they may do. */
export interface Access {
  readonly userId: string
  /** Undefined: all spaces of the library. */
  readonly spaceIds: ReadonlyArray<string> | undefined
  readonly grants: ReadonlyArray<string>
}

export interface Token extends Access {
  readonly token: string
  readonly libraryId: string
  readonly clientId: string
  readonly sessionId: string
  /** Seconds. */
  readonly period: number
  expiresAt: number
}

export interface Quota {
  readonly id: number
  readonly spaces: ReadonlyArray<string>
  readonly capacity: number
  /** What else was sent, echoed. */
  readonly rest: Readonly<Record<string, unknown>>
}

export interface HistorySettings {
  readonly enableFileHistory: boolean
  readonly fileHistoryCount: number
  readonly fileHistoryExpireDay: number
  readonly mergeInterval: number
}

export interface Recycled {
  readonly id: number
  readonly libraryId: string
  readonly spaceId: string
  /** Of the node that was removed, with all below it. */
  readonly inode: string
  readonly originalPath: ReadonlyArray<string>
  readonly removedAt: number
}

/** Results of the classic search, which are read on by its id. */
export interface Search {
  readonly libraryId: string
  readonly spaceId: string
  readonly inodes: ReadonlyArray<string>
}

type FileChange = 'CREATE' | 'MODIFY' | 'DELETE' | 'COPY' | 'MOVE' | 'TRASH' | 'RESTORE'
type Overwriting = 'CREATE' | 'MOVE' | 'COPY' | 'RESTORE'
export type ChangeType =
  `FILE.${FileChange}` | `FILE.${Overwriting}_OVERWRITE` | 'RECYCLE.DELETE' | `HISTORY.${'DELETE' | 'LATEST'}`

/** An event of the change feed. */
export interface Change {
  readonly id: number
  readonly libraryId: string
  readonly spaceId: string
  readonly eventType: ChangeType
  readonly at: number
  readonly inode: string
  readonly parentInode: string
  readonly name: string
  readonly type: string
  readonly path: ReadonlyArray<string>
}

export interface UploadedPart extends Part {
  readonly number: number
  readonly at: number
}

export interface Upload {
  readonly confirmKey: string
  readonly kind: 'simple' | 'form' | 'multipart'
  readonly libraryId: string
  readonly spaceId: string
  /** Inode of the directory that the file will be in, wherever that is by then. */
  readonly parent: string
  readonly name: string
  readonly strategy: Strategy
  readonly userId: string
  readonly attributes: Attributes
  readonly contentType: string
  readonly contentCas?: string
  /** The size announced at begin. */
  readonly filesize?: number
  readonly uploadId?: string
  readonly createdAt: number
  /** No renewal after this. */
  readonly diesAt: number
  /** Credentials and the right to confirm end here. */
  expiresAt: number
  authorization: string
  readonly securityToken: string
  confirmed: boolean
}

export type BatchItem =
  | {
      readonly verb: 'move' | 'copy'
      readonly from: string
      readonly to: string
      readonly fromSpaceId?: string
      readonly strategy?: Strategy
      readonly moveAuthority: boolean
    }
  | { readonly verb: 'delete'; readonly path: string; readonly permanent: boolean }
  | { readonly verb: 'restore'; readonly id: number; readonly fallbackToRoot: boolean }

export type Work =
  | { readonly kind: 'batch'; readonly access: Access; readonly items: ReadonlyArray<BatchItem> }
  | {
      readonly kind: 'copyDirectory'
      readonly userId: string
      /** Inodes of the directory made, and of what is to be copied into it. */
      readonly target: string
      readonly children: ReadonlyArray<string>
    }
  | { readonly kind: 'nothing'; readonly result: Readonly<Record<string, unknown>> }

export type TaskType =
  | 'batchMove'
  | 'batchCopy'
  | 'batchDelete'
  | 'batchRestoreRecycle'
  | 'copyDirectory'
  | 'calibrateDirectoryStats'
  | 'clearLibraryHistory'

export interface ItemResult {
  readonly status: number
  readonly [key: string]: unknown
}

export interface Task {
  readonly id: number
  readonly libraryId: string
  /** Absent for tasks of the library. */
  readonly spaceId?: string
  readonly type: TaskType
  readonly work: Work
  readonly startedAt: number
  readonly dueAt: number
  /** Ends as failed, half done. */
  readonly fails: boolean
  /** Steps done. */
  done: number
  results: ReadonlyArray<ItemResult>
  /** 202 while it runs. */
  status: number
  result?: Readonly<Record<string, unknown>>
}
