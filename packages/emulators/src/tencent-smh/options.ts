// What can be set: libraries, spaces, tokens, and how the emulator decides where the documents are silent or disagree.
import { type EmulatorOptions } from '../common'

export interface TokenConfig {
  readonly token: string
  /** Absent: every space of the library. */
  readonly spaceIds?: ReadonlyArray<string> | undefined
  readonly userId?: string | undefined
  readonly clientId?: string | undefined
  readonly sessionId?: string | undefined
  /** Names of permissions; default `admin`. Empty: read only. */
  readonly grant?: ReadonlyArray<string> | undefined
  /** Seconds; default 86400. */
  readonly period?: number | undefined
}

export interface SpaceConfig {
  readonly id: string
  readonly userId?: string | undefined
  /** Bytes; absent: no quota. */
  readonly capacity?: number | undefined
  readonly publicRead?: boolean | undefined
}

export interface LibraryConfig {
  readonly id: string
  readonly secret: string
  /** Default: the one space `-` of a single-tenant library. Any other id makes it multi-tenant. */
  readonly spaces?: ReadonlyArray<SpaceConfig> | undefined
  readonly tokens?: ReadonlyArray<TokenConfig> | undefined
  /** Default true. */
  readonly recycleBin?: boolean | undefined
  /** Default 30. */
  readonly retentionDays?: number | undefined
  /** Whether overwritten content becomes a version. Default false. */
  readonly history?: boolean | undefined
}

export interface TencentSmhConfig {
  /** Default: `smhemulator000001`, secret `emulator-secret`. Those that a `dataDir` has already stay as they are there. */
  readonly libraries?: ReadonlyArray<LibraryConfig> | undefined
}

/** Every default follows docs/wire/tencent-smh.md, mostly its table of discrepancies. */
export interface Behaviour {
  /** Operations on more tree nodes than this become tasks. */
  readonly asyncThreshold: number
  /** `sync` and `async` force one way, whatever the size. */
  readonly tasks: 'auto' | 'sync' | 'async'
  readonly taskMs: number
  /** `gradual`: a task's effects appear one after the other while it runs; `end`: all when it is due. */
  readonly taskProgress: 'gradual' | 'end'
  readonly taskIdType: 'number' | 'string'
  readonly taskIdKey: 'taskId' | 'id'
  readonly taskStatusType: 'number' | 'string'
  /** What a copied directory's task answers: an object as in the task page, or an array as batches do. */
  readonly copyTaskResult: 'object' | 'array' | 'nothing'
  /** Status of a finished batch task with failed items. */
  readonly partialTaskStatus: 207 | 200
  /** `omit`: left out of the array; else the whole query is refused. */
  readonly unknownTask: 'omit' | 404 | 400
  /** Whether `createDirectory` answers with `path` also under `ask`. */
  readonly createPath: 'rename' | 'always'
  readonly createStatus: 201 | 200
  /** Synchronous directory copies and moves: `strategy` = 204 for ask and 200 for rename, `path` = 200, `created` = 201 with a path. */
  readonly placedDirectory: 'strategy' | 'path' | 'created'
  /** Moved and copied files: `path` = 200, `strategy` = 204 for ask and overwrite. */
  readonly placedFile: 'path' | 'strategy'
  readonly batchStrategy: 'kind' | 'ask' | 'rename'
  readonly batchParents: 'directories' | 'always' | 'never'
  readonly batchItemErrors: 'full' | 'status-only'
  readonly restoreStrategy: 'kind' | 'ask' | 'rename'
  readonly listDefault: number
  readonly listMax: number
  /** `long`: an integer beyond 2^53, which names the last entry; `number`: an offset. */
  readonly nextMarker: 'string' | 'number' | 'long'
  /** How the last page says that it is. */
  readonly lastMarker: 'missing' | 'null' | 'empty'
  /** Whether a full last page still carries a marker, to an empty page. */
  readonly markerOnFullLastPage: boolean
  readonly countsInMarkerForm: boolean
  /** Refuse lists without `by-marker` or `by-page`. */
  readonly closeOldList: boolean
  readonly spaceListKey: 'both' | 'marker' | 'nextMarker'
  readonly uploadIncompleteStatus: 404 | 400
  readonly missingUpload: 'UploadNotFound' | 'ConfirmKeyNotFound'
  /** `kind`: FileNotFound, or DirectoryNotFound where a parent is missing. */
  readonly missingPath: 'kind' | 'PathNotFound'
  /** What HEAD of a directory says of a file. */
  readonly headDirectoryOfFile: 404 | 200
  readonly invalidTokenStatus: 403 | 401
  readonly uploadPathSlash: boolean
  /** Life of upload credentials and of the right to confirm. */
  readonly uploadSeconds: number
  /** How long a multipart upload can be renewed. */
  readonly uploadLifeSeconds: number
  readonly downloadSeconds: number
  readonly minPartSize: number
  /**
   * `shared`: one set of headers for all parts. `each`: headers for each of the part numbers that begin and renew must name in `partNumberRange`.
   * `offered`: shared headers, and those of each part besides, of the first part where no numbers are named.
   */
  readonly partCredentials: 'shared' | 'each' | 'offered'
  /** Whether the status of an upload can hold credentials; without them `no_upload_part_info` is required. */
  readonly uploadPartInfo: boolean
  /** Whether a name that is taken is refused at the beginning of an upload too, not only when it is confirmed. */
  readonly conflictAtBegin: boolean
  /** Whether an upload that was confirmed can be aborted, which leaves its file where it is. */
  readonly abortConfirmed: boolean
  /** Whether `content_cas`, `contentCas` and `directory_only` protect anything. */
  readonly preconditions: boolean
  /** Whether `inode` and `contentCas` are given to those who ask for them. */
  readonly identities: boolean
  /** `latest`: the history of a file holds only its newest version, and that can be read by its id. */
  readonly history: 'all' | 'latest'
  /** Which of the two searches the library has. */
  readonly search: 'both' | 'classic' | 'new' | 'none'
  /** Whether what a search finds comes with its path. */
  readonly searchPaths: boolean
  readonly changeFeed: boolean
  /** Life of an access token, unless the request names another. */
  readonly tokenSeconds: number
  /** Whether each use of a token extends it. Otherwise it is valid for a third longer than announced. */
  readonly tokenSliding: boolean
  readonly instantMinSize: number
  readonly batchMax: number
  readonly renameMax: number
}

