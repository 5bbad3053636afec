// How the toy's adapter writes files.
import {
  nameOf,
  parentOf,
  under,
  type BatchSettled,
  type CopyItem,
  type DriveError,
  type DrivePath,
  type Placed,
  type UploadSource,
  type WriteOptions,
  type Written,
} from '@anydrive/core'
import {
  aborted,
  indeterminate,
  network,
  preconditionFailed,
  sourceFailed,
  temporaryName,
} from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { randomUUID } from 'node:crypto'
import type { Settled, ToyClient } from './toy-client'
import { digestOf } from './toy-server'

const partSize = 1000
type Outcome = {
  readonly status: 'done' | 'failed'
  readonly path: DrivePath
  readonly how: 'as-asked' | 'renamed'
  readonly error: DriveError
  readonly attempted: boolean
}

/** Uploads in parts; an overwrite is composed of renames. */
export const createUploads = ({
  has,
  fail,
  send,
  repeat,
  change,
  query,
  statOf,
  withParent,
  isDefinite,
  withGrace,
}: ToyClient) => {
  const moved = async (from: DrivePath, to: DrivePath, signal: AbortSignal): Settled<Placed> => {
    const answer = await change<BatchSettled<CopyItem, Placed>>(
      { op: 'batchMove', items: [{ from, to, path: from }], options: { conflict: 'ask' } },
      signal,
    )
    if (E.isLeft(answer)) return answer
    const [outcome] = answer.right.outcomes as unknown as ReadonlyArray<Outcome>
    if (outcome === undefined) return fail('batchMove', indeterminate({ check: 'the answer has no outcome' }))
    return outcome.status === 'done' ? E.right(outcome) : E.left(outcome.error)
  }
  const removed = async (path: DrivePath, signal: AbortSignal): Promise<void> => {
    await change({ op: 'batchRemove', items: [{ from: path, to: path, path }], options: {} }, signal)
  }
  /** The new file takes the place of the old one by renames, and goes back where that fails. */
  const replace = async (incoming: Placed, path: DrivePath, signal: AbortSignal): Settled<Placed> => {
    const own = withGrace(signal)
    const old = under(parentOf(path), temporaryName(path, 'old') as DrivePath)
    const aside = await moved(path, old, own)
    if (E.isLeft(aside)) {
      if (isDefinite(aside.left)) await removed(incoming.path, own)
      return aside
    }
    const placed = await moved(incoming.path, path, own)
    if (E.isLeft(placed)) {
      if (!isDefinite(placed.left) || has('no rollback after a failed replace')) return placed
      const back = await moved(old, path, own)
      await removed(incoming.path, own)
      return E.isRight(back) ? placed : fail('writeFile', indeterminate({ check: 'where the old file is' }), path)
    }
    await removed(old, own)
    return E.right({ ...placed.right, how: 'as-asked', replaced: true })
  }

  const partOf = async (source: UploadSource, start: number, end: number, signal: AbortSignal): Settled<Buffer> => {
    const own = has('abort not reaching the parts of an upload') ? new AbortController().signal : signal
    const opened = await source.open({ start, end }, own)()
    if (E.isLeft(opened)) return fail('writeFile', opened.left)
    const stream = opened.right
    const stop = () => stream.destroy()
    own.addEventListener('abort', stop, { once: true })
    const chunks: Array<Buffer> = []
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(Buffer.from(chunk))
    } catch {
      return fail('writeFile', own.aborted ? aborted({ effect: 'none' }) : sourceFailed({ reason: 'unreadable' }))
    } finally {
      own.removeEventListener('abort', stop)
    }
    if (own.aborted) return fail('writeFile', aborted({ effect: 'none' }))
    const bytes = Buffer.concat(chunks)
    if (bytes.length === end - start) return E.right(bytes)
    return fail('writeFile', sourceFailed({ reason: bytes.length < end - start ? 'shorter' : 'longer' }))
  }
  const forget = async (upload: string, signal: AbortSignal): Promise<void> => {
    if (has('a failed overwrite leaving its upload')) return
    const own = withGrace(signal)
    await repeat(
      own,
      () => send('DELETE', `/uploads?${query({ upload })}`, own),
      (value) => ('forgotten' in value ? value : undefined),
    )
  }
  const sendParts = async (
    upload: string,
    path: DrivePath,
    source: UploadSource,
    signal: AbortSignal,
  ): Settled<Buffer> => {
    const all: Array<Buffer> = []
    for (let part = 0; part === 0 || part * partSize < source.size; part++) {
      const bytes = await partOf(source, part * partSize, Math.min(source.size, (part + 1) * partSize), signal)
      if (E.isLeft(bytes)) return bytes
      const sent = await repeat(
        signal,
        () => send('PUT', `/uploads?${query({ upload, part })}`, signal, bytes.right),
        (value) => (value['part'] === part ? value : undefined),
      )
      // Parts are seen by nobody before the end.
      if (E.isLeft(sent))
        return fail(
          'writeFile',
          sent.left._tag === 'Aborted'
            ? aborted({ effect: 'none' })
            : sent.left._tag === 'Forbidden'
              ? sent.left
              : network({ effect: 'none' }),
          path,
        )
      all.push(bytes.right)
    }
    return E.right(Buffer.concat(all))
  }
  const upload = async (
    path: DrivePath,
    source: UploadSource,
    options: WriteOptions,
    signal: AbortSignal,
  ): Settled<Written> => {
    const key = randomUUID()
    const begun = await repeat(
      signal,
      () => send('POST', '/uploads', signal, JSON.stringify({ key })),
      (value) => (value['key'] === key ? key : undefined),
    )
    if (E.isLeft(begun))
      return fail(
        'writeFile',
        begun.left._tag === 'Aborted'
          ? aborted({ effect: 'none' })
          : begun.left._tag === 'Forbidden'
            ? begun.left
            : network({ effect: 'none' }),
        path,
      )
    const ref = { vendor: 'toy', state: { upload: key } }
    const noted = (await options.onCheckpoint?.(ref)()) ?? E.right(undefined)
    const sent = E.isLeft(noted) ? noted : await sendParts(key, path, source, signal)
    if (E.isLeft(sent)) {
      await forget(key, signal)
      return sent
    }
    options.onProgress?.(source.size)
    const existing = options.conflict === 'overwrite' ? await statOf(path, signal) : undefined
    const replaces = existing !== undefined && E.isRight(existing) && existing.right.kind === 'file'
    const isBySize = has('an overwrite claimed by size alone') && options.conflict === 'overwrite'
    const to = replaces && !isBySize ? under(parentOf(path), temporaryName(path, 'new') as DrivePath) : path
    if (options.ifVersion !== undefined && !(replaces && existing.right.version === options.ifVersion)) {
      await forget(key, signal)
      return fail('writeFile', preconditionFailed(), path)
    }
    const { conflict, createdAt, modifiedAt, contentType, parents } = options
    const how = {
      conflict: conflict === 'overwrite' ? (replaces ? 'overwrite' : 'ask') : conflict,
      createdAt,
      modifiedAt,
      contentType,
      parents,
    } as const
    const sha256 = has('evidence claimed without the checksum') ? {} : { sha256: digestOf(sent.right) }
    const bySize = async (): Promise<Written | undefined> => {
      const seen = await statOf(path, signal)
      return E.isRight(seen) && seen.right.kind === 'file' && seen.right.size === source.size
        ? { ...seen.right, size: source.size, how: 'as-asked', evidence: 'size' }
        : undefined
    }
    const call = await withParent({ op: 'finish', upload: key, to, options: how, ...sha256 }, signal)
    const finished = await change<Written>(call, signal, isBySize ? bySize : undefined)
    if (E.isLeft(finished)) {
      if (isDefinite(finished.left)) await forget(key, signal)
      return finished
    }
    const placed = replaces && !isBySize ? await replace(finished.right, path, signal) : E.right(finished.right)
    if (E.isLeft(placed)) return placed
    const { path: final, how: named } = placed.right
    return E.right({
      ...finished.right,
      path: final,
      name: nameOf(final),
      how: named,
      evidence: 'vendor-checked:sha256',
    })
  }

  return { upload, forget }
}
