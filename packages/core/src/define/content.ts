// readFile, writeFile and abandonUpload: downloads resumed, counted and verified; uploads' sources counted exactly.
import * as E from 'fp-ts/Either'
import { Readable, Transform, pipeline, type TransformCallback } from 'node:stream'
import {
  aborted,
  limitExceeded,
  network,
  notFound,
  preconditionFailed,
  rangeNotSatisfiable,
  retryAdvice,
  sourceFailed,
  unexpectedResponse,
  unsupported,
  withoutEffect,
  type Fault,
  type Where,
} from '../contract/errors'
import { has } from '../contract/capabilities'
import { defined } from '../contract/decode'
import { DriveException, faultOf, withCause } from '../contract/exception'
import { locate } from '../contract/explain'
import { bytesHeld } from '../contract/held'
import type { DrivePath } from '../contract/path'
import type { VersionOptions } from '../contract/optional'
import type { DriveProvider, ReadOptions, WriteOptions } from '../contract/provider'
import type { ByteRange, FileContent, UploadSource } from '../contract/source'
import { onAbort } from '../contract/time'
import type { RawResult, Call, DriveContext, Opened, WriteHow } from './context'
import { withParents, type Parents } from './parents'
import { validated, writeFileFault, type Failure } from './rules'
import { beginScope, catchDefects, explained, runScoped, stoppedFault, type Scope } from './scope'

// --- downloads

const attempts = 5
const firstWait = 200

