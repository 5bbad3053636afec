// The drive: what it can do, and how each operation is made of the vendor's endpoints. Reads as a table of contents.
import {
  checksumMismatch,
  defineAdapter,
  defineDrive,
  preconditionFailed,
  secret,
  Secret,
  supportOf,
  wordFor,
  type Always,
  type Answered,
  type Capabilities,
  type DirEntry,
  type DriveProvider,
  type Fault,
  type FileEntry,
  type Made,
  type Opened,
  type OperationsFor,
  type Surroundings,
  type UploadSource,
} from '@anydrive/core'
import { createHttp, guarded, withToken } from '@anydrive/http'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import * as t from 'io-ts'
import { createHash } from 'node:crypto'
import { boxApi, putToken, type BoxApi } from './api'
import { dialect, toDirectory, toEntry, toFile, toOutcomes, toPage, toPlaced } from './translate'

export const BoxSettings = t.strict({ type: t.literal('box'), url: t.string, token: Secret }, 'BoxSettings')
export type BoxSettings = t.TypeOf<typeof BoxSettings>

const directory = supportOf(dialect.directory, 'documented')
const file = supportOf(dialect.file, 'documented')

/** What is `false` here may not be written below: the compiler says so. */
export const capabilities = {
  operations: { copyDir: false, batchMove: true, batchCopy: false, batchRemove: true, usage: false },
  conflict: {
    createDir: directory,
    copyDir: directory,
    moveDir: directory,
    moveFile: file,
    copyFile: file,
    writeFile: file,
  },
  naming: {
    maxLength: 100,
    lengthUnit: 'codepoints',
    forbidden: '\\|',
    reserved: ['desk'],
    case: 'sensitive',
    normalisation: 'as-is',
  },
  limits: { page: 50, batch: 20, fileSize: 1024 ** 3 },
  checksums: { given: ['sha256'], checked: ['sha256'] },
  upload: { instant: false, resume: 'restart', parts: 'none' },
  times: { directory: { createdAt: 'none', modifiedAt: 'vendor' }, file: { createdAt: 'none', modifiedAt: 'vendor' } },
  features: {
    background: false,
    trash: false,
    copyDirInBatch: false,
    crossSpaceMove: false,
    crossSpaceCopy: false,
    ranges: true,
    sortedList: true,
    versions: true,
    ifVersion: false,
  },
  consistency: { staleness: 0 },
} as const satisfies Capabilities

/** The vendor wants the digest before the bytes: known, or made by reading the source once more. */
const digestOf = (source: UploadSource, signal: AbortSignal): Answered<string> =>
  source.checksums?.sha256 !== undefined
    ? TE.right(source.checksums.sha256)
    : pipe(
        source.open({ start: 0, end: source.size }, signal),
        TE.flatMap(
          TE.tryCatchK(
            async (stream) => {
              const hash = createHash('sha256')
              for await (const chunk of stream as AsyncIterable<Uint8Array>) hash.update(chunk)
              return hash.digest('hex')
            },
            (): Fault => ({ _tag: 'SourceFailed', reason: 'unreadable' }),
          ),
        ),
      )

const createDir =
  (api: BoxApi, surroundings: Surroundings): Always['createDir'] =>
  (path, { conflict }, { signal }) => {
    const call = pipe(api.mkdir(path, wordFor(dialect.directory, conflict), signal), TE.flatMapEither(toDirectory))
    const there = pipe(api.stat(path, signal), TE.flatMapEither(toDirectory))
    const look: Answered<DirEntry | 'absent' | 'unknown'> = pipe(
      there,
      TE.orElse((fault): Answered<DirEntry | 'absent'> =>
        fault._tag === 'NotFound' ? TE.right('absent') : TE.left(fault),
      ),
    )
    return pipe(
      // Under `rename` a directory that is there may be somebody else's.
      guarded({
        call,
        look: conflict === 'rename' ? TE.right('unknown') : look,
        check: 'whether it is there',
        signal,
        surroundings,
      }),
      TE.map((entry): Made<DirEntry> => ({ ...entry, ...toPlaced(path, entry.path) })),
    )
  }

