// KooDrive's words and ours, both ways; pure.
import {
  checksumMismatch,
  child,
  forbidden,
  invalidPath,
  limitExceeded,
  nameConflict,
  nestedTarget,
  notFound,
  quotaExceeded,
  rateLimited,
  unauthenticated,
  unavailable,
  unexpectedResponse,
  wrongKind,
  type Answer,
  type DrivePath,
  type Entry,
  type Fault,
  type Page,
} from '@anydrive/core'
import { parseJson, redact, retryAfter, type HttpResponse } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import { Envelope, folderMimeType, folderType, smartFolderType, type File, type FileList } from './wire'

/** What an answer says about itself, secrets taken out. */
const saidBy = (status: number | undefined, { code, error_code, msg, error_msg, request_id }: Envelope): Answer => {
  const word = code ?? error_code
  const text = msg ?? error_msg
  return {
    ...(status === undefined ? {} : { http: status }),
    ...(word === undefined ? {} : { code: word }),
    ...(text === undefined || text === '' ? {} : { said: redact(text).slice(0, 300) }),
    ...(request_id === undefined ? {} : { requestId: request_id }),
  }
}

/** The arguments were refused: the fault is this package's, or the service has changed. */
const misunderstood = (answer: Answer): Fault =>
  unexpectedResponse({
    ...answer,
    issues: [{ at: 'code', expected: '0', got: `the refusal ${answer.code ?? ''}`.trim() }],
  })

/** KooDrive's codes (docs/wire/koodrive.md, Error codes); all others are told by the HTTP status. */
const faults: Readonly<Record<string, (answer: Answer) => Fault>> = {
  13000101: misunderstood,
  13000102: misunderstood,
  13000201: unavailable,
  13000301: (a) => notFound({ ...a, what: 'space' }),
  13000302: (a) => notFound({ ...a, what: 'source' }),
  13000303: misunderstood,
  13000304: (a) => notFound({ ...a, what: 'parent' }),
  13000305: (a) => notFound({ ...a, what: 'parent' }),
  13000306: (a) => notFound({ ...a, what: 'source' }),
  13000307: nestedTarget,
  13000308: unavailable,
  13000309: (a) => notFound({ ...a, what: 'source' }),
  13000310: (a) => limitExceeded({ ...a, limit: 'depth', max: 30 }),
  13000311: quotaExceeded,
  13000312: misunderstood,
  13000401: (a) => notFound({ ...a, what: 'upload' }),
  13000402: (a) => checksumMismatch({ ...a, algorithm: 'sha256' }),
  13000403: unavailable,
  13000404: (a) => notFound({ ...a, what: 'parent' }),
  13000405: nameConflict,
  13000406: (a) => wrongKind({ ...a, expected: 'file' }),
  13000407: (a) => notFound({ ...a, what: 'source' }),
  13000408: unavailable,
  13000409: unavailable,
  13000410: forbidden,
  13000411: (a) => notFound({ ...a, what: 'source' }),
  13000412: forbidden,
  13000413: misunderstood,
  13000414: misunderstood,
  13000416: (a) => notFound({ ...a, what: 'space' }),
  13000417: (a) => limitExceeded({ ...a, limit: 'name' }),
  13000419: (a) => invalidPath({ ...a, reason: 'the service refuses the name' }),
}

/** Codes that the rest of the package asks for by name. */
export const codes = {
  notRecycled: '13000303',
  recycled: '13000306',
  notFound: '13000309',
  alreadyThere: '13000312',
  isFolder: '13000406',
} as const

const byStatus = (status: number, answer: Answer): Fault => {
  if (status === 403) return forbidden(answer)
  if (status === 408 || status >= 500) return unavailable(answer)
  return misunderstood(answer)
}

/** An id named by an answer no longer leads where it did; looking again may mend it. */
export const isGone = (fault: { readonly _tag: string; readonly what?: unknown; readonly code?: string }): boolean =>
  fault._tag === 'NotFound' && (fault.what === 'source' || fault.what === 'parent') && fault.code !== undefined

