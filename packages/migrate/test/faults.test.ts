// Files that fail on the way: repeated, resumed, looked for, or reported; a wrong copy never keeps its name.
import { DriveException, toPromises, type DrivePath, type DriveProvider, type UploadRef } from '@anydrive/core'
import { checksumMismatch, indeterminate, network, preconditionFailed, rateLimited } from '@anydrive/core/adapter'
import { openMemory } from '@anydrive/memory'
import * as E from 'fp-ts/Either'
import { Transform } from 'node:stream'
import { altered, at, atOnce, contents, errorOf, failing, flipped, memory, run, summaryOf } from './drives'

const big = (size: number): Uint8Array => Buffer.alloc(size, 'abcdefghijklmnop')

describe('a failure that may pass', () => {
  test('of the destination is waited out, and the file is sent again', async () => {
    const waits: Array<number> = []
    const target = await memory()
    const to = failing(target, 'writeFile', (_, call) =>
      call === 1 ? network({ effect: 'none' }) : call === 2 ? rateLimited({ retryAfterMs: 60_000 }) : undefined,
    )
    const summary = await summaryOf({
      from: { drive: await memory({ f: '1' }) },
      to: { drive: to },
      delay: (ms) => {
        waits.push(ms)
        return atOnce()
      },
    })
    expect(summary).toMatchObject({ files: 1, failures: 0 })
    expect(waits).toEqual([1000, 60_000])
    expect(await contents(target)).toEqual({ f: '1' })
  })

  test('of the source, on any read, is waited out too', async () => {
    const from = failing(await memory({ 'd/f': '1', 'd/g': '2' }), 'readFile', (_, call) =>
      call <= 2 ? network({ effect: 'none' }) : undefined,
    )
    const to = openMemory()
    const summary = await summaryOf({ from: { drive: from }, to: { drive: to } })
    expect(summary).toMatchObject({ files: 2, failures: 0 })
    expect(await contents(to)).toEqual({ 'd/': '', 'd/f': '1', 'd/g': '2' })
  })

  test('is given up after a few times, and reported', async () => {
    let calls = 0
    const to = failing(openMemory(), 'writeFile', () => {
      calls += 1
      return network({ effect: 'none' })
    })
    const summary = await summaryOf({ from: { drive: await memory({ f: '1' }) }, to: { drive: to } })
    expect(summary.failed).toMatchObject([{ path: 'f', error: { _tag: 'Network' } }])
    expect(calls).toBe(4)
  })

  test('of a directory is waited out, before anything in it is sent', async () => {
    const target = openMemory()
    const to = failing(target, 'createDir', (_, call) => (call === 1 ? network({ effect: 'none' }) : undefined))
    const summary = await summaryOf({ from: { drive: await memory({ 'd/e/f': '1' }) }, to: { drive: to } })
    expect(summary).toMatchObject({ files: 1, directories: 2, failures: 0 })
    expect(await contents(target)).toEqual({ 'd/': '', 'd/e/': '', 'd/e/f': '1' })
  })

  test('in the middle of an upload goes on from its last part, and the digests stay whole', async () => {
    const size = 10 * 1024 * 1024
    const from = await memory({ f: big(size) })
    const target = openMemory({ limits: { part: 1024 * 1024 }, checksums: ['sha256'] })
    const resumed: Array<UploadRef | undefined> = []
    let read = 0
    let broken = false
    const to: DriveProvider = {
      ...target,
      writeFile: (path, source, options) => {
        resumed.push(options?.resume)
        return target.writeFile(path, source, options)
      },
    }
    const breaking: DriveProvider = {
      ...from,
      readFile: (path, options) => async () => {
        const content = await from.readFile(path, options)()
        if (E.isLeft(content)) return content
        content.right.stream.on('data', (chunk: Buffer) => {
          read += chunk.byteLength
          if (!broken && read > 5 * 1024 * 1024) {
            broken = true
            content.right.stream.destroy(
              new DriveException(errorOf('memory', 'readFile', path, network({ effect: 'none' }))),
            )
          }
        })
        content.right.stream.pause()
        return content
      },
    }
    const summary = await summaryOf({ from: { drive: breaking }, to: { drive: to } })
    expect(broken).toBe(true)
    expect(summary).toMatchObject({
      files: 1,
      failures: 0,
      arrivals: { 'checksum:sha256': 1 },
      departures: { sha256: 1 },
    })
    expect(resumed).toHaveLength(2)
    expect(resumed[1]).toMatchObject({ state: { received: expect.any(Number) as number } })
    expect(read).toBeLessThan(size + 3 * 1024 * 1024)
    expect(target.store.uploads.size).toBe(0)
    expect(Buffer.compare(Buffer.from(await toPromises(target).readBytes('f')), Buffer.from(big(size)))).toBe(0)
  })

  test('in the middle of an upload, whenever it is tried, leaves no half-sent upload behind', async () => {
    const from = await memory({ f: big(4 * 1024 * 1024) })
    const target = openMemory({ limits: { part: 1024 } })
    const breaking: DriveProvider = {
      ...from,
      readFile: (path, options) => async () => {
        const content = await from.readFile(path, options)()
        if (E.isRight(content))
          content.right.stream.once('data', () => {
            content.right.stream.destroy(
              new DriveException(errorOf('memory', 'readFile', path, network({ effect: 'none' }))),
            )
          })
        return content
      },
    }
    const summary = await summaryOf({ from: { drive: breaking }, to: { drive: target } })
    expect(summary.failed).toMatchObject([{ error: { _tag: 'Network' } }])
    expect(target.store.uploads.size).toBe(0)
  })

  test('that stays leaves no half-sent upload behind', async () => {
    const target = openMemory({ limits: { part: 1024 } })
    const from = altered(await memory({ f: big(4096) }), (_, bytes) => bytes.subarray(0, bytes.length - 1))
    const summary = await summaryOf({ from: { drive: from }, to: { drive: target } })
    expect(summary.failed).toMatchObject([{ error: { _tag: 'SourceFailed', reason: 'shorter' } }])
    expect(target.store.uploads.size).toBe(0)
    expect(await contents(target)).toEqual({})
  })
})

