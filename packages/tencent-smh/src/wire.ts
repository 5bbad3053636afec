// What SMH sends and takes, in its own spelling: tolerant exactly where its texts disagree or leave something out.
import { Secret } from '@anydrive/core'
import * as t from 'io-ts'

/** Left out and `null` mean the same in SMH's answers. */
const maybe = <C extends t.Mixed>(codec: C) => t.union([codec, t.null, t.undefined], codec.name)

/** Sizes, checksums, ids and markers come as a string from one endpoint and as a number from another. */
export const Text = t.union([t.string, t.number], 'string or number')
export type Text = t.TypeOf<typeof Text>

/** Some answers have no body at all; it is read as `{}`. */
export const orEmpty = <A, O>(codec: t.Type<A, O>): t.Type<A, O> =>
  new t.Type(codec.name, codec.is, (u, context) => codec.validate(u ?? {}, context), codec.encode)

/** Segments; the root is `[]`. */
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

/** `GET` and `POST` of `token`, and renewing. */
export const Token = t.strict({ accessToken: Secret, expiresIn: t.number }, 'Token')
export type Token = t.TypeOf<typeof Token>

/** What is told of a file or a directory, by lists, by `?info`, and by a confirmed upload. */
const described = {
  path: maybe(Segments),
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

/** `GET directory?info`, of either kind. */
export const Info = t.exact(
  t.intersection([t.type({ type: t.string }), t.partial({ ...described, name: maybe(t.string) })]),
  'Info',
)
export type Info = t.TypeOf<typeof Info>

/** `GET file?info`. */
export const Download = t.exact(
  t.intersection([t.type({ type: t.string, cosUrl: Secret }), t.partial(described)]),
  'Download',
)
export type Download = t.TypeOf<typeof Download>

/** A confirmed upload, and an instant upload that hit; `path` is null where the directory vanished meanwhile. */
export const Uploaded = t.exact(
  t.partial({ ...described, type: maybe(t.string), name: maybe(t.string), isOverwritten: maybe(t.boolean) }),
  'Uploaded',
)
export type Uploaded = t.TypeOf<typeof Uploaded>

export const CreatedDirectory = t.exact(
  t.partial({
    path: maybe(Segments),
    inode: maybe(t.string),
    creationTime: maybe(t.string),
    localCreationTime: maybe(t.string),
    localModificationTime: maybe(t.string),
  }),
  'CreatedDirectory',
)
export type CreatedDirectory = t.TypeOf<typeof CreatedDirectory>

/** What moves and copies answer: nothing, a path, or a task, whose id goes by two names. */
export const PlacedOrTask = t.exact(
  t.partial({ path: maybe(Segments), taskId: maybe(Text), id: maybe(Text) }),
  'PlacedOrTask',
)
export type PlacedOrTask = t.TypeOf<typeof PlacedOrTask>

export const BatchItem = t.exact(
  t.intersection([
    t.type({ status: Status }),
    t.partial({
      path: maybe(Segments),
      to: maybe(Segments),
      recycledItemId: maybe(Text),
      moveAuthority: maybe(t.boolean),
      code: maybe(t.string),
      message: maybe(t.string),
    }),
  ]),
  'BatchItem',
)
export type BatchItem = t.TypeOf<typeof BatchItem>

export const BatchAnswer = t.exact(
  t.partial({ result: maybe(t.readonlyArray(BatchItem)), taskId: maybe(Text), id: maybe(Text) }),
  'BatchAnswer',
)
export type BatchAnswer = t.TypeOf<typeof BatchAnswer>

/** `result` is an array for batches and an object for a copied directory; its page shows that in an array, too. */
export const Task = t.exact(
  t.intersection([
    t.type({ status: Status }),
    t.partial({
      taskId: maybe(Text),
      id: maybe(Text),
      result: maybe(t.union([t.readonlyArray(BatchItem), t.readonlyArray(PlacedOrTask), PlacedOrTask], 'task result')),
    }),
  ]),
  'Task',
)
export type Task = t.TypeOf<typeof Task>
export const Tasks = t.readonlyArray(Task, 'Tasks')

/** Values may sign the request, so they are secrets; an empty one is not. */
const SignedHeaders = t.record(t.string, t.union([Secret, t.literal('')]), 'headers')

const target = { domain: t.string, path: t.string, headers: SignedHeaders, expiration: t.string }
/** Where and how the bytes go: of a begun upload. */
export const BegunUpload = t.exact(
  t.intersection([t.type({ ...target, confirmKey: t.string }), t.partial({ uploadId: maybe(t.string) })]),
  'BegunUpload',
)
export type BegunUpload = t.TypeOf<typeof BegunUpload>

/** Of a renewed one, or as its status tells. */
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

/** `null`: no quota. */
export const SpaceUsages = t.readonlyArray(
  t.exact(t.partial({ spaceId: maybe(t.string), capacity: maybe(Text), size: maybe(Text) })),
  'SpaceUsages',
)
export const SpaceSize = t.strict({ size: Text }, 'SpaceSize')

/** Where only the status matters. */
export const Anything: t.Type<unknown> = t.unknown

/** Errors; one test of a vendor's SDK reads a capitalised `Code`. */
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
/** Of an upload's beginning: the hashes ask for an instant upload. */
export interface BeginBody extends CallerTimes {
  readonly beginningHash?: string
  readonly fullHash?: string
  readonly size?: string
}
export interface ConfirmBody extends CallerTimes {
  readonly crc64: string
}
