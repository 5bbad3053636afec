// The drive: what it can do, and how each operation is made of the vendor's endpoints. Reads as a table of contents.
import {
  aborted,
  defineAdapter,
  defineDrive,
  reveal,
  secret,
  Secret,
  sourceFailed,
  supportOf,
  unauthenticated,
  wordFor,
  type Always,
  type Answered,
  type Capabilities,
  type DirEntry,
  type DriveError,
  type DriveProvider,
  type Fault,
  type FileEntry,
  type Made,
  type OperationsFor,
  type Optional,
  type RawOutcome,
  type Removed,
  type Surroundings,
  type UploadSource,
  type Written,
} from '@anydrive/core'
import { createHttp, guarded, HttpSettings, withToken, type TokenOptions } from '@anydrive/http'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import * as t from 'io-ts'
import { createHash } from 'node:crypto'
import { addAbortSignal } from 'node:stream'
import { boxApi, putToken, type BoxApi } from './api'
import { readFile } from './download'
import { dialect, toDirectory, toEntry, toFile, toOutcomes, toPage, toPlaced } from './translate'

/** As they stand in `anydrive.json`; a secret is a `Secret` from here on. */
export const BoxSettings = t.exact(
  t.intersection([t.type({ type: t.literal('box'), url: t.string, token: Secret }), t.partial({ http: HttpSettings })]),
  'BoxSettings',
)
export type BoxSettings = t.TypeOf<typeof BoxSettings>

const directory = supportOf(dialect.directory, 'documented')
const file = supportOf(dialect.file, 'documented')

/** What is `false` here may not be written below, and what is `true` must be: the compiler says so. */
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

interface Box {
  readonly api: BoxApi
  readonly surroundings: Surroundings
}

/** What a look after a lost answer says: the effect, `absent` (it cannot have happened: tried again), or `unknown` (told as `Indeterminate`). */
type Look<A> = Answered<A | 'absent' | 'unknown'>
const unknown = TE.right('unknown' as const)

const orAbsent = <A>(found: Answered<A>): Answered<A | 'absent'> =>
  pipe(
    found,
    TE.orElse((fault): Answered<A | 'absent'> => (fault._tag === 'NotFound' ? TE.right('absent') : TE.left(fault))),
  )

const createDir =
  ({ api, surroundings }: Box): Always['createDir'] =>
  (path, { conflict }, { signal }) =>
    pipe(
      guarded<Fault | DriveError, DirEntry>({
        call: pipe(api.mkdir(path, wordFor(dialect.directory, conflict), signal), TE.flatMapEither(toDirectory)),
        // Which of the numbered ones would be ours, nobody knows.
        look: conflict === 'rename' ? unknown : orAbsent(pipe(api.stat(path, signal), TE.flatMapEither(toDirectory))),
        check: 'whether the directory is there',
        signal,
        surroundings,
      }),
      TE.map((entry): Made<DirEntry> => ({ ...entry, ...toPlaced(path, entry.path) })),
    )

const batchMove =
  ({ api, surroundings }: Box): Optional['batchMove'] =>
  (items, { signal }) => {
    const asked = items.map(({ from, to, conflict }) => ({ from, to, onConflict: wordFor(dialect.file, conflict) }))
    const targets = items.map(({ to }) => to)
    return guarded({
      call: pipe(
        api.move(asked, signal),
        TE.map((results) => toOutcomes(results, targets)),
      ),
      // Box has no ids: whether what is at the target came from the source, no look could tell.
      look: unknown,
      check: 'source and target of each item',
      signal,
      surroundings,
    })
  }

const erased = (outcome: RawOutcome<{ readonly path: Removed['path'] }>): RawOutcome<Removed> =>
  outcome.status === 'done' ? { status: 'done', path: outcome.path, how: 'erased' } : outcome