describe('an answer that got lost', () => {
  const losing = (target: DriveProvider, happened: boolean): DriveProvider => {
    let first = true
    return {
      ...target,
      writeFile: (path, source, options) => async () => {
        if (!first) return target.writeFile(path, source, options)()
        first = false
        if (happened) await target.writeFile(path, source, options)()
        return E.left(errorOf(target.vendor, 'writeFile', path, indeterminate({ check: 'the path' })))
      },
    }
  }

  test('is no failure if the bytes that stand are ours', async () => {
    const target = openMemory()
    const summary = await summaryOf({
      from: { drive: await memory({ f: '1' }) },
      to: { drive: losing(target, true) },
    })
    expect(summary).toMatchObject({ files: 1, failures: 0, arrivals: { 'read-back': 1 } })
    expect(await contents(target)).toEqual({ f: '1' })
  })

  test('is sent again if nothing stands', async () => {
    const target = openMemory()
    const summary = await summaryOf({
      from: { drive: await memory({ f: '1' }) },
      to: { drive: losing(target, false) },
    })
    expect(summary).toMatchObject({ files: 1, failures: 0 })
    expect(await contents(target)).toEqual({ f: '1' })
  })

  test('is reported where something else stands, which stays', async () => {
    const target = openMemory()
    const strange: DriveProvider = {
      ...target,
      writeFile: (path, _source, _options) => async () => {
        await toPromises(target).writeFile(path, 'not ours', { conflict: 'overwrite' })
        return E.left(errorOf('memory', 'writeFile', path, indeterminate({ check: 'the path' })))
      },
    }
    const summary = await summaryOf({ from: { drive: await memory({ f: 'is  ours' }) }, to: { drive: strange } })
    expect(summary.failed).toMatchObject([{ error: { _tag: 'Indeterminate' } }])
    expect(await contents(target)).toEqual({ f: 'not ours' })
  })
})

describe('a source that changes', () => {
  test('while it is read is carried as it is then', async () => {
    const from = await memory({ f: 'before' })
    let changed = false
    const changing: DriveProvider = {
      ...from,
      readFile: (path, options) => async () => {
        if (!changed) await toPromises(from).writeFile(path, 'afterwards', { conflict: 'overwrite' })
        changed = true
        return from.readFile(path, options)()
      },
    }
    const to = openMemory()
    const summary = await summaryOf({ from: { drive: changing }, to: { drive: to } })
    expect(summary).toMatchObject({ files: 1, failures: 0, bytes: 'afterwards'.length })
    expect(await contents(to)).toEqual({ f: 'afterwards' })
  })

  test('again and again is a failure', async () => {
    const from = failing(await memory({ f: '1' }), 'readFile', () => preconditionFailed())
    const to = openMemory()
    const summary = await summaryOf({ from: { drive: from }, to: { drive: to } })
    expect(summary.failed).toMatchObject([{ error: { _tag: 'PreconditionFailed', operation: 'readFile' } }])
    expect(await contents(to)).toEqual({})
  })
})

