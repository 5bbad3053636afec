// The io-ts codecs of what SMH sends and takes, in its own spelling: lenient exactly where its texts disagree or omit something.
import { Secret } from '@anydrive/core'
import * as t from 'io-ts'

/** An absent field and `null` mean the same in SMH's responses. */
const maybe = <C extends t.Mixed>(codec: C) => t.union([codec, t.null, t.undefined], codec.name)

/** Sizes, checksums, ids and markers are a string from one endpoint and a number from another. */
export const Text = t.union([t.string, t.number], 'string or number')
export type Text = t.TypeOf<typeof Text>

/** A path as an array of segments; the root is `[]`. */
export const Segments = t.readonlyArray(t.string, 'path')
export type Segments = t.TypeOf<typeof Segments>

const isStatus = (n: number): boolean => Number.isInteger(n) && n >= 100 && n <= 599
/** An HTTP status inside a body: `204` or `"204"`. */
const Status: t.Type<number, number> = new t.Type<number, number, unknown>(
  'status',
  (u): u is number => typeof u === 'number' && isStatus(u),
  (u, context) => {
    const n = typeof u === 'string' && /^\d{3}$/.test(u) ? Number(u) : u
    return typeof n === 'number' && isStatus(n) ? t.success(n) : t.failure(u, context)
  },
  (n) => n,
)

/** Any body: the status alone is the proof, or nothing of the body is needed. */
export const Ignored = new t.Type<Record<never, never>>(
  'nothing',
  (u): u is Record<never, never> => typeof u === 'object' && u !== null,
  () => t.success({}),
  () => ({}),
)

const shape = <R extends t.Props, O extends t.Props>(name: string, required: R, optional: O) =>
  t.exact(t.intersection([t.type(required), t.partial(optional)]), name)

/** The response of creating and of renewing a token. */
export const Token = t.strict({ accessToken: Secret, expiresIn: t.number }, 'Token')
export type Token = t.TypeOf<typeof Token>

/** What lists, `?info` and a confirmed upload say of a file or directory. */
const described = {
  inode: maybe(t.string),
  creationTime: maybe(t.string),
  modificationTime: maybe(t.string),
  localCreationTime: maybe(t.string),
  localModificationTime: maybe(t.string),
  eTag: maybe(t.string),
  size: maybe(Text),
  crc64: maybe(Text),
  contentType: maybe(t.string),
}

/** An entry of a list. */
export const Content = shape('Content', { name: t.string, type: t.string }, described)
export type Content = t.TypeOf<typeof Content>
export const Contents = shape('Contents', { contents: t.readonlyArray(Content) }, { nextMarker: maybe(Text) })
export type Contents = t.TypeOf<typeof Contents>
/** The response of `GET directory?info`, for either kind. */
export const Info = shape('Info', { type: t.string }, described)
export type Info = t.TypeOf<typeof Info>
/** The response of `GET file?info`. */
export const Download = shape('Download', { type: t.string, cosUrl: Secret }, described)
export type Download = t.TypeOf<typeof Download>

/** A confirmed upload, or an instant upload that succeeded; `path` is null where the directory has been deleted meanwhile. */
export const Uploaded = shape(
  'Uploaded',
  { path: t.union([Segments, t.null], 'path') },
  { ...described, isOverwritten: maybe(t.boolean) },
)
export type Uploaded = t.TypeOf<typeof Uploaded>

/** `path` proves the creation under `rename`. */
export const RenamedDirectory = shape('RenamedDirectory', { path: Segments }, described)
/** Under `ask` the creation time proves it, or from newer services the path. */
export const CreatedDirectory = t.union(
  [RenamedDirectory, shape('CreatedDirectory', { creationTime: t.string }, described)],
  'CreatedDirectory',
)
/** Under status 201 also no body at all, as the vendor's SDK allows. */
export const CreatedOrEmpty = t.union([CreatedDirectory, t.undefined], 'CreatedDirectory')
export type CreatedDirectory = Partial<t.TypeOf<typeof RenamedDirectory>>

