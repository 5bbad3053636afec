// Lines packed into one buffer, outside the heap that is searched for garbage, and their order.

/** Kept for the next, for it would be long before it was noticed that one is not needed any more. */
const spare: Array<Buffer> = []
const mostSpare = 4
const first = 256 * 1024

export interface LineBuffer {
  /** False where there is no room for it; the first line has room whatever its length. */
  readonly add: (key: string, line: string) => boolean
  /** Each with a line feed, in ascending order of keys by UTF-16 code units; those of one key as they were added. Good until the next `add`. */
  readonly inOrder: () => Generator<Buffer, void>
  readonly clear: () => void
  /** Its buffer may be another's from now on. */
  readonly release: () => void
}

const larger = (bytes: Buffer, used: number, size: number): Buffer => {
  const i = spare.findIndex((one) => one.length >= size)
  const grown = i < 0 ? Buffer.allocUnsafeSlow(size) : (spare.splice(i, 1)[0] ?? Buffer.allocUnsafeSlow(size))
  bytes.copy(grown, 0, 0, used)
  return grown
}

/** Holds `limit` bytes. */
export const createLineBuffer = (limit: number): LineBuffer => {
  let bytes: Buffer = Buffer.alloc(0)
  let keys: Array<string> = []
  /** Where each line ends. */
  let ends: Array<number> = []
  let used = 0

  return {
    add: (key, line) => {
      const size = Buffer.byteLength(line) + 1
      if (used > 0 && used + size > limit) return false
      if (used + size > bytes.length)
        bytes = larger(bytes, used, Math.max(first, used + size, Math.min(limit, 2 * bytes.length)))
      bytes.write(line, used)
      bytes[used + size - 1] = 10
      used += size
      keys.push(key)
      ends.push(used)
      return true
    },
    *inOrder() {
      const order = Uint32Array.from(keys, (_, i) => i).sort((i, j) => {
        const [a = '', b = ''] = [keys[i], keys[j]]
        return a < b ? -1 : a > b ? 1 : i - j
      })
      for (const i of order) yield bytes.subarray(ends[i - 1] ?? 0, ends[i])
    },
    clear: () => {
      ;[keys, ends, used] = [[], [], 0]
    },
    release: () => {
      if (bytes.length > 0 && bytes.length <= 16 * 1024 * 1024 && spare.length < mostSpare) spare.push(bytes)
      bytes = Buffer.alloc(0)
      ;[keys, ends, used] = [[], [], 0]
    },
  }
}
