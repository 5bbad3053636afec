// CRC-64/XZ of bytes as they come: table-driven, eight bytes a step, in two 32-bit halves.

/** The reflected polynomial of ECMA-182: `c96c5795d7870f42`. */
const polynomial = { high: 0xc96c5795 | 0, low: 0xd7870f42 | 0 }
const slices = 8

interface Tables {
  readonly high: Int32Array
  readonly low: Int32Array
}

/** Every index below is masked to its table or bounded by the loop, so the zero is never taken; V8 inlines it away. */
const at = (numbers: Int32Array | Uint8Array, index: number): number => numbers[index] ?? 0

/** Row `k` (256 values) moves a byte through the register `k` bytes further than row 0. */
const tablesOf = (): Tables => {
  const high = new Int32Array(256 * slices)
  const low = new Int32Array(256 * slices)
  for (let byte = 0; byte < 256; byte++) {
    let h = 0
    let l = byte
    for (let bit = 0; bit < 8; bit++) {
      const odd = (l & 1) === 1
      l = (l >>> 1) | (h << 31)
      h >>>= 1
      if (odd) {
        l ^= polynomial.low
        h ^= polynomial.high
      }
    }
    high[byte] = h
    low[byte] = l
  }
  for (let i = 256; i < 256 * slices; i++) {
    const h = at(high, i - 256)
    const l = at(low, i - 256)
    low[i] = ((l >>> 8) | (h << 24)) ^ at(low, l & 255)
    high[i] = (h >>> 8) ^ at(high, l & 255)
  }
  return { high, low }
}

const tables = tablesOf()

const advanced = (fromHigh: number, fromLow: number, b: Uint8Array): readonly [high: number, low: number] => {
  const { high: H, low: L } = tables
  const whole = b.length - 7
  let h = fromHigh
  let l = fromLow
  let i = 0
  for (; i < whole; i += 8) {
    const i7 = ((l ^ at(b, i)) & 255) | 1792
    const i6 = (((l >>> 8) ^ at(b, i + 1)) & 255) | 1536
    const i5 = (((l >>> 16) ^ at(b, i + 2)) & 255) | 1280
    const i4 = ((l >>> 24) ^ at(b, i + 3)) | 1024
    const i3 = ((h ^ at(b, i + 4)) & 255) | 768
    const i2 = (((h >>> 8) ^ at(b, i + 5)) & 255) | 512
    const i1 = (((h >>> 16) ^ at(b, i + 6)) & 255) | 256
    const i0 = (h >>> 24) ^ at(b, i + 7)
    l = at(L, i7) ^ at(L, i6) ^ at(L, i5) ^ at(L, i4) ^ at(L, i3) ^ at(L, i2) ^ at(L, i1) ^ at(L, i0)
    h = at(H, i7) ^ at(H, i6) ^ at(H, i5) ^ at(H, i4) ^ at(H, i3) ^ at(H, i2) ^ at(H, i1) ^ at(H, i0)
  }
  for (; i < b.length; i++) {
    const byte = (l ^ at(b, i)) & 255
    l = ((l >>> 8) | (h << 24)) ^ at(L, byte)
    h = (h >>> 8) ^ at(H, byte)
  }
  return [h, l]
}

export interface Crc64 {
  readonly update: (bytes: Uint8Array) => void
  /** Of the bytes so far, as 16 lower-case hex digits; more bytes may follow. */
  readonly digest: () => string
}

const hexOf = (half: number): string => (half >>> 0).toString(16).padStart(8, '0')

export const createCrc64 = (): Crc64 => {
  let high = -1
  let low = -1
  return {
    update: (bytes) => {
      ;[high, low] = advanced(high, low, bytes)
    },
    digest: () => hexOf(~high) + hexOf(~low),
  }
}
