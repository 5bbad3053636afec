// Bytes that have arrived: in memory, and beyond its bounds in a temporary file.
import { randomBytes } from 'node:crypto'
import { lstat, open, readdir, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

/** Beyond `memory` bytes of a body there is a file in the directory `dir`. */
export interface Spool {
  readonly memory: number
  readonly dir: string
}

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

interface OpenFile {
  readonly handle: FileHandle
  readonly unlink: () => Promise<void>
}
interface Piece {
  readonly at: number
  readonly bytes: Uint8Array
}

const names = /^anydrive-body-[0-9a-f]{24}$/

const ignored = (): undefined => undefined

/** A file that only its handle reaches: it vanishes with the process, however that ends. Where the system cannot do so, `unlink` again after closing. */
const openNameless = async (dir: string): Promise<OpenFile> => {
  const name = join(dir, `anydrive-body-${randomBytes(12).toString('hex')}`)
  const handle = await open(name, 'wx+', 0o600)
  const gone = await unlink(name).then(
    () => true,
    () => false,
  )
  return { handle, unlink: () => (gone ? Promise.resolve() : unlink(name).catch(ignored)) }
}

/**
 * Removes the names that a killed process had no time to remove. A running one loses nothing: it reads and writes by its handle. What cannot be removed
 * is ignored.
 */
export const removeAbandoned = async (dir: string): Promise<void> => {
  const found = await readdir(dir).catch(() => [])
  for (const name of found.filter((it) => names.test(it))) {
    const path = join(dir, name)
    if ((await lstat(path).catch(ignored))?.isFile() === true) await unlink(path).catch(ignored)
  }
}

export const createStore = ({ memory, dir }: Spool): BodyStore => {
  let pieces: Array<Piece> = []
  let file: OpenFile | undefined
  let [first, end, disposed] = [0, 0, false]

  const moveToFile = async (): Promise<FileHandle> => {
    if (file !== undefined) return file.handle
    const opened = await openNameless(dir)
    const { handle } = opened
    try {
      for (const { bytes, at } of pieces) await writeAll(handle, bytes, at)
    } finally {
      // From here on it is read, and disposed of.
      file = opened
    }
    pieces = []
    if (disposed) await dispose()
    return handle
  }

  const dispose = async (): Promise<void> => {
    disposed = true
    pieces = []
    if (file === undefined) return
    const closing = file
    file = undefined
    await closing.handle.close()
    await closing.unlink()
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