const StartedTask = t.union([t.strict({ taskId: Text }), t.strict({ id: Text })], 'Started')
/** `started`: with status 202. */
export interface StartedTask {
  readonly taskId?: Text | null | undefined
  readonly id?: Text | null | undefined
  readonly started?: boolean
}
/** What comes with status 202: the work has started, whether or not the body names the task. */
export const Accepted = new t.Type<StartedTask & { readonly started: true }>(
  'Accepted',
  (u): u is StartedTask & { readonly started: true } => typeof u === 'object' && u !== null,
  (u, context) => {
    const named = StartedTask.validate(u, context)
    return t.success({ ...(named._tag === 'Right' ? named.right : {}), started: true })
  },
  (a) => a,
)

/** What a finished move or copy of one entry answers. */
export const PlacedEntry = t.strict({ path: Segments }, 'PlacedEntry')
export const PlacedOrStarted = t.union([PlacedEntry, StartedTask], 'PlacedOrStarted')
export type PlacedOrStarted = StartedTask & { readonly path?: Segments }

/** A path of the request, repeated in the response. */
const Echo = maybe(t.union([Segments, t.string], 'path'))
export const BatchItem = shape(
  'BatchItem',
  { status: Status },
  {
    ...{ path: maybe(Segments), from: Echo, copyFrom: Echo, to: Echo },
    ...{
      recycledItemId: maybe(Text),
      moveAuthority: maybe(t.boolean),
      code: maybe(t.string),
      message: maybe(t.string),
    },
  },
)
export type BatchItem = t.TypeOf<typeof BatchItem>
export const BatchAnswer = t.union([t.strict({ result: t.readonlyArray(BatchItem) }), StartedTask], 'BatchAnswer')
export type BatchAnswer = StartedTask & { readonly result?: ReadonlyArray<BatchItem> }

const FinalPath = t.exact(t.partial({ path: maybe(Segments) }), 'FinalPath')
/** `result` is an array for batches and an object for a copied directory, which one page shows in an array as well. */
const TaskResult = t.union([t.readonlyArray(BatchItem), t.readonlyArray(FinalPath), FinalPath], 'task result')
export const Task = shape(
  'Task',
  { status: Status },
  { taskId: maybe(Text), id: maybe(Text), result: maybe(TaskResult) },
)
export type Task = t.TypeOf<typeof Task>
export const Tasks = t.readonlyArray(Task, 'Tasks')

/** The values may sign the request, so they are secrets; an empty one is not. */
const SignedHeaders = t.record(t.string, t.union([Secret, t.literal('')]), 'headers')
/** Of a private deployment: the headers of each part, by its number. */
const PartHeaders = t.record(t.string, t.strict({ headers: SignedHeaders }), 'parts')
const target = { domain: t.string, path: t.string, expiration: t.string }
const credentials = { uploadId: maybe(t.string), headers: maybe(SignedHeaders), parts: maybe(PartHeaders) }
/** Where and how the bytes of a new upload are sent. */
export const BegunUpload = shape('BegunUpload', { ...target, confirmKey: t.string }, credentials)
export type BegunUpload = t.TypeOf<typeof BegunUpload>
/** The same of a renewed upload, or in an upload's status. */
export const UploadTarget = shape('UploadTarget', target, credentials)
export type UploadTarget = t.TypeOf<typeof UploadTarget>
export type SignedHeaders = t.TypeOf<typeof SignedHeaders>

const UploadedPart = t.strict({ PartNumber: t.number, Size: Text }, 'UploadedPart')
export const UploadStatus = shape(
  'UploadStatus',
  { confirmed: t.boolean },
  {
    path: maybe(Segments),
    conflictResolutionStrategy: maybe(t.string),
    parts: maybe(t.readonlyArray(UploadedPart)),
    uploadPartInfo: maybe(UploadTarget),
  },
)
export type UploadStatus = t.TypeOf<typeof UploadStatus>

