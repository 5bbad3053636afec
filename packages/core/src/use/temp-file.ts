// A temporary file that only this process reads, in a directory of its own.
import { mkdtemp, open, rm } from 'node:fs/promises'
import { join } from 'node:path'

export interface TempFile {
  readonly path: string
  /** Writes the bytes at the end. */
  readonly append: (bytes: Uint8Array) => Promise<void>
  /** The bytes from `start` up to `end`, or fewer. */
  readonly read: (start: number, end: number) => Promise<Uint8Array>
  /** Closes and removes it. May be called more than once; never rejects because of the file's state. */
  readonly dispose: () => Promise<void>
}

export const createTempFile = async (dir: string): Promise<TempFile> => {
  const own = await mkdtemp(join(dir, 'anydrive-spool-'))
  const path = join(own, 'content')
  const handle = await open(path, 'wx+', 0o600).catch(async (error: unknown) => {
    await rm(own, { recursive: true, force: true })
    throw error
  })
  let length = 0
  return {
    path,
    append: async (bytes) => {
      for (let written = 0; written < bytes.byteLength;) {
        const { bytesWritten } = await handle.write(bytes, written, bytes.byteLength - written, length)
        written += bytesWritten
        length += bytesWritten
      }
    },
    read: async (start, end) => {
      const buffer = Buffer.allocUnsafe(end - start)
      const { bytesRead } = await handle.read(buffer, 0, buffer.byteLength, start)
      return buffer.subarray(0, bytesRead)
    },
    dispose: async () => {
      await handle.close().catch(() => undefined)
      await rm(own, { recursive: true, force: true })
    },
  }
}