export const defaultBehaviour: Behaviour = {
  asyncThreshold: 100,
  tasks: 'auto',
  taskMs: 200,
  taskProgress: 'gradual',
  taskIdType: 'number',
  taskIdKey: 'taskId',
  taskStatusType: 'number',
  copyTaskResult: 'object',
  partialTaskStatus: 207,
  unknownTask: 'omit',
  createPath: 'rename',
  createStatus: 201,
  placedDirectory: 'strategy',
  placedFile: 'path',
  batchStrategy: 'kind',
  batchParents: 'directories',
  batchItemErrors: 'full',
  restoreStrategy: 'kind',
  listDefault: 20,
  listMax: 1000,
  nextMarker: 'string',
  lastMarker: 'missing',
  markerOnFullLastPage: false,
  countsInMarkerForm: false,
  closeOldList: false,
  spaceListKey: 'both',
  uploadIncompleteStatus: 404,
  missingUpload: 'UploadNotFound',
  missingPath: 'kind',
  headDirectoryOfFile: 404,
  invalidTokenStatus: 403,
  uploadPathSlash: true,
  uploadSeconds: 3600,
  uploadLifeSeconds: 7 * 86_400,
  downloadSeconds: 7200,
  minPartSize: 1024 * 1024,
  partCredentials: 'shared',
  uploadPartInfo: true,
  conflictAtBegin: true,
  abortConfirmed: false,
  preconditions: true,
  identities: true,
  history: 'all',
  search: 'both',
  searchPaths: true,
  changeFeed: true,
  tokenSeconds: 86_400,
  tokenSliding: true,
  instantMinSize: 1024 * 1024,
  batchMax: 1000,
  renameMax: 1000,
}

/** How a private deployment differs (docs/wire/tencent-smh.md, private deployments). */
export const privateBehaviour: Partial<Behaviour> = {
  nextMarker: 'long',
  partCredentials: 'each',
  uploadPartInfo: false,
  conflictAtBegin: false,
  abortConfirmed: true,
  preconditions: false,
  identities: false,
  history: 'latest',
  changeFeed: false,
  tokenSeconds: 1800,
  tokenSliding: false,
}

export interface TencentSmhOptions extends EmulatorOptions {
  /** `private`: the defaults of `behaviour` are those of a private deployment. Default `public`. */
  readonly deployment?: 'public' | 'private' | undefined
  readonly config?: TencentSmhConfig | undefined
  readonly behaviour?: Partial<Behaviour> | undefined
}

export const defaultLibrary: LibraryConfig = { id: 'smhemulator000001', secret: 'emulator-secret' }