/** An item of the recycle bin; `remainingTime` in whole days. */
const RecycledItem = shape(
  'RecycledItem',
  { recycledItemId: Text, name: t.string, type: t.string },
  { ...described, originalPath: maybe(Segments), removalTime: maybe(t.string), remainingTime: maybe(Text) },
)
export type RecycledItem = t.TypeOf<typeof RecycledItem>
export const RecycledPage = shape(
  'RecycledPage',
  { contents: t.readonlyArray(RecycledItem) },
  { nextMarker: maybe(Text) },
)
export type RecycledPage = t.TypeOf<typeof RecycledPage>
/** `?info` of an item of the bin. */
export const RecycledInfo = shape('RecycledInfo', { type: t.string }, { ...described, path: maybe(Segments) })
export type RecycledInfo = t.TypeOf<typeof RecycledInfo>

/** What a search finds; the newer one does not promise the path. */
const Hit = shape('Hit', { name: t.string, type: t.string }, { ...described, path: maybe(Segments) })
export type Hit = t.TypeOf<typeof Hit>
export const Hits = shape('Hits', { contents: t.readonlyArray(Hit) }, { nextMarker: maybe(Text) })
export type Hits = t.TypeOf<typeof Hits>
/** The classic search, whose results are read on by its id; `searchFinished` is false while it still looks. */
export const ClassicHits = shape(
  'ClassicHits',
  { contents: t.readonlyArray(Hit) },
  { searchId: maybe(Text), searchFinished: maybe(t.boolean), hasMore: maybe(t.boolean), nextMarker: maybe(Text) },
)
export type ClassicHits = t.TypeOf<typeof ClassicHits>

/** The newest version may lack its id. */
const Version = shape(
  'Version',
  { isLatestVersion: t.boolean },
  { ...described, id: maybe(Text), version: maybe(Text), createdBy: maybe(t.string), setLatestTime: maybe(t.string) },
)
export const History = shape(
  'History',
  { contents: t.readonlyArray(Version) },
  { hasMore: maybe(t.boolean), nextMarker: maybe(Text) },
)
export type History = t.TypeOf<typeof History>
export const HistorySettings = t.strict(
  { enableFileHistory: t.boolean, fileHistoryCount: t.number, fileHistoryExpireDay: t.number, mergeInterval: t.number },
  'HistorySettings',
)
export type HistorySettings = t.TypeOf<typeof HistorySettings>

/** A path by the id of its entry; null where it is in no directory any more. */
export const ByInode = shape('ByInode', { type: t.string, path: t.union([Segments, t.null]) }, described)
export const DeletionReason = shape('DeletionReason', { reason: t.string }, { deletedAt: maybe(t.string) })

export const Change = shape(
  'Change',
  { eventType: t.string, eventTime: t.string },
  {
    ...{ inode: maybe(t.string), parentInode: maybe(t.string), name: maybe(t.string), type: maybe(t.string) },
    location: maybe(t.union([Segments, t.string], 'path')),
  },
)
export type Change = t.TypeOf<typeof Change>
export const ChangeCursor = t.strict({ cursor: t.string }, 'ChangeCursor')
export const Changes = t.strict({ cursor: t.string, hasMore: t.boolean, contents: t.readonlyArray(Change) }, 'Changes')

const ListedSpace = shape(
  'ListedSpace',
  { spaceId: t.string },
  { userId: maybe(t.string), creationTime: maybe(t.string) },
)
/** One page names the next by `marker`, another by `nextMarker`. */
export const Spaces = shape(
  'Spaces',
  { list: t.readonlyArray(ListedSpace) },
  { marker: maybe(Text), nextMarker: maybe(Text) },
)
export const CreatedSpace = t.strict({ spaceId: t.string }, 'CreatedSpace')
export const SpaceCount = t.strict({ total: t.number }, 'SpaceCount')
export const SpaceAttributes = t.exact(
  t.partial({
    isPublicRead: maybe(t.boolean),
    isMultiAlbum: maybe(t.boolean),
    allowPhoto: maybe(t.boolean),
    allowVideo: maybe(t.boolean),
    recognizeSensitiveContent: maybe(t.boolean),
    spaceTag: maybe(t.string),
  }),
  'SpaceAttributes',
)
export type SpaceAttributes = t.TypeOf<typeof SpaceAttributes>
export const FileCounts = t.strict(
  { fileNum: Text, dirNum: Text, recycledFileNum: Text, recycledDirNum: Text, historyFileNum: Text },
  'FileCounts',
)
export const DirectoryStats = t.strict({ storage: Text, fileCount: Text, dirCount: Text }, 'DirectoryStats')

