// Bytes on their way: counted, measured and handed on unchanged.
import { streamOfBytes } from '@anydrive/core/adapter'
import fc from 'fast-check'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { passThrough } from '../src'

const read = async (stream: Readable): Promise<Buffer> => {
  const out: Array<Buffer> = []
  const sink = new Writable({ write: (chunk: Buffer, _encoding, done) => (out.push(chunk), done()) })
  await pipeline(stream, sink)
  return Buffer.concat(out)
}

describe('passThrough', () => {
  test('keeps to the exact length, however the source is cut', async () => {
    const run = async (source: Readable, exactly: number) => {
      const out: Array<Buffer> = []
      let wrong: string | undefined
      const sink = new Writable({ write: (chunk: Buffer, _encoding, done) => (out.push(chunk), done()) })
      const exact = passThrough(source, {
        exactly,
        onWrongLength: (reason) => {
          wrong = reason
          return new Error(reason)
        },
      })
      await pipeline(exact, sink).catch(() => undefined)
      return { passed: Buffer.concat(out), wrong }
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 9 })),
        fc.integer({ min: -3, max: 3 }),
        async (chunks, off) => {
          const whole = Buffer.concat(chunks)
          const size = Math.max(0, whole.length + off)
          const inPieces = () => Readable.from(chunks.map((c) => Buffer.from(c)))
          for (const source of [inPieces, () => streamOfBytes(whole)]) {
            const { passed, wrong } = await run(source(), size)
            if (size === whole.length) expect({ passed, wrong }).toEqual({ passed: whole, wrong: undefined })
            else {
              expect(wrong).toBe(size > whole.length ? 'shorter' : 'longer')
              if (size > 0) expect(passed.length).toBeLessThan(size)
            }
          }
        },
      ),
    )
  })

  test('shows each chunk and the bytes so far', async () => {
    const chunks: Array<string> = []
    const progress: Array<number> = []
    const source = Readable.from([Buffer.from('ab'), Buffer.from('c')])
    const passed = await read(
      passThrough(source, {
        exactly: 3,
        onChunk: (chunk) => void chunks.push(chunk.toString()),
        onProgress: (bytes) => void progress.push(bytes),
      }),
    )
    expect(passed.toString()).toBe('abc')
    expect(chunks).toEqual(['ab', 'c'])
    expect(progress).toEqual([2, 3])
  })

  test('passes bytes that are held in memory as one chunk, without a stream of its own', () => {
    const seen: Array<unknown> = []
    const source = streamOfBytes(Buffer.from('abc'))
    const options = { exactly: 3, onChunk: (chunk: Buffer) => void seen.push(chunk.toString()) }
    expect(passThrough(source, { ...options, onProgress: (bytes) => void seen.push(bytes) })).toBe(source)
    expect(seen).toEqual(['abc', 3])
  })

  test('does not count on held bytes of which some have been read', async () => {
    const source = streamOfBytes(Buffer.from('abc'))
    source.read(1)
    expect((await read(passThrough(source, {}))).toString()).toBe('bc')
  })

  test('fails with the error of its source, and destroys the source when it is destroyed', async () => {
    const broken = new Readable({ read: () => void broken.destroy(new Error('disk')) })
    await expect(read(passThrough(broken, {}))).rejects.toThrow('disk')
    const open = new Readable({ read: () => undefined })
    const closed = new Promise((resolve) => open.once('close', resolve))
    passThrough(open, {})
      .on('error', () => undefined)
      .destroy()
    await closed
    expect(open.destroyed).toBe(true)
  })
})
