// Files on their way: parts, resuming, renewal, instant uploads, expiry, and what a failure leaves behind.
import { createDigests } from '@anydrive/checksums'
import { fromBytes, type Json, type UploadRef, type UploadSource, type WriteOptions } from '@anydrive/core'
import { sourceFailed } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { partSizeFor, uploadPlanOf } from '../src/settings'
import { at, bytesOf, left, right, startBench, type Bench } from './harness'

const mebibyte = 1024 * 1024
const size = 5 * mebibyte + 123
const bytes = bytesOf(size, 7)
const crcOf = (content: Uint8Array): string => {
  const digests = createDigests(['crc64xz'])
  digests.update(content)
  return digests.digest().crc64xz
}

const small = { singleUpTo: mebibyte, partSize: mebibyte, parallel: 3, instant: false } as const
let bench: Bench
beforeEach(async () => {
  bench = await startBench({ behaviour: { uploadSeconds: 600 } }, { upload: small })
})
afterEach(() => bench.emulator.close())

const content = async (path: string): Promise<Buffer> => buffer((await right(bench.drive.readFile(at(path)))).stream)
const names = async () => (await right(bench.drive.list(at('/')))).items.map(({ name }) => name).sort()
const roundTripped = (ref: UploadRef): UploadRef => JSON.parse(JSON.stringify(ref)) as UploadRef

/** Collects the checkpoints; the one with this number fails. */
const keeping = (failAt = Infinity) => {
  const refs: Array<UploadRef> = []
  const onCheckpoint: WriteOptions['onCheckpoint'] = (ref) => async () => {
    refs.push(roundTripped(ref))
    const failure = await left(bench.drive.stat(at('no-such-file')))
    return refs.length >= failAt ? E.left(failure) : E.right(undefined)
  }
  return { refs, onCheckpoint }
}