interface Reading {
  readonly where: Where
  readonly opened: Opened
  readonly range: ByteRange
  readonly scope: Scope
  readonly delay: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Clipped to the size, where that is known; a start at or past the end is refused, but for the start of an empty file. */
const clip = ({ start, end }: ByteRange, size: number | undefined): E.Either<Fault, ByteRange> => {
  const whole = Number.isSafeInteger(start) && start >= 0
  const ordered = end === undefined || (Number.isSafeInteger(end) && end >= start)
  const inside = size === undefined || start < size || (start === 0 && size === 0)
  if (!whole || !ordered || !inside) return E.left(rangeNotSatisfiable(defined({ size })))
  return E.right({ start, ...defined({ end: size === undefined ? end : Math.min(end ?? size, size) }) })
}

async function* bytesOf(reading: Reading, first: Readable | undefined): AsyncGenerator<Uint8Array, void> {
  const { where, opened, range, scope, delay } = reading
  const failure = (fault: Failure) => new DriveException(locate(where)(fault))
  const { end } = range
  const verifier = range.start === 0 && end === opened.entry.size ? opened.verifier?.() : undefined
  let at = range.start
  let source = first
  let failures = 0
  while (source !== undefined || end === undefined || at < end) {
    let fault: Failure = network({ effect: 'none', said: 'the download ended early' })
    let ended = false
    try {
      if (source !== undefined) {
        for await (const chunk of source as AsyncIterable<Uint8Array>) {
          at += chunk.byteLength
          if (end !== undefined && at > end) {
            const got = 'more bytes'
            throw failure(
              unexpectedResponse({ effect: 'none', issues: [{ at: 'content', expected: 'the stated size', got }] }),
            )
          }
          verifier?.update(chunk)
          failures = 0
          yield chunk
        }
        ended = true
      }
    } catch (error) {
      fault = withoutEffect(faultOf(error))
    }
    // Without a stated size, the end of the response is the end of the file. The transport reports a response that breaks off.
    if (ended && opened.entry.size === undefined) break
    // An adapter notices a change during the read only after the last byte, so a fault may follow it. The end of an empty file must arrive.
    if (at === end && (ended || at > range.start) && retryAdvice(fault) === 'later') break
    source = undefined
    failures += 1
    if (scope.signal.aborted) throw failure(aborted({ effect: 'none' }))
    if (retryAdvice(fault) !== 'later' || failures > attempts) throw failure(fault)
    await delay(firstWait * 2 ** (failures - 1), scope.signal)
    const again = await opened.open(at, scope.signal)()
    if (E.isRight(again)) source = again.right
    else if (retryAdvice(withoutEffect(again.left)) !== 'later') throw failure(again.left)
  }
  const wrong = verifier?.mismatch()
  if (wrong !== undefined) throw failure(wrong)
}

/** Whether the first stream holds all bytes of the range, and the right ones: nothing remains to be done for them. */
const isHeldWhole = ({ opened, range: { start, end } }: Reading, first: Readable): boolean => {
  const held = bytesHeld(first)
  if (held === undefined || end === undefined || start + held.byteLength !== end) return false
  const verifier = start === 0 && end === opened.entry.size ? opened.verifier?.() : undefined
  verifier?.update(held)
  return verifier?.mismatch() === undefined
}

const abortable = ({ where, scope }: Reading, stream: Readable): Readable => {
  const forget = onAbort(scope.signal, () => {
    stream.destroy(new DriveException(locate(where)(aborted({ effect: 'none' }))))
  })
  return stream.once('close', forget)
}

/** Opens the first stream at once, so that what can be known early is a left and not a broken stream. */
const contentOf = async (
  where: Where,
  opened: Opened,
  asked: ByteRange,
  how: Pick<Reading, 'scope' | 'delay'>,
): Promise<E.Either<Failure, FileContent>> => {
  const clipped = clip(asked, opened.entry.size)
  if (E.isLeft(clipped)) return clipped
  const range = clipped.right
  // An empty file is requested too: bytes that arrive are an error, so no file counts as empty without being read.
  const isEmptyRange = range.start === range.end && opened.entry.size !== 0
  const first = isEmptyRange ? E.right(undefined) : await opened.open(range.start, how.scope.signal)()
  if (E.isLeft(first)) return first
  // It may fail before the caller reads, when nobody listens yet; the reader still gets the error.
  first.right?.on('error', () => undefined)
  const reading: Reading = { where, opened, range, ...how }
  const stream =
    first.right !== undefined && isHeldWhole(reading, first.right)
      ? abortable(reading, first.right)
      : Readable.from(bytesOf(reading, first.right), { objectMode: false, highWaterMark: 256 * 1024 })
  stream.once('close', () => {
    first.right?.destroy()
    how.scope.end()
  })
  return E.right({ stream, range, entry: opened.entry, ...defined({ size: opened.entry.size }) })
}

// --- uploads

interface WatchedSource {
  readonly source: UploadSource
  /** The fault of the source itself, if it failed: more exact than what a transport makes of it. */
  readonly fault: () => Failure | undefined
}

/** The same source, whose streams fail with `SourceFailed` unless they yield exactly the requested bytes. */
const watched = (source: UploadSource): WatchedSource => {
  let fault: Failure | undefined
  const failed = (reason: 'shorter' | 'longer') => {
    const own = sourceFailed({ reason })
    fault ??= own
    return Object.assign(new Error(`the source is ${reason}`), { fault: own })
  }
  const counted = (readable: Readable, size: number): Readable => {
    if (bytesHeld(readable)?.byteLength === size) return readable
    let remaining = size
    const counter = new Transform({
      transform(chunk: Uint8Array, _encoding, done: TransformCallback) {
        remaining -= chunk.byteLength
        if (remaining < 0) done(failed('longer'))
        else done(null, chunk)
      },
      flush(done: TransformCallback) {
        done(remaining > 0 ? failed('shorter') : null)
      },
    })
    readable.once('error', (error) => {
      fault ??= DriveException.is(error) ? error.error : withCause(sourceFailed({ reason: 'unreadable' }), error)
    })
    pipeline(readable, counter, () => undefined)
    return counter
  }
  const open: UploadSource['open'] = (range, signal) => async () => {
    const opened = await source.open(range, signal)()
    if (E.isRight(opened)) return E.right(counted(opened.right, range.end - range.start))
    if (opened.left._tag !== 'Aborted') fault ??= opened.left
    return opened
  }
  return { source: { ...source, open }, fault: () => fault }
}

// --- the verbs

const sizeFault = ({ capabilities }: DriveContext, size: number): Fault | undefined => {
  if (!Number.isSafeInteger(size) || size < 0)
    return sourceFailed({ reason: 'unreadable', said: 'its size is not a whole number of bytes' })
  const max = capabilities.limits.fileSize
  return max !== undefined && size > max ? limitExceeded({ limit: 'size', max }) : undefined
}

/** Where the service does not check a version itself, a lookup precedes the call. */
const versionFault = async (
  { operations, capabilities }: DriveContext,
  path: DrivePath,
  ifVersion: string | undefined,
  call: Call,
): Promise<Failure | undefined> => {
  if (ifVersion === undefined || capabilities.features.ifVersion) return undefined
  const found = await catchDefects(() => operations.stat(path, call))
  if (E.isLeft(found)) return found.left._tag === 'NotFound' ? preconditionFailed() : found.left
  return found.right.kind === 'file' && found.right.version === ifVersion ? undefined : preconditionFailed()
}

const howOf = ({ vendor, capabilities }: DriveContext, options: WriteOptions): WriteHow => {
  const { onCheckpoint, createdAt, modifiedAt, contentType, ifVersion, resume } = options
  return {
    conflict: options.conflict ?? 'ask',
    createdAt,
    modifiedAt,
    contentType,
    ifVersion: capabilities.features.ifVersion ? ifVersion : undefined,
    onProgress: options.onProgress ?? (() => undefined),
    onCheckpoint: (state): RawResult<void> =>
      onCheckpoint === undefined ? () => Promise.resolve(E.right(undefined)) : onCheckpoint({ vendor, state }),
    keepsState: onCheckpoint !== undefined || resume !== undefined,
    resume: resume?.state,
  }
}

const write = async (
  context: DriveContext,
  parents: Parents,
  inputs: { readonly path: DrivePath; readonly source: UploadSource; readonly options: WriteOptions },
  call: Call,
) => {
  const { path, source, options } = inputs
  const refused =
    writeFileFault(context, path, options.conflict ?? 'ask') ??
    sizeFault(context, source.size) ??
    (options.resume !== undefined && options.resume.vendor !== context.vendor
      ? notFound({ what: 'upload' })
      : undefined) ??
    (await versionFault(context, path, options.ifVersion, call))
  if (refused !== undefined) return E.left(refused)
  const watching = watched(source)
  const target = { operation: 'writeFile', path, parents: options.parents } as const
  const result = await withParents(context, parents, target, call, () =>
    context.operations.writeFile(path, watching.source, howOf(context, options), call),
  )
  const own = watching.fault()
  return E.isLeft(result) && result.left._tag === 'SourceFailed' && own !== undefined ? E.left(own) : result
}

/** The scope of a read lives as long as its stream, so this verb is not run by `runScoped`. */
const readFile =
  ({ vendor, capabilities, operations, delay }: DriveContext): DriveProvider['readFile'] =>
  (path, options = {}) =>
  async () => {
    const scope = beginScope(options)
    const valid = validated('readFile', { path, options })
    const where: Where = { vendor, operation: 'readFile', ...(E.isRight(valid) ? { path: valid.right.path } : {}) }
    const left = (fault: Failure) => {
      scope.end()
      return E.left(locate(where)(explained(scope, false, fault)))
    }
    const stopped = stoppedFault(scope)
    if (stopped !== undefined) return left(stopped)
    if (E.isLeft(valid)) return left(valid.left)
    const { range = { start: 0 }, ifVersion, version } = valid.right.options as ReadOptions & VersionOptions
    if (version !== undefined && !has(capabilities, 'operations.listVersions'))
      return left(unsupported({ feature: 'operations.listVersions' }))
    const call: Call = { signal: scope.signal, wait: true }
    const opened = await catchDefects(() => operations.readFile(valid.right.path, { range, ifVersion, version }, call))
    if (E.isLeft(opened)) return left(opened.left)
    const content = await catchDefects(() => () => contentOf(where, opened.right, range, { scope, delay }))
    if (E.isLeft(content)) return left(content.left)
    scope.answered()
    return content
  }

export const contentVerbs = (
  context: DriveContext,
  parents: Parents,
): Pick<DriveProvider, 'readFile' | 'writeFile' | 'abandonUpload'> => {
  const { vendor, operations } = context
  return {
    readFile: readFile(context),
    writeFile: (path, source, options = {}) =>
      runScoped(
        { vendor, verb: 'writeFile', inputs: { path, source, options }, errorPath: (inputs) => inputs.path },
        (inputs, { signal }) => write(context, parents, inputs, { signal, wait: true }),
      ),
    abandonUpload: (ref, options = {}) =>
      runScoped({ vendor, verb: 'abandonUpload', inputs: { ref, options } }, ({ ref }, { signal }) =>
        ref.vendor === vendor
          ? operations.abandonUpload(ref.state, { signal, wait: true })()
          : Promise.resolve(E.left(notFound({ what: 'upload' }))),
      ),
  }
}