export const envelopeOf = (text: string): Envelope => {
  const body = parseJson(text)
  const read = E.isRight(body) ? Envelope.decode(body.right) : undefined
  return read !== undefined && E.isRight(read) ? read.right : {}
}

const mentionsAuthentication = /authenticat|token|鉴权|认证/i

/** 401, or a 400 of a code that is not listed whose text speaks of authentication: which one it is, no page tells. */
export const isUnauthenticated = (response: Pick<HttpResponse, 'status' | 'text'>): boolean => {
  if (response.status === 401) return true
  if (response.status !== 400) return false
  const { code, error_code, msg, error_msg } = envelopeOf(response.text)
  const word = code ?? error_code ?? ''
  return faults[word] === undefined && mentionsAuthentication.test(msg ?? error_msg ?? '')
}

/** A fault of an item of a job or of a list of links, which has a code and no status. */
export const faultOfCode = (code: string | undefined, said?: string): Fault => {
  const answer = saidBy(undefined, { code, msg: said })
  const known = code === undefined ? undefined : faults[code]
  return known === undefined ? unavailable(answer) : known(answer)
}

/** What an answer that is no success means. */
export const toFault = (response: HttpResponse, now: number): Fault => {
  const envelope = envelopeOf(response.text)
  const requestId = response.header('x-request-id')
  const answer: Answer = { ...(requestId === undefined ? {} : { requestId }), ...saidBy(response.status, envelope) }
  if (response.status === 429) {
    const retryAfterMs = retryAfter(response, now)
    return rateLimited({ ...answer, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })
  }
  if (isUnauthenticated(response)) return unauthenticated(answer)
  const known = answer.code === undefined ? undefined : faults[answer.code]
  return known === undefined ? byStatus(response.status, answer) : known(answer)
}

/** A success says code 0, as a number or a text, or says none. */
export const isSuccess = (status: number, { code, error_code }: Envelope): boolean =>
  status >= 200 && status <= 299 && (code ?? error_code ?? '0') === '0'