describe('in parts', () => {
  test('a file is sent in parallel parts and confirmed with the checksum that they combine to', async () => {
    const progress: Array<number> = []
    bench.counted()
    const written = await right(
      bench.drive.writeFile(at('f'), fromBytes(bytes), { onProgress: (sent) => progress.push(sent) }),
    )
    expect(written).toMatchObject({ size, checksums: { crc64xz: crcOf(bytes) }, evidence: 'vendor-checked:crc64xz' })
    expect(bench.counted()).toEqual({ beginMultipartUpload: 1, cosPutPart: 6, confirmUpload: 1 })
    expect([progress.at(-1), Math.max(...progress)]).toEqual([size, size])
    expect((await content('f')).equals(bytes)).toBe(true)
  })

  test('parts that break or get lost are sent again', async () => {
    for (const kind of ['put', 'lost', '5xx', 'cut'] as const) bench.emulator.faults.next('cosPutPart', kind)
    await right(bench.drive.writeFile(at('f'), fromBytes(bytes)))
    expect((await content('f')).equals(bytes)).toBe(true)
  })

  test('parts grow where ten thousand of them would not do', () => {
    const plan = uploadPlanOf({ baseUrl: 'http://x', libraryId: 'l', auth: {} as never })
    expect([plan.singleUpTo, partSizeFor(1, plan), partSizeFor(160_000 * mebibyte + 1, plan)]).toEqual([
      ...[32 * mebibyte, 16 * mebibyte, 17 * mebibyte],
    ])
  })

  test('an upload goes on in another process, and sends only what is missing', async () => {
    const { refs, onCheckpoint } = keeping(3)
    const drive = bench.open({ upload: { ...small, parallel: 1 } })
    expect(await left(drive.writeFile(at('f'), fromBytes(bytes), { onCheckpoint }))).toMatchObject({
      _tag: 'NotFound',
      path: 'no-such-file',
    })
    const last = refs.at(-1)
    if (last === undefined) throw new Error('no checkpoint')
    expect(bench.emulator.requests.count('cosPutPart')).toBe(2)
    expect(JSON.stringify(last)).not.toMatch(/q-sign|token|http/i)
    bench.counted()
    const other = bench.open()
    expect(await right(other.writeFile(at('f'), fromBytes(bytes), { resume: last }))).toMatchObject({ size })
    expect(bench.counted()).toEqual({ uploadStatus: 1, cosPutPart: 4, confirmUpload: 1 })
    expect((await content('f')).equals(bytes)).toBe(true)
  })

  test('resuming from the first checkpoint finds the parts that were sent after it', async () => {
    const { refs, onCheckpoint } = keeping(4)
    const drive = bench.open({ upload: { ...small, parallel: 1 } })
    await left(drive.writeFile(at('f'), fromBytes(bytes), { onCheckpoint }))
    const [first] = refs
    if (first === undefined) throw new Error('no checkpoint')
    bench.counted()
    await right(bench.open().writeFile(at('f'), fromBytes(bytes), { resume: first }))
    expect(bench.counted()['cosPutPart']).toBe(3)
    expect((await content('f')).equals(bytes)).toBe(true)
  })

  test('what is resumed after it was confirmed is done', async () => {
    const { refs, onCheckpoint } = keeping()
    await right(bench.drive.writeFile(at('f'), fromBytes(bytes), { onCheckpoint }))
    const last = refs.at(-1)
    if (last === undefined) throw new Error('no checkpoint')
    expect(await right(bench.open().writeFile(at('f'), fromBytes(bytes), { resume: last }))).toMatchObject({ size })
    expect(await names()).toEqual(['f'])
  })

  test('another file is not what was begun', async () => {
    const { refs, onCheckpoint } = keeping(2)
    await left(bench.drive.writeFile(at('f'), fromBytes(bytes), { onCheckpoint }))
    const [ref] = refs
    if (ref === undefined) throw new Error('no checkpoint')
    const resume = (path: string, content: Buffer) =>
      left(bench.drive.writeFile(at(path), fromBytes(content), { resume: ref }))
    expect(await resume('g', bytes)).toMatchObject({ _tag: 'NotFound', what: 'upload' })
    expect(await resume('f', bytes.subarray(1))).toMatchObject({ _tag: 'SourceFailed', reason: 'shorter' })
    const changed = Buffer.from(bytes)
    changed[size - 1] = (changed[size - 1] ?? 0) ^ 1
    changed[3] = (changed[3] ?? 0) ^ 1
    const answer = await bench.drive.writeFile(at('f'), fromBytes(changed), { resume: ref })()
    if (E.isLeft(answer)) expect(answer.left._tag).toBe('ChecksumMismatch')
    else expect((await content('f')).equals(changed)).toBe(true)
  })

  test('credentials are renewed before they expire', async () => {
    const slow: UploadSource = {
      size,
      open: (range, signal) => {
        bench.clock.advance(150_000)
        return fromBytes(bytes).open(range, signal)
      },
    }
    bench.counted()
    await right(bench.open({ upload: { ...small, parallel: 1 } }).writeFile(at('f'), slow))
    const counts = bench.counted()
    expect(counts['renewUpload']).toBeGreaterThan(0)
    expect(counts['cosPutPart']).toBe(6)
    expect((await content('f')).equals(bytes)).toBe(true)
  })

  test('credentials that expired on the way are renewed, and the part is sent again', async () => {
    let opened = 0
    const slow: UploadSource = {
      size,
      open: (range, signal) => {
        if (++opened === 2) bench.clock.advance(700_000)
        return fromBytes(bytes).open(range, signal)
      },
    }
    await right(bench.open({ upload: { ...small, parallel: 1 } }).writeFile(at('f'), slow))
    expect(bench.counted()['renewUpload']).toBeGreaterThan(0)
    expect((await content('f')).equals(bytes)).toBe(true)
  })
})