describe('verification', () => {
  /** Writes other bytes than it was given, and reports them truthfully. */
  const corrupting = (target: DriveProvider, times: number): DriveProvider => {
    let left = times
    return {
      ...target,
      writeFile: (path, source, options) => {
        if (left-- <= 0) return target.writeFile(path, source, options)
        return target.writeFile(
          path,
          {
            size: source.size,
            open: (range, signal) => async () => {
              const opened = await source.open(range, signal)()
              if (E.isLeft(opened)) return opened
              return E.right(
                opened.right.pipe(new Transform({ transform: (chunk: Buffer, _, done) => done(null, flipped(chunk)) })),
              )
            },
          },
          options,
        )
      },
    }
  }

  test('catches a destination that changes bytes, sends the file once more, and the wrong copy is gone', async () => {
    const target = openMemory()
    const summary = await summaryOf({
      from: { drive: await memory({ f: 'content' }) },
      to: { drive: corrupting(target, 1) },
    })
    expect(summary).toMatchObject({ files: 1, failures: 0 })
    expect(await contents(target)).toEqual({ f: 'content' })
  })

  test('fails the file where it happens again, and leaves no wrong copy', async () => {
    const target = openMemory()
    const summary = await summaryOf({
      from: { drive: await memory({ f: 'content', g: 'other' }) },
      to: { drive: corrupting(target, Infinity) },
    })
    expect(summary).toMatchObject({ files: 0, failures: 2 })
    expect(summary.failed[0]).toMatchObject({ error: { _tag: 'ChecksumMismatch', algorithm: 'sha256' } })
    expect(await contents(target)).toEqual({})
  })

  test.each([['md5'], ['sha1']] as const)('computes %s where only the destination reports it', async (algorithm) => {
    const from = openMemory({ checksums: ['sha256'] })
    await toPromises(from).writeFile('f', 'content')
    const summary = await summaryOf({
      from: { drive: from },
      to: { drive: corrupting(openMemory({ checksums: [algorithm] }), Infinity) },
    })
    expect(summary.failed).toMatchObject([{ error: { _tag: 'ChecksumMismatch', algorithm } }])
    const fine = await summaryOf({ from: { drive: from }, to: { drive: openMemory({ checksums: [algorithm] }) } })
    expect(fine).toMatchObject({ arrivals: { [`checksum:${algorithm}`]: 1 }, departures: { sha256: 1 } })
  })

  test('catches a source that reads other bytes than its checksum says', async () => {
    const from = altered(await memory({ f: 'content' }), (_, bytes) => flipped(bytes))
    const target = openMemory({ checksums: [] })
    const summary = await summaryOf({ from: { drive: from }, to: { drive: target } })
    expect(summary.failed).toMatchObject([{ error: { _tag: 'ChecksumMismatch' } }])
    expect(await contents(target)).toEqual({})
  })

  test('by reading back finds what nobody reports', async () => {
    const from = await memory({ f: 'content' }, { checksums: [] })
    const silent = corrupting(openMemory({ checksums: [] }), Infinity)
    expect(await summaryOf({ from: { drive: from }, to: { drive: silent } })).toMatchObject({
      files: 1,
      arrivals: { size: 1 },
    })
    const target = openMemory({ checksums: [] })
    const full = await summaryOf({ from: { drive: from }, to: { drive: corrupting(target, Infinity) }, verify: 'full' })
    expect(full.failed).toMatchObject([{ error: { _tag: 'ChecksumMismatch' } }])
    expect(await contents(target)).toEqual({})
    expect(
      await summaryOf({ from: { drive: from }, to: { drive: openMemory({ checksums: [] }) }, verify: 'full' }),
    ).toMatchObject({ files: 1, arrivals: { 'read-back': 1 } })
  })

  test('of a sample reads back that part of the files, the same in every run', async () => {
    const from = await memory(Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`f${i}`, `${i}`])))
    const counts: Array<number | undefined> = []
    for (const _ of [1, 2]) {
      const summary = await summaryOf({ from: { drive: from }, to: { drive: openMemory() }, verify: { sample: 0.25 } })
      counts.push(summary.arrivals['read-back'])
    }
    expect(counts[0]).toBeGreaterThan(20)
    expect(counts[0]).toBeLessThan(80)
    expect(counts[1]).toBe(counts[0])
  })

  test('by size alone computes nothing', async () => {
    const summary = await summaryOf({
      from: { drive: await memory({ f: '1' }) },
      to: { drive: openMemory() },
      verify: 'size',
    })
    expect(summary).toMatchObject({ arrivals: { size: 1 }, departures: { none: 1 } })
  })
})

