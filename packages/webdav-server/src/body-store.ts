// Bytes that have arrived: in memory, and beyond its bounds in a temporary file.
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

export interface BodyStore {
  /** The first byte that can still be read. */
  readonly start: () => number
  /** How many bytes have arrived. */
  readonly end: () => number
  readonly append: (chunk: Uint8Array) => Promise<void>
  /** At least one byte of what stands between the two. */
  readonly read: (from: number, to: number) => Promise<Uint8Array>
  /** What lies before is not asked for again. */
  readonly drop: (before: number) => void
  readonly dispose: () => Promise<void>
}

interface Piece {
  readonly at: number
  readonly bytes: Uint8Array
}

export const createStore = ({ memory, dir }: { readonly memory: number; readonly dir: string }): BodyStore => {
  let pieces: Array<Piece> = []
  let file: { readonly room: string; readonly handle: FileHandle } | undefined
  let [first, end, disposed] = [0, 0, false]

  const moveToFile = async (): Promise<FileHandle> => {
    if (file !== undefined) return file.handle
    const room = await mkdtemp(join(dir, 'anydrive-body-'))
    const handle = await open(join(room, 'content'), 'wx+', 0o600)
    for (const { bytes, at } of pieces) await writeAll(handle, bytes, at)
    file = { room, handle }
    pieces = []
    if (disposed) await dispose()
    return handle
  }

  const dispose = async (): Promise<void> => {
    disposed = true
    pieces = []
    if (file === undefined) return
    const { handle, room } = file
    file = undefined
    await handle.close()
    await rm(room, { recursive: true, force: true })
  }

  return {
    start: () => first,
    end: () => end,
    append: async (chunk) => {
      if (file === undefined && end - first + chunk.byteLength <= memory) pieces.push({ at: end, bytes: chunk })
      else {
        const handle = await moveToFile()
        if (disposed) return
        await writeAll(handle, chunk, end)
      }
      end += chunk.byteLength
    },
    read: async (from, to) => {
      if (file !== undefined) {
        const { bytesRead, buffer } = await file.handle.read(Buffer.allocUnsafe(to - from), 0, to - from, from)
        return buffer.subarray(0, bytesRead)
      }
      const found = pieces.find(({ at, bytes }) => from < at + bytes.byteLength)
      return found === undefined ? new Uint8Array() : found.bytes.subarray(from - found.at, to - found.at)
    },
    drop: (before) => {
      while (pieces[0] !== undefined && pieces[0].at + pieces[0].bytes.byteLength <= before) {
        first = pieces[0].at + pieces[0].bytes.byteLength
        pieces.shift()
      }
    },
    dispose,
  }
}

const writeAll = async (handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> => {
  for (let written = 0; written < bytes.byteLength;) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.byteLength - written, at + written)
    written += bytesWritten
  }
}
