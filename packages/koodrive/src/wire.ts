// What KooDrive sends, as codecs in its own spelling; tolerant exactly where its pages differ (docs/wire/koodrive.md).
import { child, root } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'

/** A codec that reads a value, or `undefined` where it is none. */
const reading = <A>(
  name: string,
  is: (u: unknown) => u is A,
  read: (u: unknown) => A | undefined,
): t.Type<A, unknown> =>
  new t.Type<A, unknown>(
    name,
    is,
    (u, context) => {
      const value = read(u)
      return value === undefined ? t.failure(u, context) : t.success(value)
    },
    t.identity,
  )

const optional = <A>(codec: t.Type<A, unknown>, empty: ReadonlyArray<unknown>): t.Type<A | undefined, unknown> =>
  new t.Type<A | undefined, unknown>(
    codec.name,
    (u): u is A | undefined => u === undefined || codec.is(u),
    (u, context) => (empty.includes(u) ? t.success(undefined) : codec.validate(u, context)),
    t.identity,
  )
/** May be absent or null. */
const maybe = <A>(codec: t.Type<A, unknown>) => optional(codec, [undefined, null])
/** May be absent, null or an empty text. */
const filled = <A>(codec: t.Type<A, unknown>) => optional(codec, [undefined, null, ''])

/** An integer, or its digits as text: sizes, counts, statuses and capacities come as either. */
const Count = reading('an integer or its digits', t.number.is, (u) => {
  const value = typeof u === 'string' && /^-?\d+$/.test(u) ? Number(u) : u
  return Number.isSafeInteger(value) ? (value as number) : undefined
})

/** Stands for a size that is not a whole number of bytes, so that only its entry is unusable and not the whole page. */
export const unusableSize = -1
const Size = reading('a whole number of bytes', t.number.is, (u) => {
  const count = Count.decode(u)
  return E.isRight(count) && count.right >= 0 ? count.right : unusableSize
})

const textOf = (u: unknown): string | undefined =>
  typeof u === 'string' ? u : Number.isSafeInteger(u) ? String(u) : undefined

/** Text, or a number in its place: codes, statuses and decimal ids come as either, long ids as text only. */
const Text = reading('a text or a number', t.string.is, textOf)

/** The id of a file or folder: opaque, never empty. */
const Id = reading('an id', t.string.is, (u) => (typeof u === 'string' && u !== '' ? u : undefined))

/** A name that can be a segment of a path, unlike `..`. */
const Name = reading('a name', t.string.is, (u) => (typeof u === 'string' && E.isRight(child(root, u)) ? u : undefined))

const JobId = reading('the id of a job', t.string.is, (u) => (u === '' ? undefined : textOf(u)))

/** An object with these fields; others are dropped. */
const shape = <R extends t.Props, O extends t.Props>(name: string, required: R, possible: O) =>
  t.exact(t.intersection([t.type(required), t.partial(possible)]), name)

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

const about = {
  fileType: maybe(Text),
  mimeType: filled(t.string),
  recycled: maybe(t.boolean),
  parentFolder: maybe(t.readonlyArray(t.string)),
  createdTime: filled(t.string),
  editedTime: filled(t.string),
  size: filled(Size),
}
/** A file or folder, as lists show it: under any name, so that one that no path can have makes only its own entry unusable. */
export const File = shape('File', { id: Id, fileName: t.string }, about)
/** A file or folder, as its details show it. */
export const Detail = shape('Detail', { id: Id, fileName: Name }, about)
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
export const CreatedDirectory = t.strict({ id: Id, fileName: Name }, 'CreatedDirectory')

/** A part with its presigned URL. */
export const Part = t.strict({ partNumber: Count, uploadUrl: t.string }, 'Part')
export type Part = t.TypeOf<typeof Part>
const Parts = t.readonlyArray(Part, 'Parts')

/** Where the service holds the content already (`rapidUpload`) there are no parts. */
export const CreatedFile = shape(
  'CreatedFile',
  { fileId: Id, fileName: Name },
  { rapidUpload: maybe(t.boolean), multiParts: maybe(Parts) },
)
export type CreatedFile = t.TypeOf<typeof CreatedFile>

export const UploadUrls = t.strict({ multiParts: Parts }, 'UploadUrls')

/** An item's `code` is missing where it succeeded. */
export const Download = shape(
  'Download',
  { fileId: Id },
  { url: filled(t.string), code: maybe(Text), msg: maybe(t.string) },
)
export const Downloads = t.strict({ downloads: t.readonlyArray(Download) }, 'Downloads')
export type Download = t.TypeOf<typeof Download>

export const FullPath = t.strict({ fileIdPath: t.string, namePath: t.string }, 'FullPath')
export type FullPath = t.TypeOf<typeof FullPath>

