// CRC-64/XZ as arithmetic: the checksum of two parts joined, and the spelling of vendors that print it in decimal.

const polynomial = 0xc96c5795d7870f42n
/** Reflected: the highest bit is the coefficient of x⁰. */
const one = 1n << 63n
const x = 1n << 62n
const most = (1n << 64n) - 1n

const hexOf = (value: bigint): string => value.toString(16).padStart(16, '0')

/** Product of two polynomials over GF(2), modulo the CRC's. */
const times = (a: bigint, b: bigint): bigint => {
  let product = 0n
  let shifted = b
  for (let bit = one; bit !== 0n; bit >>= 1n) {
    if ((a & bit) !== 0n) product ^= shifted
    shifted = (shifted & 1n) === 1n ? (shifted >> 1n) ^ polynomial : shifted >> 1n
  }
  return product
}

const power = (base: bigint, exponent: bigint): bigint => {
  let result = one
  let square = base
  for (let rest = exponent; rest !== 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = times(result, square)
    square = times(square, square)
  }
  return result
}

/** The checksum of `a` followed by `b`, from their checksums (hex) and the length of `b` in bytes. */
export const combineCrc64 = (a: string, b: string, lengthOfB: number): string =>
  hexOf(times(power(x, BigInt(lengthOfB) * 8n), BigInt(`0x${a}`)) ^ BigInt(`0x${b}`))

/** From 16 hex digits to the unsigned decimal number that some vendors print. */
export const crc64ToDecimal = (hex: string): string => BigInt(`0x${hex}`).toString()

/** From an unsigned decimal number of at most 64 bits to 16 hex digits; anything else is `undefined`. */
export const crc64FromDecimal = (decimal: string): string | undefined => {
  if (!/^\d{1,20}$/.test(decimal)) return undefined
  const value = BigInt(decimal)
  return value > most ? undefined : hexOf(value)
}