const readFile =
  (api: BoxApi): Always['readFile'] =>
  (path, { range, ifVersion }, { signal }) =>
    pipe(
      api.stat(path, signal),
      TE.flatMapEither(toFile),
      TE.flatMap((entry): Answered<FileEntry> =>
        ifVersion === undefined || entry.version === ifVersion ? TE.right(entry) : TE.left(preconditionFailed()),
      ),
      TE.map((entry): Opened => ({
        entry,
        open: (start, own) =>
          pipe(
            api.download(path, { start, end: Math.min(range.end ?? entry.size, entry.size) }, own),
            TE.flatMap((response) => {
              if (response.header('x-box-sha256') === entry.version && response.stream !== undefined)
                return TE.right(response.stream)
              response.stream?.destroy()
              return TE.left(preconditionFailed())
            }),
          ),
        verifier: () => sha256Verifier(entry),
      })),
    )

const sha256Verifier = ({ checksums }: FileEntry) => {
  const hash = createHash('sha256')
  return {
    update: (bytes: Uint8Array) => {
      hash.update(bytes)
    },
    verdict: () => (hash.digest('hex') === checksums.sha256 ? undefined : checksumMismatch({ algorithm: 'sha256' })),
  }
}

const writeFile =
  (api: BoxApi): Always['writeFile'] =>
  (path, source, { conflict, contentType, onProgress }, { signal }) =>
    pipe(
      digestOf(source, signal),
      TE.flatMap((sha256) => {
        const stream = (own: AbortSignal) => source.open({ start: 0, end: source.size }, own)
        const body = { stream, size: source.size, type: contentType ?? 'application/octet-stream' }
        return api.upload(path, wordFor(dialect.file, conflict), sha256, body, signal)
      }),
      TE.flatMapEither(toFile),
      TE.map((entry) => {
        onProgress(entry.size)
        return { ...entry, ...toPlaced(path, entry.path), evidence: 'vendor-checked:sha256' as const }
      }),
    )

const operations = (api: BoxApi, surroundings: Surroundings): OperationsFor<typeof capabilities> => ({
  stat: (path, { signal }) => pipe(api.stat(path, signal), TE.flatMapEither(toEntry)),
  list: (path, page, { signal }) => pipe(api.list(path, page, signal), TE.flatMapEither(toPage)),
  createDir: createDir(api, surroundings),
  batchMove: (items, { signal }) =>
    pipe(
      api.move(
        items.map(({ from, to, conflict }) => ({ from, to, onConflict: wordFor(dialect.file, conflict) })),
        signal,
      ),
      TE.map((results) =>
        toOutcomes(
          results,
          items.map(({ to }) => to),
        ),
      ),
    ),
  batchRemove: (items, _, { signal }) =>
    pipe(
      api.remove(
        items.map(({ path }) => path),
        signal,
      ),
      TE.map((results) =>
        toOutcomes(
          results,
          items.map(({ path }) => path),
        ).map((outcome) =>
          outcome.status === 'done' ? { status: 'done' as const, path: outcome.path, how: 'erased' as const } : outcome,
        ),
      ),
    ),
  readFile: readFile(api),
  writeFile: writeFile(api),
  // An upload is one request: nothing is left of one that failed.
  abandonUpload: () => TE.right(undefined),
})

export const openBox = ({ url, token }: Omit<BoxSettings, 'type'>, surroundings: Surroundings = {}): DriveProvider => {
  const http = withToken<Fault>({
    token: () =>
      surroundings.getToken === undefined
        ? TE.right(token)
        : TE.fromTask(async () => secret((await surroundings.getToken?.()) ?? '')),
    put: putToken,
    refused: ({ status }) => status === 401,
  })(createHttp({}, surroundings))
  return defineDrive('box', capabilities, operations(boxApi(http, url), surroundings), surroundings)
}

export const box = defineAdapter({
  type: 'box',
  settings: BoxSettings,
  capabilities: () => capabilities,
  open: openBox,
})
