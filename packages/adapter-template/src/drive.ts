// The drive: how each operation is made of the service's endpoints.
import {
  isSized,
  type ConflictStrategy,
  type DirEntry,
  type DriveError,
  type DriveProvider,
  type Entry,
  type Environment,
  type Fault,
  type Made,
  type Placed,
  type Removed,
  type UploadSource,
  type SizedFile,
} from '@anydrive/core'
import {
  aborted,
  checksumMismatch,
  defineAdapter,
  defineDrive,
  preconditionFailed,
  requireSettings,
  sourceFailed,
  vendorValueFor,
  type RequiredOperations,
  type RawResult,
  type Opened,
  type OperationsFor,
  type OptionalOperations,
  type RawOutcome,
  type Verifier,
} from '@anydrive/core/adapter'
import { attempt, attemptItems, findingOfCreated, type Finding, type Repeat, type Sent } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { createHash } from 'node:crypto'
import { addAbortSignal } from 'node:stream'
import { capabilities, dialect } from './capabilities'
import { createClient, type Client } from './client'
import { BoxSettings, type BoxInput } from './settings'
import { pathText, toDirectory, toEntry, toFile, toOutcomes, toPage, toPlaced } from './translate'

const vendor = 'box'

// --- what a lookup shows after a request whose outcome is unknown, and what it proves

type Seen = Entry | 'absent'

const seen = ({ api }: Client, path: Entry['path'], signal: AbortSignal): RawResult<Seen> =>
  pipe(
    api.stat(path, signal),
    TE.flatMapEither(toEntry),
    TE.orElse((fault): RawResult<Seen> => (fault._tag === 'NotFound' ? TE.right('absent') : TE.left(fault))),
  )

/** The service lets only one of two requests win, unless it is to choose a free name for each. */
const repeatOf = (conflict: ConflictStrategy): Repeat => (conflict === 'rename' ? 'never' : 'if-not-done')

/** What exists was created by this call only if the service's own clock says that it was created after the request. */
const createdProof =
  <A extends Entry>({ clock }: Client, conflict: ConflictStrategy, is: (entry: Entry) => entry is A) =>
  (found: Seen, sent: Sent): Finding<A> => {
    if (found === 'absent') return { is: 'not-done' }
    if (conflict === 'rename' || !is(found)) return { is: 'unproven', found }
    // The time that Box changes when it replaces a file, and that no caller can set.
    const created = conflict === 'overwrite' ? found.modifiedAt : found.createdAt
    const finding = findingOfCreated<A>(clock, { found, created, value: found }, sent)
    return finding.is === 'refused' && conflict === 'overwrite' ? { is: 'not-done' } : finding
  }

const isDirectory = (entry: Entry): entry is DirEntry => entry.kind === 'directory'
const isFileOf =
  (sha256: string) =>
  (entry: Entry): entry is SizedFile =>
    entry.kind === 'file' && isSized(entry) && entry.version === sha256

// --- the operations

const createDir =
  (client: Client): RequiredOperations['createDir'] =>
  (path, { conflict }, { signal }) =>
    pipe(
      attempt({
        send: () =>
          pipe(
            client.api.mkdir(path, vendorValueFor(dialect.directory, conflict), signal),
            TE.flatMapEither(toDirectory),
          ),
        repeat: repeatOf(conflict),
        lookup: (its) => seen(client, path, its),
        proof: createdProof(client, conflict === 'overwrite' ? 'ask' : conflict, isDirectory),
        check: pathText(path),
        signal,
        timers: client.timers,
      }),
      TE.map((entry): Made<DirEntry> => ({ ...entry, ...toPlaced(path, entry.path) })),
    )

/** Box has no ids, so nothing proves that the entry at the target is the one that was at the source. */
const batchMove =
  (client: Client): OptionalOperations['batchMove'] =>
  (items, { signal }) =>
    attemptItems({
      items,
      send: () =>
        pipe(
          client.api.move(
            items.map(({ from, to, conflict }) => ({ from, to, onConflict: vendorValueFor(dialect.file, conflict) })),
            signal,
          ),
          TE.map((results) =>
            toOutcomes(
              results,
              items.map(({ to }) => to),
            ),
          ),
        ),
      repeat: ({ conflict }) => repeatOf(conflict),
      lookup: ({ from, to }, its) =>
        pipe(
          seen(client, from, its),
          TE.flatMap((source) =>
            pipe(
              seen(client, to, its),
              TE.map((target) => ({ source, target })),
            ),
          ),
        ),
      proof: (_, { source, target }): Finding<Placed> => {
        if (source !== 'absent' && target === 'absent') return { is: 'not-done' }
        return target === 'absent'
          ? { is: 'unproven' }
          : { is: 'unproven', found: target, likely: source === 'absent' ? 'done' : 'not-done' }
      },
      check: 'source and target of each item',
      checkItem: ({ from, to }) => `${pathText(from)} and ${pathText(to)}`,
      signal,
      timers: client.timers,
    })

const erased = (outcome: RawOutcome<{ readonly path: Removed['path'] }>): RawOutcome<Removed> =>
  outcome.status === 'done' ? { status: 'done', path: outcome.path, how: 'erased' } : outcome

