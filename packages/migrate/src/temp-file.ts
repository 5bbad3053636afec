// A file without a name, in which sorted runs lie one after another until they are merged.
import * as E from 'fp-ts/Either'
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What was too much for memory could not be kept on the disk, or not be read from there. */
export interface ScratchError {
  readonly _tag: 'ScratchFull' | 'ScratchFailed'
  readonly message: string
}
type Answer<A> = Promise<E.Either<ScratchError, A>>

/** From byte to byte. */
export interface Run {
  readonly start: number
  readonly end: number
}
/** The lines of one run, one after another. */
export interface Lines {
  /** Undefined where lines were read already that `next` has not given. */
  readonly more: () => Answer<void> | undefined
  /** Undefined after the last, as long as `more` has nothing to wait for. */
  readonly next: () => string | undefined
}
export interface TempFile {
  /** Lines in UTF-8, each with its line feed. */
  readonly append: (lines: Iterable<Uint8Array>) => Answer<Run>
  readonly lines: (run: Run, block: number) => Lines
  /** Nothing of it is left. */
  readonly close: () => Promise<void>
}

const writeSize = 256 * 1024
/** Beside a block, for the line that it cuts. */
const slack = 4 * 1024
/** A file that is open cannot lose its name there. */
const keepsName = process.platform === 'win32'

const errorOf = (dir: string, u: unknown): ScratchError => {
  const { code, message } = u as NodeJS.ErrnoException
  return /^(ENOSPC|EDQUOT|EFBIG)$/.test(code ?? '')
    ? { _tag: 'ScratchFull', message: `no room is left in ${dir} for what is being sorted` }
    : { _tag: 'ScratchFailed', message: `what is being sorted cannot be kept in ${dir}: ${message}` }
}
const attempt = <A>(dir: string, work: () => Promise<A>): Answer<A> =>
  Promise.resolve()
    .then(work)
    .then(E.right, (u: unknown) => E.left(errorOf(dir, u)))

const writeAll = async (file: FileHandle, bytes: Uint8Array, at: number): Promise<void> => {
  for (let done = 0; done < bytes.length;)
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten
}

const linesOf = (dir: string, file: FileHandle, run: Run, block: number): Lines => {
  let at = run.start
  // One buffer for all blocks: what is left of one, the beginning of a line, is moved to its front.
  let bytes = Buffer.alloc(0)
  let [next, end, whole] = [0, 0, 0]
  const fill = async (): Promise<void> => {
    bytes.copyWithin(0, next, end)
    end -= next
    next = 0
    for (whole = 0; whole === 0;) {
      if (bytes.length < end + block) bytes = Buffer.concat([bytes.subarray(0, end)], end + block + slack)
      const { bytesRead } = await file.read(bytes, end, Math.min(block, run.end - at), at)
      if (bytesRead === 0) throw new Error('the file is shorter than it was')
      at += bytesRead
      end += bytesRead
      whole = bytes.subarray(0, end).lastIndexOf(10) + 1
    }
  }
  return {
    more: () => (next < whole || at >= run.end ? undefined : attempt(dir, fill)),
    next: () => {
      if (next >= whole) return undefined
      const from = next
      const to = bytes.indexOf(10, from)
      next = to + 1
      return bytes.toString('utf8', from, to)
    },
  }
}

/** In `parent`, by default that of the system for temporary files. No name leads to it, so it goes with the process however that ends; on Windows its folder goes with `close`. */
export const openTempFile = (parent: string = tmpdir()): Answer<TempFile> =>
  attempt(parent, async () => {
    const dir = await mkdtemp(join(parent, 'anydrive-sort-'))
    const clear = (): Promise<void> => rm(dir, { recursive: true, force: true })
    const file = await open(join(dir, 'runs'), 'wx+', 0o600).catch(async (u: unknown) => {
      await clear()
      throw u
    })
    if (!keepsName) await clear()
    const bytes = Buffer.allocUnsafe(writeSize)
    let end = 0
    const write = async (part: Uint8Array): Promise<void> => {
      await writeAll(file, part, end)
      end += part.length
    }
    return {
      append: (lines) =>
        attempt(parent, async () => {
          const start = end
          let held = 0
          for (const line of lines) {
            if (held + line.length > writeSize) {
              await write(bytes.subarray(0, held))
              held = 0
            }
            if (line.length > writeSize) await write(line)
            else {
              bytes.set(line, held)
              held += line.length
            }
          }
          await write(bytes.subarray(0, held))
          return { start, end }
        }),
      lines: (run, block) => linesOf(parent, file, run, block),
      close: async () => {
        await file.close()
        if (keepsName) await clear()
      },
    }
  })