const batchRemove =
  ({ api, surroundings }: Box): Optional['batchRemove'] =>
  (items, _, { signal }) => {
    const paths = items.map(({ path }) => path)
    const look: Look<ReadonlyArray<RawOutcome<Removed>>> = pipe(
      paths,
      TE.traverseSeqArray((path) => orAbsent(api.stat(path, signal))),
      TE.map((found) => {
        if (found.every((node) => node === 'absent')) return paths.map((path) => erased({ status: 'done', path }))
        return found.includes('absent') ? 'unknown' : 'absent'
      }),
    )
    return guarded({
      call: pipe(
        api.remove(paths, signal),
        TE.map((results) => toOutcomes(results, paths).map(erased)),
      ),
      look,
      check: 'which of the items are gone',
      signal,
      surroundings,
    })
  }

/** Box wants the digest before the bytes: the caller's, or made by reading the source once more. */
const digestOf = (source: UploadSource, signal: AbortSignal): Answered<string> =>
  source.checksums?.sha256 !== undefined
    ? TE.right(source.checksums.sha256)
    : pipe(
        source.open({ start: 0, end: source.size }, signal),
        TE.flatMap(
          TE.tryCatchK(
            async (stream) => {
              const hash = createHash('sha256')
              for await (const chunk of addAbortSignal(signal, stream) as AsyncIterable<Uint8Array>) hash.update(chunk)
              return hash.digest('hex')
            },
            (): Fault => (signal.aborted ? aborted({ effect: 'none' }) : sourceFailed({ reason: 'unreadable' })),
          ),
        ),
      )

const writeFile =
  ({ api, surroundings }: Box): Always['writeFile'] =>
  (path, source, { conflict, contentType, onProgress }, { signal }) => {
    const stream = (own: AbortSignal) => source.open({ start: 0, end: source.size }, own)
    const body = { stream, size: source.size, type: contentType ?? 'application/octet-stream' }
    const found = orAbsent(pipe(api.stat(path, signal), TE.flatMapEither(toEntry)))
    return pipe(
      digestOf(source, signal),
      TE.flatMap((sha256) =>
        guarded<Fault | DriveError, FileEntry>({
          call: pipe(
            api.upload({ path, onConflict: wordFor(dialect.file, conflict), sha256, body }, signal),
            TE.flatMapEither(toFile),
          ),
          look:
            conflict === 'rename'
              ? unknown
              : pipe(
                  found,
                  TE.map((at) => (at !== 'absent' && at.kind === 'file' && at.version === sha256 ? at : 'absent')),
                ),
          check: 'whether the file is there, with these bytes',
          signal,
          surroundings,
        }),
      ),
      TE.map((entry): Written => {
        onProgress(entry.size)
        return { ...entry, ...toPlaced(path, entry.path), evidence: 'vendor-checked:sha256' }
      }),
    )
  }

const operationsOf = (box: Box): OperationsFor<typeof capabilities> => ({
  stat: (path, { signal }) => pipe(box.api.stat(path, signal), TE.flatMapEither(toEntry)),
  list: (path, page, { signal }) => pipe(box.api.list(path, page, signal), TE.flatMapEither(toPage)),
  createDir: createDir(box),
  batchMove: batchMove(box),
  batchRemove: batchRemove(box),
  readFile: readFile(box.api),
  writeFile: writeFile(box),
  // An upload is one request: nothing is left of one that failed.
  abandonUpload: () => TE.right(undefined),
})

/** The token of the settings, or the program's own; the one that was refused, once more, says that there is no other. */
const tokenOf =
  (fixed: Secret, { getToken }: Surroundings): TokenOptions<Fault>['token'] =>
  (_, refused) =>
    getToken === undefined
      ? TE.right(fixed)
      : pipe(
          TE.tryCatch(getToken, (): Fault => unauthenticated({ said: 'getToken failed' })),
          TE.map((text) => (refused !== undefined && reveal(refused) === text ? refused : secret(text))),
        )

/** Sends nothing. */
export const openBox = (
  { url, token, http = {} }: Omit<BoxSettings, 'type'>,
  surroundings: Surroundings = {},
): DriveProvider => {
  const send = withToken<Fault>({
    token: tokenOf(token, surroundings),
    put: putToken,
    refused: ({ status }) => status === 401,
  })(createHttp(http, surroundings))
  return defineDrive('box', capabilities, operationsOf({ api: boxApi(send, url), surroundings }), surroundings)
}

export const box = defineAdapter({
  type: 'box',
  settings: BoxSettings,
  capabilities: () => capabilities,
  open: openBox,
})
