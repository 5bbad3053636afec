// Receiving a file: its bytes counted and checked, in parts that another provider on the same store can go on from.
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import {
  DriveException,
  type Checksums,
  type DrivePath,
  type Evidence,
  type UploadRef,
  type UploadSource,
  type WriteOptions,
} from '@anydrive/core'
import { checksumMismatch, notFound, sourceFailed } from '@anydrive/core/adapter'
import { thrown, type Bad, type Call } from './call'
import type { MemoryStore, StoredUpload } from './store'

const UploadState = t.strict({ upload: t.string }, 'UploadState')

/** The id of an upload that this drive holds. */
export const knownUpload = (store: MemoryStore, ref: UploadRef): string | undefined => {
  const state = UploadState.decode(ref.state)
  if (ref.vendor !== 'memory' || E.isLeft(state)) return undefined
  return store.uploads.has(state.right.upload) ? state.right.upload : undefined
}

export interface Receiving {
  readonly store: MemoryStore
  readonly path: DrivePath
  readonly source: UploadSource
  readonly options: WriteOptions
  /** Bytes between two checkpoints. */
  readonly part: number
  readonly call: Call
}

interface Under {
  readonly id: string
  readonly upload: StoredUpload
}

const lengthOf = (parts: ReadonlyArray<Uint8Array>): number => parts.reduce((sum, part) => sum + part.byteLength, 0)

const begun = ({ store, path, source, options }: Receiving): E.Either<Bad, Under> => {
  if (options.resume === undefined) {
    const id = store.nextId()
    const upload: StoredUpload = { path, size: source.size, parts: [] }
    store.uploads.set(id, upload)
    return E.right({ id, upload })
  }
  const id = knownUpload(store, options.resume)
  const upload = id === undefined ? undefined : store.uploads.get(id)
  return id === undefined || upload?.path !== path || upload.size !== source.size
    ? E.left(notFound({ what: 'upload' }))
    : E.right({ id, upload })
}

const checkpoint = async ({ options, call }: Receiving, { id, upload }: Under): Promise<E.Either<Bad, void>> => {
  const told = options.onCheckpoint?.({ vendor: 'memory', state: { upload: id, received: lengthOf(upload.parts) } })
  return told === undefined ? E.right(undefined) : call.until(told())
}

const unreadable = (error: unknown): Bad =>
  DriveException.is(error) ? error.error : sourceFailed({ reason: 'unreadable' })

const opened = async ({ source, call }: Receiving, start: number): Promise<E.Either<Bad, Readable>> => {
  try {
    return await call.until<Readable>(source.open({ start, end: source.size }, call.signal)())
  } catch {
    return E.left(sourceFailed({ reason: 'unreadable' }))
  }
}

/** Reads the source to its end, keeping whole parts as it goes. */
const receiveInto = async (receiving: Receiving, under: Under): Promise<E.Either<Bad, void>> => {
  const { source, options, part, call } = receiving
  let received = lengthOf(under.upload.parts)
  const answer = await opened(receiving, received)
  if (E.isLeft(answer)) return answer
  const stream = answer.right
  const destroy = () => stream.destroy()
  stream.on('error', () => undefined)
  call.signal.addEventListener('abort', destroy, { once: true })
  let pending: Array<Uint8Array> = []
  let kept = received
  const keep = (): void => {
    under.upload.parts.push(Buffer.concat(pending))
    pending = []
    kept = received
  }
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      received += chunk.byteLength
      if (received > source.size) return E.left(sourceFailed({ reason: 'longer' }))
      pending.push(Buffer.from(chunk))
      options.onProgress?.(received)
      if (received - kept < part) continue
      keep()
      const told = await checkpoint(receiving, under)
      if (E.isLeft(told)) return told
    }
  } catch (error) {
    return E.left(call.stopped() ?? unreadable(error))
  } finally {
    call.signal.removeEventListener('abort', destroy)
    destroy()
  }
  const stopped = call.stopped()
  if (stopped !== undefined) return E.left(stopped)
  if (received < source.size) return E.left(sourceFailed({ reason: 'shorter' }))
  if (pending.length > 0) keep()
  return E.right(undefined)
}

export interface Received {
  readonly bytes: Uint8Array
  readonly checksums: Checksums
  readonly evidence: Evidence
  /** Call it with whether the file stands, so that nothing is kept that nobody can go on from. */
  readonly end: (stands: boolean) => void
}

type Algorithm = 'sha256' | 'sha1' | 'md5'
const digest = (algorithm: Algorithm, bytes: Uint8Array): string => createHash(algorithm).update(bytes).digest('hex')

/** What the bytes that arrived hash to, held against what the source claims of them. */
const checked = (
  bytes: Uint8Array,
  claimed: Checksums,
  algorithms: ReadonlyArray<Algorithm>,
): E.Either<Bad, Pick<Received, 'checksums' | 'evidence'>> => {
  const claims = algorithms.filter((algorithm) => claimed[algorithm] !== undefined)
  const wrong = claims.find((algorithm) => claimed[algorithm]?.toLowerCase() !== digest(algorithm, bytes))
  if (wrong !== undefined) return E.left(checksumMismatch({ algorithm: wrong }))
  const best = claims[0] ?? algorithms[0]
  return E.right({
    checksums: Object.fromEntries(algorithms.map((algorithm) => [algorithm, digest(algorithm, bytes)])),
    evidence: best === undefined ? 'size' : `vendor-checked:${best}`,
  })
}

/** After a left only an upload that was checkpointed is kept, and only if its source was sound. */
export const receive = async (
  receiving: Receiving,
  algorithms: ReadonlyArray<Algorithm>,
): Promise<E.Either<Bad, Received>> => {
  const { store, source, options } = receiving
  const start = begun(receiving)
  if (E.isLeft(start)) return start
  const { id, upload } = start.right
  const resumable = options.onCheckpoint !== undefined || options.resume !== undefined
  const end = (stands: boolean): void => {
    if (stands || !resumable) store.uploads.delete(id)
  }
  try {
    const told = await checkpoint(receiving, start.right)
    const received = E.isLeft(told) ? told : await receiveInto(receiving, start.right)
    const bytes = Buffer.concat(upload.parts)
    const sure = E.isLeft(received) ? received : checked(bytes, source.checksums ?? {}, algorithms)
    if (E.isRight(sure)) return E.right({ bytes, ...sure.right, end })
    const fault = sure.left
    if (fault._tag === 'ChecksumMismatch' || (fault._tag === 'SourceFailed' && fault.reason !== 'unreadable'))
      store.uploads.delete(id)
    end(false)
    return sure
  } catch (error) {
    end(false)
    return E.left(thrown(error))
  }
}
