// Reading a file: a range of the bytes that it held when it was opened, whatever becomes of it meanwhile.
import * as E from 'fp-ts/Either'
import { Readable } from 'node:stream'
import { DriveException, type ByteRange, type ByteSpan, type Fault, type FileContent } from '@anydrive/core'
import { locate, rangeNotSatisfiable } from '@anydrive/core/adapter'
import type { Call } from './call'
import { fileEntry, type FileNode } from './nodes'

const chunk = 256 * 1024

/** Half-open, clipped to the size. */
export const clipped = ({ start, end }: ByteRange, size: number): E.Either<Fault, ByteSpan> => {
  const stop = end ?? Math.max(start, size)
  const sound = Number.isSafeInteger(start) && Number.isSafeInteger(stop) && start >= 0 && stop >= start
  const within = start < size || (start === 0 && size === 0)
  return sound && within ? E.right({ start, end: Math.min(stop, size) }) : E.left(rangeNotSatisfiable({ size }))
}

// Each chunk is a copy: a reader that changes it changes nothing here.
function* slices(bytes: Uint8Array, { start, end }: ByteSpan): Generator<Buffer, void> {
  for (let at = start; at < end; at += chunk) yield Buffer.from(bytes.subarray(at, Math.min(end, at + chunk)))
}

/** The stream ends with the caller's signal, as `Aborted`. */
export const contentOf = (call: Call, node: FileNode, range: ByteSpan, release: () => void): FileContent => {
  const entry = fileEntry(node)
  const stream = Readable.from(slices(node.content, range), { objectMode: false })
  const end = () => {
    const fault = call.stopped()
    const where = { vendor: 'memory', operation: 'readFile', path: entry.path } as const
    stream.destroy(fault === undefined ? undefined : new DriveException(locate(where)(fault)))
  }
  call.signal.addEventListener('abort', end, { once: true })
  stream.once('close', () => {
    call.signal.removeEventListener('abort', end)
    release()
  })
  return { stream, size: node.content.byteLength, range, entry }
}