export const CreatedJob = t.strict({ data: JobId }, 'CreatedJob')

const jobFields = {
  taskType: maybe(Count),
  actionType: maybe(Count),
  taskResultCode: maybe(Count),
  contentNum: maybe(Count),
  createTime: maybe(Text),
}
/** `status` is 2 when a job is finished and 3 when it was cancelled; `taskResultCode` 1: all succeeded, 2: some, 3: none. */
const JobInfo = shape('JobInfo', { status: Count }, jobFields)

/** `status` "1" is done; no other value is published. */
export const JobItem = shape(
  'JobItem',
  { fileId: Id },
  { status: maybe(Text), newFileId: filled(t.string), resultCode: maybe(Text), msg: maybe(t.string) },
)
export type JobItem = t.TypeOf<typeof JobItem>

export const JobDetail = t.strict(
  { data: shape('JobData', { jobInfo: JobInfo }, { taskInfos: maybe(t.readonlyArray(JobItem)) }) },
  'JobDetail',
)
export type JobDetail = t.TypeOf<typeof JobDetail>['data']

export const ListedJob = shape('ListedJob', { taskId: Text }, jobFields)
export type ListedJob = t.TypeOf<typeof ListedJob>
export const JobList = t.exact(t.partial({ data: maybe(t.readonlyArray(ListedJob)) }), 'JobList')

/** One space, of any kind. */
export const Space = shape(
  'Space',
  { containerId: t.string },
  {
    type: maybe(Text),
    ownerId: maybe(Text),
    bizRootFileId: filled(t.string),
    capacity: filled(Count),
    spaceUsed: filled(Count),
  },
)
export type Space = t.TypeOf<typeof Space>
export const OneSpace = t.strict({ data: Space }, 'OneSpace')
export const Spaces = t.strict({ data: t.readonlyArray(Space) }, 'Spaces')

/** The id is the `groupId` of lists. */
export const Team = shape('Team', { id: Text }, { name: maybe(t.string), containerId: filled(t.string) })
export type Team = t.TypeOf<typeof Team>
export const Teams = shape('Teams', { teams: t.readonlyArray(Team) }, { total: maybe(Count) })

export const RefreshedSession = t.strict({ accessToken: t.string }, 'RefreshedSession')

/** A hit of a search: by its chain of ids, from the root's. */
const Hit = shape(
  'Hit',
  { id: Id, fileName: t.string },
  {
    fileType: maybe(Text),
    size: filled(Size),
    updateTime: filled(t.string),
    namePath: filled(t.string),
    idPath: filled(t.string),
    containerId: filled(t.string),
  },
)
export type Hit = t.TypeOf<typeof Hit>
/** The cursor of the last page is empty. */
export const Hits = shape(
  'Hits',
  { files: t.readonlyArray(Hit) },
  { nextPageCursor: filled(t.string), total: maybe(Count) },
)
export type Hits = t.TypeOf<typeof Hits>

export const FolderStats = t.strict(
  { data: t.strict({ totalSize: Count, subDirCount: Count, subFileCount: Count }) },
  'FolderStats',
)

/** Of all groups of a tenant; for administrators. */
export const Groups = shape('Groups', { groups: t.readonlyArray(Team) }, { total: maybe(Count) })
/** A department without a space lacks the fields of one. */
export const Departments = shape('Departments', { departments: t.readonlyArray(Team) }, { total: maybe(Count) })

/** The page says only that it is a URL. */
export const SignInUrl = t.union([t.strict({ data: t.string }), t.strict({ url: t.string })], 'SignInUrl')

const StandardSession = shape(
  'StandardSession',
  { accessToken: t.string },
  { sessionId: filled(t.string), userId: maybe(Text) },
)
/** Flat in 2024, in `data` since. */
export const CreatedSession = t.union([t.strict({ data: StandardSession }), StandardSession], 'CreatedSession')

const CarrierSession = shape('CarrierSession', { accessToken: t.string }, { refreshToken: filled(t.string) })
/** The table puts the fields into `data`, the example into `data.sessionInfo`. */
export const RefreshedCarrierSession = t.strict(
  { data: t.union([t.strict({ sessionInfo: CarrierSession }), CarrierSession]) },
  'RefreshedCarrierSession',
)

export const CarrierLogin = t.strict({ data: t.strict({ sessionInfo: CarrierSession }) }, 'CarrierLogin')

/** Success of a call whose response holds nothing else: the documented code, which an empty object lacks. */
export const Succeeded = t.strict({
  code: reading('the code 0', t.string.is, (u) => (textOf(u) === '0' ? '0' : undefined)),
})
