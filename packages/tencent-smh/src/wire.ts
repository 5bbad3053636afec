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

/** The response of `GET` and `POST` of `token`, and of a renewal. */
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

export const Content = t.exact(
  t.intersection([t.type({ name: t.string, type: t.string }), t.partial(described)]),
  'Content',
)
export type Content = t.TypeOf<typeof Content>

export const Contents = t.exact(
  t.intersection([t.type({ contents: t.readonlyArray(Content) }), t.partial({ nextMarker: maybe(Text) })]),
  'Contents',
)
export type Contents = t.TypeOf<typeof Contents>

/** The response of `GET directory?info`, for either kind. */
export const Info = t.exact(t.intersection([t.type({ type: t.string }), t.partial(described)]), 'Info')
export type Info = t.TypeOf<typeof Info>

/** The response of `GET file?info`. */
export const Download = t.exact(
  t.intersection([t.type({ type: t.string, cosUrl: Secret }), t.partial(described)]),
  'Download',
)
export type Download = t.TypeOf<typeof Download>

/** A confirmed upload, or an instant upload that succeeded; `path` is null where the directory has been deleted meanwhile. */
export const Uploaded = t.exact(
  t.intersection([
    t.type({ path: t.union([Segments, t.null], 'path') }),
    t.partial({ ...described, isOverwritten: maybe(t.boolean) }),
  ]),
  'Uploaded',
)
export type Uploaded = t.TypeOf<typeof Uploaded>

/** `path` proves the creation under `rename`. */
export const RenamedDirectory = t.exact(
  t.intersection([t.type({ path: Segments }), t.partial(described)]),
  'RenamedDirectory',
)
/** Under `ask` the creation time (or, from newer services, the path) proves it. */
export const CreatedDirectory = t.union(
  [RenamedDirectory, t.exact(t.intersection([t.type({ creationTime: t.string }), t.partial(described)]))],
  'CreatedDirectory',
)
export type CreatedDirectory = Partial<t.TypeOf<typeof RenamedDirectory>>
/** Under status 201 also no body at all, as the vendor's SDK allows. */
export const CreatedOrEmpty: t.Decoder<unknown, CreatedDirectory> = {
  ...CreatedDirectory,
  name: CreatedDirectory.name,
  validate: (u, context) => (u === undefined ? t.success({}) : CreatedDirectory.validate(u, context)),
  decode: (u) => (u === undefined ? t.success({}) : CreatedDirectory.decode(u)),
}

const StartedTask = t.union([t.strict({ taskId: Text }), t.strict({ id: Text })], 'Started')
/** What comes with status 202: the work has started, whether or not the body names the task. */
export const Accepted = new t.Type<{ readonly taskId?: Text; readonly id?: Text }>(
  'Accepted',
  (u): u is object => typeof u === 'object' && u !== null,
  (u, context) => {
    const started = StartedTask.validate(u, context)
    return started._tag === 'Right' ? started : t.success({})
  },
  (a) => a,
)

/** What a finished move or copy of one entry answers. */
export const PlacedEntry = t.strict({ path: Segments }, 'PlacedEntry')
export const PlacedOrStarted = t.union([PlacedEntry, StartedTask], 'PlacedOrStarted')
export interface PlacedOrTask {
  readonly path?: Segments
  readonly taskId?: Text | null | undefined
  readonly id?: Text | null | undefined
}

/** A path of the request, repeated in the response. */
const Echo = maybe(t.union([Segments, t.string], 'path'))

export const BatchItem = t.exact(
  t.intersection([
    t.type({ status: Status }),
    t.partial({
      path: maybe(Segments),
      from: Echo,
      copyFrom: Echo,
      to: Echo,
      recycledItemId: maybe(Text),
      moveAuthority: maybe(t.boolean),
      code: maybe(t.string),
      message: maybe(t.string),
    }),
  ]),
  'BatchItem',
)
export type BatchItem = t.TypeOf<typeof BatchItem>

