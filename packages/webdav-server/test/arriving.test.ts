// A body on its way to a drive.
import type { UploadSource } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { tmpdir } from 'node:os'
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { arriving } from '../src/arriving'

const MiB = 1024 * 1024

/** A body that counts what was taken of it. */
const body = (pieces: number): { readonly stream: Readable; readonly taken: () => number } => {
  let taken = 0
  const make = function* () {
    for (let i = 0; i < pieces; i += 1) {
      taken += MiB
      yield Buffer.alloc(MiB, i)
    }
  }
  return { stream: Readable.from(make(), { objectMode: false, highWaterMark: MiB }), taken: () => taken }
}
const open = async (source: UploadSource, start: number, end = source.size): Promise<Readable> => {
  const opened = await source.open({ start, end }, new AbortController().signal)()
  if (E.isLeft(opened)) throw new Error(opened.left._tag)
  return opened.right
}
const sizeOf = async (stream: Readable): Promise<number> => {
  let size = 0
  for await (const chunk of stream as AsyncIterable<Uint8Array>) size += chunk.byteLength
  return size
}
const settings = (size: number, keep: boolean) => ({ size, keep, memory: MiB, dir: tmpdir(), begin: () => undefined })

test.each([true, false])('is taken only a little faster than the drive reads (kept: %s)', async (keep) => {
  const { stream, taken } = body(64)
  const { source, dispose } = arriving(stream, settings(64 * MiB, keep))
  await setImmediate()
  expect(taken()).toBe(0)
  const reading = await open(source, 0)
  reading.read(1)
  for (let turn = 0; turn < 2000; turn += 1) await setImmediate()
  expect(taken()).toBeGreaterThan(0)
  expect(taken()).toBeLessThan(10 * MiB)
  expect((await sizeOf(reading)) + 1).toBeGreaterThanOrEqual(64 * MiB)
  await dispose()
})

test('what has passed can be read again if it is kept, and is a failure if not', async () => {
  for (const keep of [true, false]) {
    const { source, dispose } = arriving(body(8).stream, settings(8 * MiB, keep))
    expect(await sizeOf(await open(source, 0))).toBe(8 * MiB)
    const again = open(source, 0).then(sizeOf)
    if (keep) expect(await again).toBe(8 * MiB)
    else await expect(again).rejects.toMatchObject({ code: 'SourceFailed' })
    await dispose()
  }
})

test('a small one is kept for every drive', async () => {
  const { source, dispose } = arriving(body(1).stream, settings(MiB, false))
  expect([await sizeOf(await open(source, 0)), await sizeOf(await open(source, 5))]).toEqual([MiB, MiB - 5])
  await dispose()
})

test('one that is shorter than it was told fails, and so does one that breaks', async () => {
  const short = arriving(body(2).stream, settings(3 * MiB, true))
  await expect(open(short.source, 0).then(sizeOf)).rejects.toMatchObject({ error: { reason: 'shorter' } })
  await short.dispose()
  const broken = arriving(
    Readable.from(
      (function* () {
        yield Buffer.alloc(10)
        throw new Error('reset')
      })(),
    ),
    settings(20, true),
  )
  await expect(open(broken.source, 0).then(sizeOf)).rejects.toMatchObject({ error: { reason: 'unreadable' } })
  await broken.dispose()
})

test('after its end nothing is read any more', async () => {
  const { source, dispose } = arriving(body(64).stream, settings(64 * MiB, true))
  const reading = await open(source, 0)
  reading.once('error', () => undefined)
  reading.read(1)
  await dispose()
  await expect(sizeOf(reading)).rejects.toMatchObject({ code: 'SourceFailed' })
})
