// What KooDrive sends, as codecs in its own spelling; tolerant exactly where its pages differ (docs/wire/koodrive.md).
import * as t from 'io-ts'

/** Present, or not: absent, null. */
const maybe = <A>(codec: t.Type<A, unknown>): t.Type<A | undefined, unknown> =>
  new t.Type<A | undefined, unknown>(
    codec.name,
    (u): u is A | undefined => u === undefined || codec.is(u),
    (u, context) => (u === undefined || u === null ? t.success(undefined) : codec.validate(u, context)),
    (a) => (a === undefined ? undefined : codec.encode(a)),
  )

/** An empty text says nothing, as an absent one. */
const filled = <A>(codec: t.Type<A, unknown>): t.Type<A | undefined, unknown> =>
  new t.Type<A | undefined, unknown>(
    codec.name,
    (u): u is A | undefined => u === undefined || codec.is(u),
    (u, context) => (u === undefined || u === null || u === '' ? t.success(undefined) : codec.validate(u, context)),
    (a) => (a === undefined ? undefined : codec.encode(a)),
  )

/** An integer, or its digits as text: sizes, counts, statuses and capacities come as either. */
const Count: t.Type<number, unknown> = new t.Type<number, unknown>(
  'an integer or its digits',
  (u): u is number => typeof u === 'number',
  (u, context) => {
    const read = typeof u === 'string' && /^-?\d+$/.test(u) ? Number(u) : u
    return Number.isSafeInteger(read) ? t.success(read as number) : t.failure(u, context)
  },
  t.identity,
)

/** Text, or a number that stands for it: codes, statuses and decimal ids come as either, long ids as text only. */
const Text: t.Type<string, unknown> = new t.Type<string, unknown>(
  'a text or a number',
  (u): u is string => typeof u === 'string',
  (u, context) =>
    typeof u === 'string' ? t.success(u) : Number.isSafeInteger(u) ? t.success(String(u)) : t.failure(u, context),
  t.identity,
)

/** A file or folder id: opaque, never empty. */
const Id: t.Type<string, unknown> = new t.Type<string, unknown>(
  'an id',
  (u): u is string => typeof u === 'string' && u !== '',
  (u, context) => (typeof u === 'string' && u !== '' ? t.success(u) : t.failure(u, context)),
  t.identity,
)

/** The outside of every answer: the usual keys, and those of the gateway and of the first generation. */
export const Envelope = t.exact(
  t.partial({
    code: maybe(Text),
    msg: maybe(t.string),
    error_code: maybe(Text),
    error_msg: maybe(t.string),
    request_id: maybe(t.string),
  }),
  'Envelope',
)
export type Envelope = t.TypeOf<typeof Envelope>

/** `fileType` of folders and of smart folders; everything else is a file. */
export const folderType = '10'
export const smartFolderType = '11'
export const folderMimeType = 'application/vnd.huawei-apps.folder'

/** A file or folder, as lists and details show it. */
export const File = t.exact(
  t.intersection([
    t.type({ id: Id, fileName: t.string }),
    t.partial({
      fileType: maybe(Text),
      mimeType: filled(t.string),
      recycled: maybe(t.boolean),
      parentFolder: maybe(t.readonlyArray(t.string)),
      createdTime: filled(t.string),
      editedTime: filled(t.string),
      size: filled(Count),
    }),
  ]),
  'File',
)
export type File = t.TypeOf<typeof File>

const Files = t.readonlyArray(File, 'Files')

/** Only the first field of the list's answer is published; items and cursor are found where its sister calls have them. */
export const FileList = t.exact(
  t.partial({
    files: maybe(Files),
    data: maybe(t.union([Files, t.exact(t.partial({ files: maybe(Files) }))], 'Files or { files }')),
    nextCursor: filled(t.string),
    nextPageCursor: filled(t.string),
    pageInfo: maybe(t.exact(t.partial({ nextCursor: filled(t.string) }))),
  }),
  'FileList',
)
export type FileList = t.TypeOf<typeof FileList>

/** `fileName` is the final name. */
export const CreatedDirectory = t.strict({ id: Id, fileName: t.string }, 'CreatedDirectory')

/** A part with its presigned URL. */
export const Part = t.strict({ partNumber: Count, uploadUrl: t.string }, 'Part')
export type Part = t.TypeOf<typeof Part>
const Parts = t.readonlyArray(Part, 'Parts')