describe('in one request', () => {
  test('expired on the way: begun anew', async () => {
    let opened = 0
    const slow: UploadSource = {
      size: 5,
      open: (range, signal) => {
        if (++opened === 1) bench.clock.advance(700_000)
        return fromBytes('hello').open(range, signal)
      },
    }
    bench.counted()
    await right(bench.drive.writeFile(at('f'), slow))
    expect(bench.counted()).toMatchObject({ beginSimpleUpload: 2, confirmUpload: 1 })
    expect((await content('f')).toString()).toBe('hello')
  })

  test('resumed after the bytes were sent, only the confirmation is made up for', async () => {
    const { refs, onCheckpoint } = keeping(2)
    await left(bench.drive.writeFile(at('f'), fromBytes('hello'), { onCheckpoint }))
    const last = refs.at(-1)
    if (last === undefined) throw new Error('no checkpoint')
    expect(await names()).toEqual([])
    bench.counted()
    await right(bench.open().writeFile(at('f'), fromBytes('hello'), { resume: last }))
    expect(bench.counted()).toEqual({ confirmUpload: 1 })
    expect((await content('f')).toString()).toBe('hello')
  })

  test('resumed before they were sent, it begins anew and leaves nothing behind', async () => {
    const { refs, onCheckpoint } = keeping(1)
    await left(bench.drive.writeFile(at('f'), fromBytes('hello'), { onCheckpoint }))
    const [first] = refs
    if (first === undefined) throw new Error('no checkpoint')
    bench.counted()
    await right(bench.open().writeFile(at('f'), fromBytes('hello'), { resume: first }))
    expect(bench.counted()).toEqual({ abortUpload: 1, beginSimpleUpload: 1, cosPut: 1, confirmUpload: 1 })
  })

  test('the caller’s times and content type come back', async () => {
    const written = await right(
      bench.drive.writeFile(at('f.bin'), fromBytes('x'), {
        createdAt: new Date('2001-02-03T04:05:06.007Z'),
        modifiedAt: new Date('2011-02-03T04:05:06.007Z'),
        contentType: 'text/x-special',
      }),
    )
    const { how: _how, evidence: _evidence, replaced: _replaced, ...entry } = written
    expect(await right(bench.drive.stat(at('f.bin')))).toEqual(entry)
    expect(entry).toMatchObject({
      createdAt: new Date('2001-02-03T04:05:06.007Z'),
      modifiedAt: new Date('2011-02-03T04:05:06.007Z'),
      contentType: 'text/x-special',
    })
  })

  test('a content type that cannot be set is told to the log, and to nobody else', async () => {
    const events: Array<{ readonly name?: unknown }> = []
    const drive = bench.open({}, { log: (event) => events.push(event) })
    bench.emulator.faults.next('updateEntry', '5xx', 9)
    await right(drive.writeFile(at('f'), fromBytes('x'), { contentType: 'text/x-special' }))
    expect(events.filter(({ name }) => name === 'content-type not set')).toHaveLength(1)
  })

  test('an empty file', async () => {
    const written = await right(bench.drive.writeFile(at('empty'), fromBytes('')))
    expect(written).toMatchObject({ size: 0, checksums: { crc64xz: '0000000000000000' } })
  })
})

describe('instant uploads', () => {
  test('a hit sends nothing; a miss at the beginning costs nothing', async () => {
    const drive = bench.open({ upload: { ...small, singleUpTo: 100 * mebibyte, instant: true } })
    bench.counted()
    await right(drive.writeFile(at('a'), fromBytes(bytes)))
    expect(bench.counted()).toEqual({ beginSimpleUpload: 1, cosPut: 1, confirmUpload: 1 })
    const written = await right(drive.writeFile(at('b'), fromBytes(bytes), { modifiedAt: new Date(0) }))
    expect(bench.counted()).toEqual({ beginSimpleUpload: 2 })
    expect(written).toMatchObject({ size, modifiedAt: new Date(0), evidence: 'vendor-reported:crc64xz' })
    expect((await content('b')).equals(bytes)).toBe(true)
  })

  test('the same beginning and another end is sent', async () => {
    const drive = bench.open({ upload: { ...small, singleUpTo: 100 * mebibyte, instant: true } })
    const other = Buffer.from(bytes)
    other[size - 1] = (other[size - 1] ?? 0) ^ 255
    await right(drive.writeFile(at('a'), fromBytes(bytes)))
    bench.counted()
    await right(drive.writeFile(at('b'), fromBytes(other)))
    expect(bench.counted()).toEqual({ beginSimpleUpload: 2, cosPut: 1, confirmUpload: 1 })
    expect((await content('b')).equals(other)).toBe(true)
  })

  test('files below 1 MiB are not asked about', async () => {
    const drive = bench.open({ upload: { ...small, instant: true } })
    await right(drive.writeFile(at('a'), fromBytes(bytes.subarray(0, 1000))))
    bench.counted()
    await right(drive.writeFile(at('b'), fromBytes(bytes.subarray(0, 1000))))
    expect(bench.counted()).toEqual({ beginSimpleUpload: 1, cosPut: 1, confirmUpload: 1 })
  })

  test('they keep to the strategy', async () => {
    const drive = bench.open({ upload: { ...small, instant: true } })
    await right(drive.writeFile(at('a'), fromBytes(bytes)))
    expect(await left(drive.writeFile(at('a'), fromBytes(bytes)))).toMatchObject({ _tag: 'NameConflict' })
    expect(await right(drive.writeFile(at('a'), fromBytes(bytes), { conflict: 'rename' }))).toMatchObject({
      ...{ path: 'a (1)', how: 'renamed' },
    })
    expect(await right(drive.writeFile(at('a'), fromBytes(bytes), { conflict: 'overwrite' }))).toMatchObject({
      ...{ path: 'a', replaced: true },
    })
  })
})

