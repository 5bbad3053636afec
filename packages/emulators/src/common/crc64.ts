// CRC-64/XZ (ECMA-182 reflected), in two 32-bit halves, eight bytes a step.

const polynomialHigh = 0xc96c5795
const polynomialLow = 0xd7870f42

/** Eight tables of 256 entries, low and high halves interleaved: `tables[k][2 * b]` is the low half. */
const tables: ReadonlyArray<Uint32Array> = (() => {
  const first = new Uint32Array(512)
  for (let byte = 0; byte < 256; byte += 1) {
    let low = byte
    let high = 0
    for (let bit = 0; bit < 8; bit += 1) {
      const odd = low & 1
      low = ((low >>> 1) | (high << 31)) >>> 0
      high >>>= 1
      if (odd === 1) {
        low ^= polynomialLow
        high ^= polynomialHigh
      }
    }
    first[2 * byte] = low
    first[2 * byte + 1] = high
  }
  const all = [first]
  for (let k = 1; k < 8; k += 1) {
    const previous = all[k - 1] ?? first
    const next = new Uint32Array(512)
    for (let byte = 0; byte < 256; byte += 1) {
      const low = previous[2 * byte] ?? 0
      const high = previous[2 * byte + 1] ?? 0
      const index = 2 * (low & 255)
      next[2 * byte] = ((low >>> 8) | (high << 24)) ^ (first[index] ?? 0)
      next[2 * byte + 1] = (high >>> 8) ^ (first[index + 1] ?? 0)
    }
    all.push(next)
  }
  return all
})()

export interface Crc64 {
  readonly update: (bytes: Uint8Array) => void
  /** Of everything so far, as an unsigned 64-bit number. */
  readonly value: () => bigint
}

const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as unknown as readonly [
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
]

/** The word, or 0 past the end: typed-array reads are never past the end here, the compiler cannot know. */
const at = (table: Uint32Array, index: number): number => table[index] as unknown as number

export const makeCrc64 = (): Crc64 => {
  let low = 0xffffffff
  let high = 0xffffffff
  return {
    update: (bytes) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      const whole = bytes.byteLength - (bytes.byteLength % 8)
      for (let i = 0; i < whole; i += 8) {
        const a = low ^ view.getUint32(i, true)
        const b = high ^ view.getUint32(i + 4, true)
        const a0 = (a & 255) << 1
        const a1 = (a >>> 7) & 510
        const a2 = (a >>> 15) & 510
        const a3 = (a >>> 23) & 510
        const b0 = (b & 255) << 1
        const b1 = (b >>> 7) & 510
        const b2 = (b >>> 15) & 510
        const b3 = (b >>> 23) & 510
        low = at(t7, a0) ^ at(t6, a1) ^ at(t5, a2) ^ at(t4, a3) ^ at(t3, b0) ^ at(t2, b1) ^ at(t1, b2) ^ at(t0, b3)
        high =
          at(t7, a0 + 1) ^
          at(t6, a1 + 1) ^
          at(t5, a2 + 1) ^
          at(t4, a3 + 1) ^
          at(t3, b0 + 1) ^
          at(t2, b1 + 1) ^
          at(t1, b2 + 1) ^
          at(t0, b3 + 1)
      }
      for (let i = whole; i < bytes.byteLength; i += 1) {
        const index = ((low ^ view.getUint8(i)) & 255) << 1
        low = ((low >>> 8) | (high << 24)) ^ at(t0, index)
        high = (high >>> 8) ^ at(t0, index + 1)
      }
    },
    value: () => (BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0),
  }
}

type Matrix = ReadonlyArray<bigint>

const times = (matrix: Matrix, vector: bigint): bigint => {
  let sum = 0n
  for (let i = 0, rest = vector; rest !== 0n; i += 1, rest >>= 1n) if (rest & 1n) sum ^= matrix[i] ?? 0n
  return sum
}

const squared = (matrix: Matrix): Matrix => matrix.map((row) => times(matrix, row))

const oneZeroBit: Matrix = [
  (BigInt(polynomialHigh) << 32n) | BigInt(polynomialLow),
  ...Array.from({ length: 63 }, (_, i) => 1n << BigInt(i)),
]

/** What `2 ** power` zero bytes make of a value; each is computed once. */
const zeroBytes = [squared(squared(squared(oneZeroBit)))]
const afterZeroBytes = (power: number): Matrix => (zeroBytes[power] ??= squared(afterZeroBytes(power - 1)))

/** The value of `a` followed by `b`, from their values and the length of `b` in bytes. */
export const combineCrc64 = (a: bigint, b: bigint, lengthOfB: number): bigint => {
  let result = a
  for (let power = 0, rest = BigInt(lengthOfB); rest > 0n; power += 1, rest >>= 1n)
    if (rest & 1n) result = times(afterZeroBytes(power), result)
  return result ^ b
}

export const crc64 = (bytes: Uint8Array): bigint => {
  const sum = makeCrc64()
  sum.update(bytes)
  return sum.value()
}