/** A hit of a flash upload carries no parts. */
export const CreatedFile = t.exact(
  t.intersection([
    t.type({ fileId: Id, fileName: t.string }),
    t.partial({
      parentFolder: maybe(t.readonlyArray(t.string)),
      rapidUpload: maybe(t.boolean),
      exist: maybe(t.boolean),
      multiParts: maybe(Parts),
    }),
  ]),
  'CreatedFile',
)
export type CreatedFile = t.TypeOf<typeof CreatedFile>

export const UploadUrls = t.strict({ multiParts: Parts }, 'UploadUrls')

/** An item's `code` is missing where it succeeded. */
export const Download = t.exact(
  t.intersection([
    t.type({ fileId: Id }),
    t.partial({ url: filled(t.string), code: maybe(Text), msg: maybe(t.string) }),
  ]),
  'Download',
)
export const Downloads = t.strict({ downloads: t.readonlyArray(Download) }, 'Downloads')
export type Download = t.TypeOf<typeof Download>

export const FullPath = t.strict({ fileIdPath: t.string, namePath: t.string }, 'FullPath')
export type FullPath = t.TypeOf<typeof FullPath>

export const CreatedJob = t.strict({ data: Text }, 'CreatedJob')

const jobFields = {
  taskType: maybe(Count),
  actionType: maybe(Count),
  status: maybe(Count),
  taskResultCode: maybe(Count),
  resultCode: maybe(Text),
  contentNum: maybe(Count),
  containerId: maybe(t.string),
  createTime: maybe(Text),
}
/** `status` is 2 when a job is finished and 3 when it was cancelled; `taskResultCode` 1: all succeeded, 2: some, 3: none. */
const JobInfo = t.exact(t.intersection([t.type({ status: Count }), t.partial(jobFields)]), 'JobInfo')
type JobInfo = t.TypeOf<typeof JobInfo>

/** `status` "1" is done; no other value is published. */
export const JobItem = t.exact(
  t.intersection([
    t.type({ fileId: Id }),
    t.partial({ status: maybe(Text), newFileId: filled(t.string), resultCode: maybe(Text), msg: maybe(t.string) }),
  ]),
  'JobItem',
)
export type JobItem = t.TypeOf<typeof JobItem>

export const JobDetail = t.strict(
  {
    data: t.exact(
      t.intersection([t.type({ jobInfo: JobInfo }), t.partial({ taskInfos: maybe(t.readonlyArray(JobItem)) })]),
    ),
  },
  'JobDetail',
)
export type JobDetail = t.TypeOf<typeof JobDetail>['data']

export const ListedJob = t.exact(t.intersection([t.type({ taskId: Text }), t.partial(jobFields)]), 'ListedJob')
export type ListedJob = t.TypeOf<typeof ListedJob>
export const JobList = t.exact(t.partial({ data: maybe(t.readonlyArray(ListedJob)) }), 'JobList')

/** One space, of any kind. */
export const Space = t.exact(
  t.intersection([
    t.type({ containerId: t.string }),
    t.partial({
      type: maybe(Text),
      status: maybe(Text),
      ownerId: maybe(Text),
      bizRootFileId: filled(t.string),
      capacity: filled(Count),
      spaceUsed: filled(Count),
    }),
  ]),
  'Space',
)
export type Space = t.TypeOf<typeof Space>
export const OneSpace = t.strict({ data: Space }, 'OneSpace')
export const Spaces = t.strict({ data: t.readonlyArray(Space) }, 'Spaces')

/** The id is the `groupId` of lists. */
export const Team = t.exact(
  t.intersection([t.type({ id: Text }), t.partial({ name: maybe(t.string), containerId: filled(t.string) })]),
  'Team',
)
export type Team = t.TypeOf<typeof Team>
export const Teams = t.exact(
  t.intersection([t.type({ teams: t.readonlyArray(Team) }), t.partial({ total: maybe(Count) })]),
  'Teams',
)

export const RefreshedSession = t.strict({ accessToken: t.string }, 'RefreshedSession')

const CarrierSession = t.exact(
  t.intersection([t.type({ accessToken: t.string }), t.partial({ refreshToken: filled(t.string) })]),
  'CarrierSession',
)
/** The table puts the fields into `data`, the example into `data.sessionInfo`. */
export const RefreshedCarrierSession = t.strict(
  { data: t.union([t.strict({ sessionInfo: CarrierSession }), CarrierSession]) },
  'RefreshedCarrierSession',
)

export const Nothing = t.exact(t.partial({}), 'Nothing')