/** A path at which nothing exists may never have existed, so that only the response proves a removal. */
const batchRemove =
  (client: Client): OptionalOperations['batchRemove'] =>
  (items, _, { signal }) => {
    const paths = items.map(({ path }) => path)
    return attemptItems({
      items,
      send: () =>
        pipe(
          client.api.remove(paths, signal),
          TE.map((results) => toOutcomes(results, paths).map(erased)),
        ),
      repeat: () => 'if-not-done',
      lookup: ({ path }, its) => seen(client, path, its),
      proof: (_, found): Finding<Removed> =>
        found === 'absent' ? { is: 'unproven', likely: 'done' } : { is: 'not-done' },
      check: 'which of the items still exist',
      checkItem: ({ path }) => pathText(path),
      signal,
      timers: client.timers,
    })
  }

const sha256Verifier = ({ checksums }: SizedFile): Verifier => {
  const hash = createHash('sha256')
  return {
    update: (bytes) => {
      hash.update(bytes)
    },
    mismatch: () => (hash.digest('hex') === checksums.sha256 ? undefined : checksumMismatch({ algorithm: 'sha256' })),
  }
}

/** Looked up first, so that every piece is of one version: each response says which bytes it is of. */
const readFile =
  ({ api }: Client): RequiredOperations['readFile'] =>
  (path, { range, ifVersion }, { signal }) =>
    pipe(
      api.stat(path, signal),
      TE.flatMapEither(toFile),
      TE.filterOrElse(
        ({ version }): boolean => ifVersion === undefined || version === ifVersion,
        (): Fault | DriveError => preconditionFailed(),
      ),
      TE.map((entry): Opened => ({
        entry,
        open: (start, own) =>
          pipe(
            api.download(path, { start, end: Math.min(range.end ?? entry.size, entry.size) }, own),
            TE.flatMap(({ header, stream }) => {
              if (header('x-box-sha256') === entry.version && stream !== undefined) return TE.right(stream)
              stream?.destroy()
              return TE.left(preconditionFailed())
            }),
          ),
        verifier: () => sha256Verifier(entry),
      })),
    )

/** Box wants the digest before the bytes: the caller's, or computed by reading the source once more. */
const digestOf =
  (source: UploadSource, signal: AbortSignal): RawResult<string> =>
  async () => {
    if (source.checksums?.sha256 !== undefined) return E.right(source.checksums.sha256)
    const opened = await source.open({ start: 0, end: source.size }, signal)()
    if (E.isLeft(opened)) return opened
    try {
      const hash = createHash('sha256')
      for await (const chunk of addAbortSignal(signal, opened.right) as AsyncIterable<Uint8Array>) hash.update(chunk)
      return E.right(hash.digest('hex'))
    } catch {
      return E.left(signal.aborted ? aborted({ effect: 'none' }) : sourceFailed({ reason: 'unreadable' }))
    }
  }

const writeFile =
  (client: Client): RequiredOperations['writeFile'] =>
  (path, source, { conflict, contentType, onProgress }, { signal }) =>
  async () => {
    const sha256 = await digestOf(source, signal)()
    if (E.isLeft(sha256)) return sha256
    const stream = (own: AbortSignal) => source.open({ start: 0, end: source.size }, own)
    const body = { stream, size: source.size, type: contentType ?? 'application/octet-stream' }
    const upload = { path, onConflict: vendorValueFor(dialect.file, conflict), sha256: sha256.right, body }
    const written = await attempt({
      send: () => pipe(client.api.upload(upload, signal), TE.flatMapEither(toFile)),
      repeat: repeatOf(conflict),
      lookup: (its) => seen(client, path, its),
      proof: createdProof(client, conflict, isFileOf(sha256.right)),
      check: pathText(path),
      signal,
      timers: client.timers,
    })()
    if (E.isLeft(written)) return written
    onProgress(source.size)
    return E.right({ ...written.right, ...toPlaced(path, written.right.path), evidence: 'vendor-checked:sha256' })
  }

const operationsOf = (client: Client): OperationsFor<typeof capabilities> => ({
  stat: (path, { signal }) => pipe(client.api.stat(path, signal), TE.flatMapEither(toEntry)),
  list: (path, page, { signal }) => pipe(client.api.list(path, page, signal), TE.flatMapEither(toPage)),
  createDir: createDir(client),
  batchMove: batchMove(client),
  batchRemove: batchRemove(client),
  readFile: readFile(client),
  writeFile: writeFile(client),
  // An upload is one request: one that failed leaves nothing behind.
  abandonUpload: () => TE.right(undefined),
})

const open = (settings: BoxSettings, environment: Environment = {}): DriveProvider =>
  defineDrive(vendor, capabilities, operationsOf(createClient(settings, environment)), environment)

/** Synchronous; sends nothing. Secrets may be plain strings. Throws a `TypeError` for settings that are wrong. */
export const openBox = (settings: BoxInput, environment?: Environment): DriveProvider =>
  open(requireSettings(BoxSettings, settings, vendor), environment)

export const box = defineAdapter({ type: vendor, settings: BoxSettings, capabilities: () => capabilities, open })
