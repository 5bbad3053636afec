// Pieces on their own: digests of parts in any order, the queue, the journal.
import { createDigests } from '@anydrive/checksums'
import { fromBytes, type ByteSpan, type UploadRef } from '@anydrive/core'
import { unavailable } from '@anydrive/core/adapter'
import { openMemory } from '@anydrive/memory'
import * as E from 'fp-ts/Either'
import { Readable } from 'node:stream'
import { memoryJournal, type Claim, type Journal, type Outcome } from '@anydrive/migrate'
import { uploadDigests } from '../src/upload-digests'
import { drain } from '../src/queue'
import { contents, failing, memory, run, summaryOf } from './drives'

const bytes = Buffer.from(Array.from({ length: 10_000 }, (_, i) => (i * 7919) % 251))
const truth = (() => {
  const digests = createDigests(['crc64xz', 'sha256'])
  digests.update(bytes)
  return digests.digest()
})()
const signal = new AbortController().signal

const openedAt = async (ranges: ReadonlyArray<ByteSpan>, together: boolean) => {
  const { source, checksums } = uploadDigests(fromBytes(bytes), ['crc64xz', 'sha256'])
  const read = async (range: ByteSpan) => {
    const opened = await source.open(range, signal)()
    if (E.isLeft(opened)) throw new Error('not opened')
    const got: Array<Buffer> = []
    for await (const chunk of opened.right) got.push(chunk as Buffer)
    expect(Buffer.concat(got)).toEqual(bytes.subarray(range.start, range.end))
  }
  if (together) await Promise.all([...ranges].reverse().map(read))
  else for (const range of ranges) await read(range)
  return checksums()
}

describe('digests of what passes', () => {
  const whole = { start: 0, end: bytes.length }
  const parts = [
    { start: 0, end: 4000 },
    { start: 4000, end: 8000 },
    { start: 8000, end: 10_000 },
  ]
  test('are whole after one pass, after parts in order, and after passes that overlap', async () => {
    expect(await openedAt([whole], false)).toEqual(truth)
    expect(await openedAt(parts, false)).toEqual(truth)
    expect(await openedAt([{ start: 0, end: 1000 }, whole, { start: 500, end: 600 }], false)).toEqual(truth)
  })
  test('of parts out of order are CRC-64 alone, put together', async () => {
    expect(await openedAt([...parts].reverse(), false)).toEqual({ crc64xz: truth.crc64xz })
  })
  test('of a part that is missing are none', async () => {
    expect(await openedAt(parts.slice(0, 2), false)).toEqual({})
  })
  test('of nothing are those of an empty file', async () => {
    const { source, checksums } = uploadDigests(fromBytes(''), ['crc64xz', 'sha256'])
    const opened = await source.open({ start: 0, end: 0 }, signal)()
    if (E.isRight(opened)) for await (const _ of opened.right) throw new Error('bytes of nothing')
    expect(checksums()).toEqual(createDigests(['crc64xz', 'sha256']).digest())
  })
})

describe('the queue', () => {
  test('rejects as its work does, and leaves no worker waiting', async () => {
    async function* forever() {
      for (let i = 0; ; i++) yield await Promise.resolve(i)
    }
    const work = (n: number) => (n === 7 ? Promise.reject(new Error('seven')) : Promise.resolve())
    await expect(drain(forever(), work, { concurrency: 3, ahead: 5 })).rejects.toThrow('seven')
  })
})

/** A journal that outlives a run, for tests. */
const keeping = (): Journal & {
  readonly outcomes: Map<string, Outcome>
  readonly uploads: Map<string, UploadRef>
  readonly log: Array<string>
} => {
  const outcomes = new Map<string, Outcome>()
  const uploads = new Map<string, UploadRef>()
  const log: Array<string> = []
  const done = () => Promise.resolve(E.right(undefined))
  return {
    ...memoryJournal,
    durable: true,
    outcomes,
    uploads,
    log,
    claim:
      ({ path }) =>
      () => {
        log.push(`claim ${path}`)
        const outcome = outcomes.get(path)
        const upload = uploads.get(path)
        const claim: Claim =
          outcome === undefined || outcome.status === 'failed'
            ? { status: 'leased', lease: { path, ...(upload === undefined ? {} : { upload }) } }
            : { status: 'settled', outcome }
        return Promise.resolve(E.right(claim))
      },
    note:
      ({ path }, progress) =>
      () => {
        log.push(`note ${path}`)
        if ('upload' in progress && progress.upload !== undefined) uploads.set(path, progress.upload)
        return done()
      },
    settle:
      ({ path }, outcome) =>
      () => {
        log.push(`settle ${path} ${outcome.status}`)
        outcomes.set(path, outcome)
        return done()
      },
    release:
      ({ path }) =>
      () => {
        log.push(`release ${path}`)
        return done()
      },
  }
}

