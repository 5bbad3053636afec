// Streams read to the end, streams passed through, and verdicts.
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { digesting, digestStream, verifier } from '../src'

describe('digestStream', () => {
  test('tells size and checksums of all bytes', async () => {
    const stream = Readable.from([Buffer.from('he'), Buffer.from('llo')])
    const { size, checksums } = await digestStream(stream, ['md5'])
    expect(size).toBe(5)
    expect(checksums).toEqual({ md5: '5d41402abc4b2a76b9719d911017c592' })
  })

  test('counts bytes, not characters, of a stream of text', async () => {
    const { size } = await digestStream(Readable.from(['漢']), ['md5'])
    expect(size).toBe(3)
  })

  test('rejects with the stream’s own error', async () => {
    const broken = new Error('broken')
    const stream = new Readable({ read: () => stream.destroy(broken) })
    await expect(digestStream(stream, ['md5'])).rejects.toBe(broken)
  })
})

describe('digesting', () => {
  test('passes the bytes on and tells what passed', async () => {
    const received: Array<Buffer> = []
    const through = digesting(['crc64xz', 'sha1'])
    const sink = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        received.push(chunk)
        done()
      },
    })
    await pipeline(Readable.from([Buffer.from('hel'), Buffer.from('lo')]), through, sink)
    expect(Buffer.concat(received).toString()).toBe('hello')
    expect(through.result()).toEqual({
      size: 5,
      checksums: {
        crc64xz: BigInt('11177612005948864433').toString(16),
        sha1: 'aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d',
      },
    })
  })
})

describe('a verifier', () => {
  test('is content with the bytes expected, whatever the case of the hex', () => {
    const it = verifier('md5', '5D41402ABC4B2A76B9719D911017C592')
    it.update(Buffer.from('hel'))
    it.update(Buffer.from('lo'))
    expect(it.mismatch()).toBeUndefined()
  })

  test('names the algorithm when they differ', () => {
    const it = verifier('crc64xz', '0000000000000000')
    it.update(Buffer.from('hello'))
    expect(it.mismatch()).toEqual({ _tag: 'ChecksumMismatch', algorithm: 'crc64xz' })
  })
})