describe('what a failure leaves behind', () => {
  const broken = (shorter: boolean): UploadSource => ({
    size,
    open: ({ start, end }) =>
      start < 2 * mebibyte
        ? TE.right(Readable.from([bytes.subarray(start, end)]))
        : shorter
          ? TE.right(Readable.from([bytes.subarray(start, start + 10)]))
          : TE.left(sourceFailed({ reason: 'unreadable' })),
  })

  test.each([true, false])(
    'a source that fails: nothing appears, and the upload is freed (shorter: %s)',
    async (shorter) => {
      bench.counted()
      const error = await left(bench.drive.writeFile(at('f'), broken(shorter)))
      expect(error).toMatchObject({ _tag: 'SourceFailed', reason: shorter ? 'shorter' : 'unreadable' })
      expect(await names()).toEqual([])
      expect(bench.counted()).toMatchObject({ abortUpload: 1 })
    },
  )

  test('an abort: nothing appears, and what was begun is freed unless the caller keeps the checkpoints', async () => {
    const run = async (keep: boolean) => {
      const controller = new AbortController()
      const stopping: UploadSource = {
        size,
        open: (range, signal) => {
          if (range.start >= 2 * mebibyte) controller.abort()
          return fromBytes(bytes).open(range, signal)
        },
      }
      bench.counted()
      const options: WriteOptions = {
        signal: controller.signal,
        ...(keep ? { onCheckpoint: () => TE.right(undefined) } : {}),
      }
      expect(await left(bench.drive.writeFile(at('f'), stopping, options))).toMatchObject({
        _tag: 'Aborted',
        effect: 'none',
      })
      expect(await names()).toEqual([])
      return bench.counted()['abortUpload']
    }
    expect([await run(false), await run(true)]).toEqual([1, undefined])
  })

  test('an abandoned upload is freed; abandoning it again, or after it was confirmed, is done', async () => {
    const { refs, onCheckpoint } = keeping(3)
    await left(bench.drive.writeFile(at('f'), fromBytes(bytes), { onCheckpoint }))
    const [ref] = refs
    if (ref === undefined) throw new Error('no checkpoint')
    await right(bench.drive.abandonUpload(ref))
    await right(bench.drive.abandonUpload(ref))
    expect(await left(bench.drive.writeFile(at('f'), fromBytes(bytes), { resume: ref }))).toMatchObject({
      ...{ _tag: 'NotFound', what: 'upload' },
    })
    const kept = keeping()
    await right(bench.drive.writeFile(at('g'), fromBytes(bytes), { onCheckpoint: kept.onCheckpoint }))
    await right(bench.drive.abandonUpload(kept.refs[0] ?? ref))
    expect(await names()).toEqual(['g'])
    const nonsense = { vendor: 'tencent-smh', state: { kind: 'none' } as Json }
    expect(await left(bench.drive.abandonUpload(nonsense))).toMatchObject({ _tag: 'NotFound', what: 'upload' })
  })

  test('a directory that vanishes before the confirmation is made again, and the file with it', async () => {
    await right(bench.drive.createDir(at('d')))
    let once = true
    const source: UploadSource = {
      size: 5,
      open: (range, signal) => async () => {
        if (once) await right(bench.drive.batchRemove([at('d')], { permanent: true }))
        once = false
        return fromBytes('hello').open(range, signal)()
      },
    }
    await right(bench.drive.writeFile(at('d/f'), source))
    expect((await content('d/f')).toString()).toBe('hello')
  })

  test('a name taken while the bytes were on their way is NameConflict, and nothing is left', async () => {
    let once = true
    const source: UploadSource = {
      size: 5,
      open: (range, signal) => async () => {
        if (once) await right(bench.open().writeFile(at('f'), fromBytes('other')))
        once = false
        return fromBytes('hello').open(range, signal)()
      },
    }
    bench.counted()
    expect(await left(bench.drive.writeFile(at('f'), source))).toMatchObject({
      ...{ _tag: 'NameConflict', existing: { kind: 'file', size: 5 } },
    })
    expect(bench.counted()).toMatchObject({ abortUpload: 1 })
    expect((await content('f')).toString()).toBe('other')
  })

  test('nothing printed of an upload holds a signature or a token', async () => {
    const events: Array<unknown> = []
    const drive = bench.open({}, { log: (event) => events.push(event) })
    await right(drive.writeFile(at('f'), fromBytes(bytes)))
    const error = await left(drive.writeFile(at('f'), fromBytes(bytes)))
    expect(JSON.stringify([events, error])).not.toMatch(/q-sign|acctk|very-secret|x-cos-security/)
  })
})