describe('the journal', () => {
  test('is told before a file is sent and after it is proven', async () => {
    const journal = keeping()
    const target = openMemory()
    const to: typeof target = {
      ...target,
      writeFile: (path, source, options) => async () => {
        journal.log.push(`send ${path}`)
        return target.writeFile(path, source, options)()
      },
    }
    await summaryOf({ from: { drive: await memory({ f: '1' }) }, to: { drive: to }, journal })
    expect(journal.log).toEqual(['claim f', 'send f', 'note f', 'settle f carried'])
  })

  test('lets a second run do only what the first left, and count all of it', async () => {
    const journal = keeping()
    const from = { drive: await memory({ 'd/f': '1', 'd/g': '2' }) }
    const target = openMemory()
    let sent = 0
    const to = failing(target, 'writeFile', (path) => {
      sent += 1
      return path === 'd/g' && sent < 6 ? unavailable({ effect: 'none' }) : undefined
    })
    expect(await summaryOf({ from, to: { drive: to }, journal })).toMatchObject({ files: 1, failures: 1 })
    const before = sent
    expect(await summaryOf({ from, to: { drive: to }, journal })).toMatchObject({ files: 2, failures: 0 })
    expect(sent - before).toBe(1)
    expect(await contents(target)).toEqual({ 'd/': '', 'd/f': '1', 'd/g': '2' })
  })

  test('that survives keeps an upload for the next run, which goes on from it', async () => {
    const journal = keeping()
    const target = openMemory({ limits: { part: 1024 } })
    const from = await memory({ f: Buffer.alloc(64 * 1024, 'x') })
    const stop = new AbortController()
    const stopping: typeof target = {
      ...target,
      writeFile: (path, source, options) =>
        target.writeFile(path, source, {
          ...options,
          onProgress: (n) => {
            if (n >= 32 * 1024) stop.abort()
          },
        }),
    }
    const slow: typeof from = {
      ...from,
      readFile: (path, options) => async () => {
        const content = await from.readFile(path, options)()
        if (E.isLeft(content)) return content
        const pieces = async function* () {
          for await (const chunk of content.right.stream)
            for (let i = 0; i < (chunk as Buffer).length; i += 2048) {
              await new Promise(setImmediate)
              yield (chunk as Buffer).subarray(i, i + 2048)
            }
        }
        return E.right({ ...content.right, stream: Readable.from(pieces(), { objectMode: false }) })
      },
    }
    const first = await run({ from: { drive: slow }, to: { drive: stopping }, journal, signal: stop.signal })
    expect(first).toMatchObject({ left: { _tag: 'Stopped' } })
    expect(journal.log.at(-1)).toBe('release f')
    expect(target.store.uploads.size).toBe(1)
    let read = 0
    const counting: typeof from = {
      ...from,
      readFile: (path, options) => {
        read = 64 * 1024 - (options?.range?.start ?? 0)
        return from.readFile(path, options)
      },
    }
    const second = await summaryOf({ from: { drive: counting }, to: { drive: target }, journal })
    expect(second).toMatchObject({ files: 1, failures: 0 })
    expect(read).toBeGreaterThan(0)
    expect(read).toBeLessThan(40 * 1024)
  })

  test('that cannot be written ends the run with its own error', async () => {
    const journal: Journal = {
      ...memoryJournal,
      settle: () => () => Promise.resolve(E.left({ _tag: 'JournalFull', message: 'no space left' })),
    }
    const to = openMemory()
    const files = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`f${i}`, `${i}`]))
    const ended = await run({ from: { drive: await memory(files) }, to: { drive: to }, journal, concurrency: 1 })
    expect(ended).toEqual(E.left({ _tag: 'JournalFull', message: 'no space left' }))
    expect(Object.keys(await contents(to)).length).toBeLessThan(5)
  })
})