/** ISO, with milliseconds or without, or `yyyy-MM-dd HH:mm:ss`; all in UTC. */
export const toDate = (text: string | undefined): Date | undefined => {
  if (text === undefined) return undefined
  const iso = / \d\d:\d\d:\d\d$/.test(text) ? `${text.replace(' ', 'T')}Z` : text
  const date = new Date(iso)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** Directories take milliseconds. */
export const directoryTime = (date: Date): string => date.toISOString()

/** Files take whole seconds, in two spellings. */
export const fileTime = (date: Date, spelling: 'standard' | 'carrier'): string => {
  const seconds = date.toISOString().slice(0, 19)
  return spelling === 'standard' ? `${seconds}Z` : seconds.replace('T', ' ')
}

const isFolder = (file: File): boolean => file.fileType === folderType || file.mimeType === folderMimeType

/** Equal where a file of this id was not edited and kept its size; a rename counts as an edit. */
const versionOf = (file: File): string | undefined =>
  file.editedTime === undefined ? undefined : [file.id, file.editedTime, file.size ?? 0].join(':')

export const toEntry = (path: DrivePath, file: File): Entry => {
  const createdAt = toDate(file.createdTime)
  const modifiedAt = toDate(file.editedTime)
  const base = {
    path,
    name: file.fileName,
    id: file.id,
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
  }
  if (file.fileType === smartFolderType) return { kind: 'other', what: 'smart folder', ...base }
  if (isFolder(file)) return { kind: 'directory', ...base }
  const version = versionOf(file)
  return {
    kind: 'file',
    ...base,
    size: file.size ?? 0,
    checksums: {},
    ...(file.mimeType === undefined ? {} : { contentType: file.mimeType }),
    ...(version === undefined ? {} : { version }),
  }
}

const noItems = unexpectedResponse({ issues: [{ at: 'files', expected: 'Files', got: 'missing' }] })

/** The items of a page wherever they stand; a page without any such field is not an empty page. */
const filesOf = ({ files, data }: FileList): E.Either<Fault, ReadonlyArray<File>> => {
  const nested = data !== undefined && 'files' in data ? data.files : data
  const found = files ?? (nested as ReadonlyArray<File> | undefined)
  return found === undefined ? E.left(noItems) : E.right(found)
}

const cursorOf = (list: FileList): string | undefined =>
  list.nextCursor ?? list.nextPageCursor ?? list.pageInfo?.nextCursor

export interface FilePage {
  readonly files: ReadonlyArray<File>
  readonly next: string | undefined
}

/** A cursor that was there before would never end. */
export const sameCursor: Fault = unexpectedResponse({
  issues: [{ at: 'nextCursor', expected: 'another cursor', got: 'the same' }],
})

export const toFilePage =
  (cursor: string | undefined) =>
  (list: FileList): E.Either<Fault, FilePage> => {
    const next = cursorOf(list)
    if (next !== undefined && next === cursor) return E.left(sameCursor)
    return E.map((files: ReadonlyArray<File>) => ({ files: files.filter((f) => f.recycled !== true), next }))(
      filesOf(list),
    )
  }

/** Each id once; names that cannot be a segment apart. */
export const toPage =
  (dir: DrivePath) =>
  ({ files, next }: FilePage): Page<Entry> => {
    const items = new Map<string, Entry>()
    const skipped: Array<string> = []
    for (const file of files) {
      const path = child(dir, file.fileName)
      if (E.isRight(path)) items.set(file.id, toEntry(path.right, file))
      else skipped.push(file.fileName)
    }
    return {
      items: [...items.values()],
      ...(next === undefined ? {} : { next }),
      ...(skipped.length === 0 ? {} : { skipped }),
    }
  }

/** The ids of a chain, without the root's. */
export const idsOfPath = (fileIdPath: string): ReadonlyArray<string> =>
  fileIdPath
    .split('/')
    .filter((id) => id !== '')
    .slice(1)

/** The path below the root: the first segment is the root's own name. */
export const pathOfNames = (namePath: string): string => namePath.replace(/\/?[^/]*\/?/, '')

const rootPrefix = 'DEUI7pa0C24Aroot'
/** The documented shape of the long id of a space's root. */
export const rootIdOf = (containerId: string): string => `${rootPrefix}${containerId}`
const isRootId = (id: string): boolean => id === 'root' || id.startsWith(rootPrefix)
export const sameFolder = (a: string, b: string): boolean => a === b || (isRootId(a) && isRootId(b))

/** Neither a token's scheme nor the `+` or `%20` that a cookie has for a blank belongs to it. */
export const bareToken = (token: string): string => token.trim().replace(/^(?:bearer|at)(?: |\+|%20)+/i, '')

/** Of `yyyyMMddHHmmss`, in milliseconds of the hour: no page tells its zone, and zones differ by whole quarters of an hour. */
const jobTime = (text: string | undefined): number | undefined => {
  const [, minute, second] = /^\d{10}(\d\d)(\d\d)$/.exec(text ?? '') ?? []
  return minute === undefined ? undefined : (Number(minute) * 60 + Number(second)) * 1000
}

const quarter = 900_000
/** Whether a job of this creation time may have been made between `from` and `until`, wherever its clock stands. */
export const mayBeOf = (createTime: string | undefined, from: number, until: number): boolean => {
  const at = jobTime(createTime)
  return at === undefined || (((at - from) % quarter) + quarter) % quarter <= until - from
}

const fileTypes: ReadonlyArray<readonly [type: string, extensions: string]> = [
  ['15', 'bmp ilbm png gif jpeg jpg webp'],
  ['20', 'mp4 mkv mov avi wmv flv webm m4v mpg mpeg 3gp'],
  ['26', 'doc docx rtf txt'],
  ['27', 'xls xlsx csv xml'],
  ['28', 'ppt pptx'],
  ['30', 'mp3 wav flac aac ogg m4a wma'],
  ['35', 'zip rar 7z tar gz bz2 xz'],
  ['40', 'apk exe'],
]

/** What the service calls a file of this name; `45` is any other. */
export const fileTypeOf = (name: string): string => {
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase()
  return fileTypes.find(([, extensions]) => extensions.split(' ').includes(extension))?.[0] ?? '45'
}