export const Quota = shape(
  'Quota',
  { capacity: Text },
  {
    ...{ id: maybe(Text), spaces: maybe(t.readonlyArray(t.string)) },
    ...{ removeWhenExceed: maybe(t.boolean), removeAfterDays: maybe(t.number), removeNewest: maybe(t.boolean) },
  },
)
export type Quota = t.TypeOf<typeof Quota>
export const CreatedQuota = t.strict({ quotaId: Text }, 'CreatedQuota')
export const LibraryUsage = t.strict({ totalFileSize: Text }, 'LibraryUsage')

/** The newer query of one task; its results are under a key of the task's type. */
export const TaskResult2 = shape('TaskResult2', { status: Status }, { taskId: maybe(Text), taskType: maybe(t.string) })

/** `null` means that there is no quota. */
export const SpaceUsages = t.readonlyArray(
  shape('SpaceUsage', {}, { spaceId: maybe(t.string), capacity: maybe(Text), size: maybe(Text) }),
  'SpaceUsages',
)
export const SpaceSize = t.strict({ size: Text }, 'SpaceSize')

/** An error; one test of a vendor's SDK reads a capitalized `Code`. */
const text = maybe(t.string)
export const ErrorBody = t.exact(
  t.partial({ code: text, Code: text, message: text, requestId: text, smhRequestId: text }),
  'ErrorBody',
)
export type ErrorBody = t.TypeOf<typeof ErrorBody>

// What SMH takes

export type Strategy = 'ask' | 'rename' | 'overwrite'

export interface CallerTimes {
  readonly localCreationTime?: string
  readonly localModificationTime?: string
}
interface TransferRequestItem {
  readonly to: string
  readonly conflictResolutionStrategy: Strategy
}
export interface MoveRequestItem extends TransferRequestItem {
  readonly from: string
  readonly fromSpaceId?: string
  readonly moveAuthority?: boolean
}
export interface CopyRequestItem extends TransferRequestItem {
  readonly copyFrom: string
  readonly copyFromSpaceId?: string
}
interface DeleteRequestItem {
  readonly path: string
  readonly permanent: boolean
}
export interface RequestItems {
  readonly move: ReadonlyArray<MoveRequestItem>
  readonly copy: ReadonlyArray<CopyRequestItem>
  readonly delete: ReadonlyArray<DeleteRequestItem>
}
/** The numbers of parts for which a private deployment is to return headers. */
export interface PartNumbers {
  readonly partNumberRange?: ReadonlyArray<number>
}
/** The beginning of an upload; the hashes ask for an instant upload. */
export interface BeginBody extends CallerTimes, PartNumbers {
  readonly beginningHash?: string
  readonly fullHash?: string
  readonly size?: string
}
export interface ConfirmBody extends CallerTimes {
  readonly crc64?: string
}

export interface SearchBody {
  readonly type: 'filename'
  readonly keywords?: ReadonlyArray<string>
  readonly scope?: string
  readonly minFileSize?: number
  readonly maxFileSize?: number
}
export interface ClassicSearchBody extends Omit<SearchBody, 'type' | 'keywords'> {
  /** Words that are alternatives. */
  readonly keyword?: string
  readonly type?: string
}
/** `originalPath` refuses where the directory is gone. */
export type RestorePathStrategy = 'originalPath' | 'fallbackToRoot'
export interface NewQuota {
  readonly spaces?: ReadonlyArray<string>
  /** Bytes. */
  readonly capacity: string
  readonly removeWhenExceed: boolean
  readonly removeAfterDays: number
  readonly removeNewest?: boolean
}