describe('as a move', () => {
  test('the source is gone, once every copy is proven', async () => {
    const from = await memory({ 'a/b/f': '1', 'a/e/': '', g: '2', 'other/x': '3' })
    const to = openMemory()
    const summary = await summaryOf({
      from: { drive: from, path: at('a') },
      to: { drive: to, path: at('a') },
      removeSource: true,
    })
    expect(await contents(from)).toEqual({ 'a/': '', g: '2', 'other/': '', 'other/x': '3' })
    expect(await contents(to)).toEqual({ 'a/': '', 'a/b/': '', 'a/b/f': '1', 'a/e/': '' })
    expect(summary).toMatchObject({ files: 1, removed: 1, failures: 0 })
  })

  test('of a whole drive empties it', async () => {
    const from = await memory({ 'a/b/f': '1', g: '2' })
    await summaryOf({ from: { drive: from }, to: { drive: openMemory() }, removeSource: true })
    expect(await contents(from)).toEqual({})
  })

  test('keeps what was not carried, and what was skipped', async () => {
    const from = await memory({ 'd/bad?': '1', 'd/skipped': '2', 'd/fine': '3' })
    const to = await memory({ 'd/skipped': 'stands' }, { naming: { forbidden: '?' } })
    const summary = await summaryOf({ from: { drive: from }, to: { drive: to }, conflict: 'skip', removeSource: true })
    expect(await contents(from)).toEqual({ 'd/': '', 'd/bad?': '1', 'd/skipped': '2' })
    expect(summary).toMatchObject({ removed: 1, failures: 1, skipped: 1 })
  })

  test('keeps a file that changed after it was read', async () => {
    const from = await memory({ f: 'before' })
    const to = openMemory()
    const late: DriveProvider = {
      ...to,
      writeFile: (path: DrivePath, source, options) => async () => {
        const written = await to.writeFile(path, source, options)()
        await toPromises(from).writeFile('f', 'after', { conflict: 'overwrite' })
        return written
      },
    }
    const summary = await summaryOf({ from: { drive: from }, to: { drive: late }, removeSource: true })
    expect(await contents(from)).toEqual({ f: 'after' })
    expect(summary.failed).toMatchObject([{ path: 'f', error: { _tag: 'PreconditionFailed' } }])
  })

  test('is not content with equal sizes: the copy is read back', async () => {
    const from = await memory({ f: '1' }, { checksums: [] })
    const to = openMemory({ checksums: [] })
    const summary = await summaryOf({ from: { drive: from }, to: { drive: to }, removeSource: true })
    expect(summary).toMatchObject({ arrivals: { 'read-back': 1 }, removed: 1 })
  })

  test('that is stopped loses nothing', async () => {
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`f${i}`, `${i}`]))
    const from = await memory(files)
    const to = openMemory()
    const stop = new AbortController()
    let written = 0
    const stopping: DriveProvider = {
      ...to,
      writeFile: (path, source, options) => {
        if (++written === 150) stop.abort()
        return to.writeFile(path, source, options)
      },
    }
    await run({ from: { drive: from }, to: { drive: stopping }, removeSource: true, signal: stop.signal })
    expect({ ...(await contents(from)), ...(await contents(to)) }).toEqual(files)
  })
})

test('a checksum error of the vendor’s own is tried once more', async () => {
  let calls = 0
  const to = failing(openMemory(), 'writeFile', () =>
    ++calls === 1 ? checksumMismatch({ algorithm: 'md5' }) : undefined,
  )
  expect(await summaryOf({ from: { drive: await memory({ f: '1' }) }, to: { drive: to } })).toMatchObject({ files: 1 })
  expect(calls).toBe(2)
})
