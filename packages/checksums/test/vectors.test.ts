// Known answers, and an independent implementation.
import { createCRC64 } from 'hash-wasm'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { algorithms, combineCrc64, crc64FromDecimal, crc64ToDecimal, createDigests } from '../src'

const crc64 = (bytes: Uint8Array): string => {
  const digests = createDigests(['crc64xz'])
  digests.update(bytes)
  return digests.digest().crc64xz
}

const vectors: ReadonlyArray<readonly [name: string, content: string, decimal: string]> = [
  ['nothing', '', '0'],
  ['the catalogue’s check string', '123456789', '11051210869376104954'],
  ['hello', 'hello', '11177612005948864433'],
  ['1024 times a', 'a'.repeat(1024), '15959859048537093769'],
]

describe('CRC-64/XZ', () => {
  test.each(vectors)('of %s is the published value', (_name, content, decimal) => {
    expect(crc64ToDecimal(crc64(Buffer.from(content)))).toBe(decimal)
  })

  test('of the check string is 995dc9bbdf1939fa', () => {
    expect(crc64(Buffer.from('123456789'))).toBe('995dc9bbdf1939fa')
  })

  test('of nothing is sixteen zeros', () => {
    expect(crc64(new Uint8Array())).toBe('0000000000000000')
  })

  test('agrees with an independent implementation on any bytes', async () => {
    const theirs = await createCRC64('c96c5795d7870f42')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(crc64(bytes)).toBe(theirs.init().update(bytes).digest())
      }),
    )
  })

  test('of two parts joined follows from the parts', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 200 }), (a, b) => {
        expect(combineCrc64(crc64(a), crc64(b), b.length)).toBe(crc64(Buffer.concat([a, b])))
      }),
    )
  })

  test('is combined for parts of gigabytes too: joining is associative', () => {
    const [a, b, c] = ['995dc9bbdf1939fa', '0123456789abcdef', 'fedcba9876543210'] as const
    const [lengthOfB, lengthOfC] = [5_368_709_120, 48_318_382_081]
    expect(combineCrc64(combineCrc64(a, b, lengthOfB), c, lengthOfC)).toBe(
      combineCrc64(a, combineCrc64(b, c, lengthOfC), lengthOfB + lengthOfC),
    )
  })

  test('is read from decimal and printed as it was', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (value) => {
        const hex = crc64FromDecimal(value.toString())
        expect(hex).toMatch(/^[0-9a-f]{16}$/)
        expect(crc64ToDecimal(hex ?? '')).toBe(value.toString())
      }),
    )
  })

  test.each(['', '-1', '1.5', '0x10', '18446744073709551616', '99999999999999999999', 'abc', ' 1'])(
    'is not read from %p',
    (text) => {
      expect(crc64FromDecimal(text)).toBeUndefined()
    },
  )
})

describe('digests', () => {
  test('of a stream split anyhow are those of the whole', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 8 }), (chunks) => {
        const parts = createDigests(algorithms)
        for (const chunk of chunks) parts.update(chunk)
        const whole = createDigests(algorithms)
        whole.update(Buffer.concat(chunks))
        expect(parts.digest()).toEqual(whole.digest())
      }),
    )
  })

  test('hold exactly the algorithms asked for, in lower-case hex', () => {
    const digests = createDigests(['md5', 'sha256', 'sha1'])
    digests.update(Buffer.from('abc'))
    expect(digests.digest()).toEqual({
      md5: '900150983cd24fb0d6963f7d28e17f72',
      sha1: 'a9993e364706816aba3e25717850c26c9cd0d89d',
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    })
  })

  test('may be asked for on the way', () => {
    const digests = createDigests(['sha256', 'crc64xz'])
    digests.update(Buffer.from('ab'))
    expect(digests.digest().sha256).toBe(createHash('sha256').update('ab').digest('hex'))
    digests.update(Buffer.from('c'))
    expect(digests.digest()).toEqual({
      sha256: createHash('sha256').update('abc').digest('hex'),
      crc64xz: crc64(Buffer.from('abc')),
    })
  })
})