export const BatchAnswer = t.union([t.strict({ result: t.readonlyArray(BatchItem) }), StartedTask], 'BatchAnswer')
export interface BatchAnswer extends Omit<PlacedOrTask, 'path'> {
  readonly result?: ReadonlyArray<BatchItem>
}

const FinalPath = t.exact(t.partial({ path: maybe(Segments) }), 'FinalPath')
/** `result` is an array for batches and an object for a copied directory, which one page shows in an array as well. */
export const Task = t.exact(
  t.intersection([
    t.type({ status: Status }),
    t.partial({
      taskId: maybe(Text),
      id: maybe(Text),
      result: maybe(t.union([t.readonlyArray(BatchItem), t.readonlyArray(FinalPath), FinalPath], 'task result')),
    }),
  ]),
  'Task',
)
export type Task = t.TypeOf<typeof Task>
export const Tasks = t.readonlyArray(Task, 'Tasks')

/** The values may sign the request, so they are secrets; an empty one is not. */
const SignedHeaders = t.record(t.string, t.union([Secret, t.literal('')]), 'headers')

const target = { domain: t.string, path: t.string, headers: SignedHeaders, expiration: t.string }
/** Where and how the bytes of a new upload are sent. */
export const BegunUpload = t.exact(
  t.intersection([t.type({ ...target, confirmKey: t.string }), t.partial({ uploadId: maybe(t.string) })]),
  'BegunUpload',
)
export type BegunUpload = t.TypeOf<typeof BegunUpload>

/** The same of a renewed upload, or in an upload's status. */
export const UploadTarget = t.exact(
  t.intersection([t.type(target), t.partial({ uploadId: maybe(t.string) })]),
  'UploadTarget',
)
export type UploadTarget = t.TypeOf<typeof UploadTarget>

const UploadedPart = t.strict({ PartNumber: t.number, Size: Text }, 'UploadedPart')
export const UploadStatus = t.exact(
  t.intersection([
    t.type({ confirmed: t.boolean }),
    t.partial({
      path: maybe(Segments),
      parts: maybe(t.readonlyArray(UploadedPart)),
      uploadPartInfo: maybe(UploadTarget),
    }),
  ]),
  'UploadStatus',
)
export type UploadStatus = t.TypeOf<typeof UploadStatus>

/** `null` means that there is no quota. */
export const SpaceUsages = t.readonlyArray(
  t.exact(t.partial({ spaceId: maybe(t.string), capacity: maybe(Text), size: maybe(Text) })),
  'SpaceUsages',
)
export const SpaceSize = t.strict({ size: Text }, 'SpaceSize')

/** An error; one test of a vendor's SDK reads a capitalized `Code`. */
export const ErrorBody = t.exact(
  t.partial({
    code: maybe(t.string),
    Code: maybe(t.string),
    message: maybe(t.string),
    requestId: maybe(t.string),
    smhRequestId: maybe(t.string),
  }),
  'ErrorBody',
)
export type ErrorBody = t.TypeOf<typeof ErrorBody>

// What SMH takes

export type Strategy = 'ask' | 'rename' | 'overwrite'

export interface CallerTimes {
  readonly localCreationTime?: string
  readonly localModificationTime?: string
}
export interface MoveRequestItem {
  readonly from: string
  readonly to: string
  readonly fromSpaceId?: string
  readonly conflictResolutionStrategy: Strategy
  readonly moveAuthority?: boolean
}
export interface CopyRequestItem {
  readonly copyFrom: string
  readonly to: string
  readonly copyFromSpaceId?: string
  readonly conflictResolutionStrategy: Strategy
}
export interface DeleteRequestItem {
  readonly path: string
  readonly permanent: boolean
}
/** The beginning of an upload; the hashes ask for an instant upload. */
export interface BeginBody extends CallerTimes {
  readonly beginningHash?: string
  readonly fullHash?: string
  readonly size?: string
}
export interface ConfirmBody extends CallerTimes {
  readonly crc64: string
}
