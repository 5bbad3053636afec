// readFile and writeFile of the reference drive.
import * as E from 'fp-ts/Either'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import {
  fromBytes,
  readBytes,
  root,
  type DriveProvider,
  type UploadRef,
  type UploadSource,
  type WriteOptions,
} from '@anydrive/core'
import { notFound, locate } from '@anydrive/core/adapter'
import { createStore, openMemory } from '../src'
import { at, entries, left, mkdir, put, right, text, tree } from './bench'

const write = (drive: DriveProvider, path: string, content: string, options?: WriteOptions) =>
  drive.writeFile(at(path), fromBytes(content), options)

const sourceOf = (size: number, open: () => Readable): UploadSource => ({
  size,
  open: () => () => Promise.resolve(E.right(open())),
})
const versionOf = async (drive: DriveProvider, path: string): Promise<string> => {
  const entry = await right(drive.stat(at(path)))
  if (entry.kind !== 'file' || entry.version === undefined) throw new Error('no version')
  return entry.version
}

describe('writeFile', () => {
  test('answers with the entry that stat shows, where it ended and how sure it is', async () => {
    const drive = openMemory()
    const times = { createdAt: new Date(1000), modifiedAt: new Date(2000) }
    const made = await right(write(drive, 'a/f.txt', 'hello', { ...times, contentType: 'text/plain' }))
    const { how, replaced, evidence, ...entry } = made
    expect({ how, replaced, evidence }).toEqual({ how: 'as-asked', replaced: false, evidence: 'vendor-checked:sha256' })
    expect(entry).toEqual(await right(drive.stat(at('a/f.txt'))))
    expect(entry).toMatchObject({
      ...times,
      contentType: 'text/plain',
      size: 5,
      checksums: {
        sha256: createHash('sha256').update('hello').digest('hex'),
        md5: createHash('md5').update('hello').digest('hex'),
      },
    })
  })

  test.each([
    ['file', 'ask', 'NameConflict'],
    ['file', 'overwrite', 'f.x'],
    ['file', 'rename', 'f (1).x'],
    ['directory', 'ask', 'NameConflict'],
    ['directory', 'overwrite', 'NameConflict'],
    ['directory', 'rename', 'f (1).x'],
  ] as const)('onto a %s under %s: %s', async (occupant, conflict, expected) => {
    const drive = openMemory()
    await (occupant === 'file' ? put(drive, 'f.x', 'old') : mkdir(drive, 'f.x'))
    const before = await tree(drive)
    if (expected === 'NameConflict') {
      expect(await left(write(drive, 'f.x', 'new', { conflict }), 'NameConflict')).toMatchObject({
        existing: { kind: occupant },
      })
      expect(await tree(drive)).toEqual(before)
    } else {
      const made = await right(write(drive, 'f.x', 'new', { conflict }))
      expect(made).toMatchObject({
        path: expected,
        how: conflict === 'rename' ? 'renamed' : 'as-asked',
        replaced: conflict === 'overwrite',
      })
      expect(await text(drive, expected)).toBe('new')
      expect(await entries(drive)).toHaveLength(conflict === 'rename' ? 2 : 1)
    }
  })

  test('the root is taken', async () => {
    await left(openMemory().writeFile(root, fromBytes('')), 'NameConflict')
  })

  test('two at once under ask: one wins, and its bytes are the ones that stand', async () => {
    const drive = openMemory({ latency: 1 })
    const answers = await Promise.all(['1', '2', '3'].map((content) => write(drive, 'a', content)()))
    const winners = answers.flatMap((answer, i) => (E.isRight(answer) ? [String(i + 1)] : []))
    expect(winners).toHaveLength(1)
    expect(await text(drive, 'a')).toBe(winners[0])
  })

  test('a name taken while the bytes arrive is a conflict, and nothing is replaced', async () => {
    const drive = openMemory()
    const source = sourceOf(3, () =>
      Readable.from(
        (async function* () {
          yield Buffer.from('n')
          await put(drive, 'f', 'first')
          yield Buffer.from('ew')
        })(),
      ),
    )
    await left(drive.writeFile(at('f'), source), 'NameConflict')
    expect(await tree(drive)).toEqual(['f=first'])
    expect(drive.store.uploads.size).toBe(0)
  })

  test('an empty file is ordinary', async () => {
    const drive = openMemory()
    await put(drive, 'e', '')
    expect(await right(drive.stat(at('e')))).toMatchObject({ size: 0 })
    expect(await text(drive, 'e')).toBe('')
  })

  test.each([
    ['shorter', () => Readable.from([Buffer.from('abc')], { objectMode: false })],
    ['longer', () => Readable.from([Buffer.from('abc'), Buffer.from('def')], { objectMode: false })],
    [
      'unreadable',
      () =>
        Readable.from(
          (function* () {
            yield Buffer.from('ab')
            throw new Error('disk')
          })(),
        ),
    ],
  ] as const)('a source that is %s is SourceFailed, and neither file nor parent appears', async (reason, open) => {
    const drive = openMemory()
    const streams: Array<Readable> = []
    const source = sourceOf(5, () => {
      const stream = open()
      streams.push(stream)
      return stream
    })
    expect(await left(drive.writeFile(at('a/f'), source), 'SourceFailed')).toMatchObject({ reason, path: 'a/f' })
    expect(await tree(drive)).toEqual([])
    expect(streams.map((s) => s.destroyed)).toEqual([true])
    expect(drive.store.uploads.size).toBe(0)
  })

  test('a source that cannot be opened, or lies about its size, fails the call and not the process', async () => {
    const drive = openMemory()
    const rejecting: UploadSource = { size: 1, open: () => () => Promise.reject(new Error('secret text')) }
    const error = await left(drive.writeFile(at('f'), rejecting), 'SourceFailed')
    expect(JSON.stringify(error)).not.toContain('secret text')
    for (const size of [-1, 1.5, NaN]) await left(drive.writeFile(at('f'), { ...fromBytes(''), size }), 'SourceFailed')
    const gone = locate({ vendor: 'other', operation: 'readFile', path: at('x') })(notFound({ what: 'source' }))
    const failing = { size: 1, open: () => () => Promise.resolve(E.left(gone)) } as unknown as UploadSource
    expect(await left(drive.writeFile(at('f'), failing), 'NotFound')).toEqual(gone)
  })

  test('a wrong checksum of the source is ChecksumMismatch, a right one is evidence', async () => {
    const drive = openMemory()
    const md5 = createHash('md5').update('x').digest('hex')
    const wrong = { ...fromBytes('y'), checksums: { md5 } }
    expect(await left(drive.writeFile(at('f'), wrong), 'ChecksumMismatch')).toMatchObject({ algorithm: 'md5' })
    expect(await tree(drive)).toEqual([])
    const sound = { ...fromBytes('x'), checksums: { md5: md5.toUpperCase() } }
    expect(await right(drive.writeFile(at('f'), sound))).toMatchObject({ evidence: 'vendor-checked:md5' })
    const bare = openMemory({ checksums: [] })
    expect(await right(bare.writeFile(at('f'), wrong))).toMatchObject({ evidence: 'size', checksums: {} })
  })

  test('limits of size and space are refused before the source is opened', async () => {
    const drive = openMemory({ capacity: 5, limits: { fileSize: 10 } })
    const unopened = (size: number) =>
      sourceOf(size, () => {
        throw new Error('opened')
      })
    expect(await left(drive.writeFile(at('f'), unopened(11)), 'LimitExceeded')).toMatchObject({
      limit: 'size',
      max: 10,
    })
    await left(drive.writeFile(at('f'), unopened(6)), 'QuotaExceeded')
    await put(drive, 'f', '12345')
    await right(write(drive, 'f', '54321', { conflict: 'overwrite' }))
    await left(write(drive, 'g', '1'), 'QuotaExceeded')
  })

  test('a file is replaced only while it has the version asked for', async () => {
    const drive = openMemory()
    await put(drive, 'f', '1')
    const version = await versionOf(drive, 'f')
    await right(write(drive, 'f', '2', { conflict: 'overwrite', ifVersion: version }))
    await left(write(drive, 'f', '3', { conflict: 'overwrite', ifVersion: version }), 'PreconditionFailed')
    await left(write(drive, 'x/g', '3', { conflict: 'overwrite', ifVersion: version }), 'PreconditionFailed')
    expect(await tree(drive)).toEqual(['f=2'])
  })

  test('the bytes kept are the drive’s own', async () => {
    const drive = openMemory()
    const bytes = Buffer.from('abc')
    await right(drive.writeFile(at('f'), fromBytes(bytes)))
    bytes.fill('x')
    const read = await right(readBytes(await right(drive.readFile(at('f')))))
    read.fill(0)
    expect(await text(drive, 'f')).toBe('abc')
  })

  test('an abort while the bytes arrive ends the call with no effect, and destroys the source', async () => {
    const drive = openMemory()
    const controller = new AbortController()
    const stream = new Readable({ read: () => undefined })
    stream.push('ab')
    const answer = drive.writeFile(
      at('f'),
      sourceOf(3, () => stream),
      {
        signal: controller.signal,
        onProgress: () => {
          controller.abort()
        },
      },
    )
    expect(await left(answer, 'Aborted')).toMatchObject({ effect: 'none' })
    expect(stream.destroyed).toBe(true)
    expect(await tree(drive)).toEqual([])
  })

  test('a time-out ends a call whose source hangs, even in opening', async () => {
    const drive = openMemory()
    const hanging = sourceOf(3, () => new Readable({ read: () => undefined }))
    await left(drive.writeFile(at('f'), hanging, { timeout: 5 }), 'Timeout')
    const never: UploadSource = { size: 1, open: () => () => new Promise(() => undefined) }
    await left(drive.writeFile(at('f'), never, { timeout: 5 }), 'Timeout')
  })
})

describe('uploads that go on elsewhere', () => {
  const content = 'abcdefghij'
  const broken = (after: number): UploadSource =>
    sourceOf(content.length, () =>
      Readable.from(
        (function* () {
          for (const letter of content.slice(0, after)) yield Buffer.from(letter)
          throw new Error('cut')
        })(),
      ),
    )

  const interrupted = async (drive: DriveProvider): Promise<UploadRef> => {
    const refs: Array<UploadRef> = []
    await left(
      drive.writeFile(at('f'), broken(7), {
        onCheckpoint: (ref) => () => {
          refs.push(ref)
          return Promise.resolve(E.right(undefined))
        },
      }),
      'SourceFailed',
    )
    expect(refs.map((ref) => (ref.state as { readonly received: number }).received)).toEqual([0, 3, 6])
    const [first] = refs
    if (first === undefined) throw new Error('no checkpoint')
    return JSON.parse(JSON.stringify(first)) as UploadRef
  }

  test('another provider resumes after the last whole part, and asks the source for the rest only', async () => {
    const store = createStore()
    const resume = await interrupted(openMemory({ store, limits: { part: 3 } }))
    const ranges: Array<unknown> = []
    const source: UploadSource = {
      size: content.length,
      open: (range, signal) => {
        ranges.push(range)
        return fromBytes(content).open(range, signal)
      },
    }
    const later = openMemory({ store })
    await right(later.writeFile(at('f'), source, { resume }))
    expect(ranges).toEqual([{ start: 6, end: 10 }])
    expect(await text(later, 'f')).toBe(content)
    expect(await left(later.writeFile(at('f'), source, { resume, conflict: 'overwrite' }), 'NotFound')).toMatchObject({
      what: 'upload',
    })
  })

  test('a reference of another file, size, vendor or drive is NotFound upload', async () => {
    const drive = openMemory({ limits: { part: 3 } })
    const resume = await interrupted(drive)
    const unknown = { what: 'upload' }
    expect(await left(write(drive, 'g', content, { resume }), 'NotFound')).toMatchObject(unknown)
    expect(await left(write(drive, 'f', 'abc', { resume }), 'NotFound')).toMatchObject(unknown)
    expect(await left(write(drive, 'f', content, { resume: { ...resume, vendor: 'x' } }), 'NotFound')).toMatchObject(
      unknown,
    )
    expect(await left(write(openMemory(), 'f', content, { resume }), 'NotFound')).toMatchObject(unknown)
    await right(write(drive, 'f', content, { resume }))
  })

  test('an abandoned upload is freed, twice if need be', async () => {
    const drive = openMemory({ limits: { part: 3 } })
    const resume = await interrupted(drive)
    expect(drive.store.uploads.size).toBe(1)
    await right(drive.abandonUpload(resume))
    await right(drive.abandonUpload(resume))
    expect(drive.store.uploads.size).toBe(0)
    await left(write(drive, 'f', content, { resume }), 'NotFound')
    await left(drive.abandonUpload({ ...resume, vendor: 'x' }), 'NotFound')
  })

  test('a checkpoint that cannot be kept ends the upload with its error', async () => {
    const drive = openMemory()
    const error = locate({ vendor: 'journal', operation: 'source' })(notFound({ what: 'space' }))
    const answer = write(drive, 'f', content, { onCheckpoint: () => () => Promise.resolve(E.left(error)) })
    expect(await left(answer, 'NotFound')).toEqual(error)
    expect(await tree(drive)).toEqual([])
  })

  test('a callback that throws fails the call, and nothing is kept', async () => {
    const drive = openMemory()
    const answer = write(drive, 'f', content, {
      onProgress: () => {
        throw new Error('mine')
      },
    })
    expect((await answer())._tag).toBe('Left')
    expect(await tree(drive)).toEqual([])
    expect(drive.store.uploads.size).toBe(0)
  })
})

describe('readFile', () => {
  const ranged = async (drive: DriveProvider, start: number, end?: number) => {
    const content = await right(drive.readFile(at('f'), { range: { start, end } }))
    return [
      Buffer.from(await right(readBytes(content))).toString(),
      content.range.start,
      content.range.end,
      content.size,
    ]
  }

  test('ranges are half-open and clipped to the size', async () => {
    const drive = openMemory()
    await put(drive, 'f', '0123456789')
    expect(await ranged(drive, 0)).toEqual(['0123456789', 0, 10, 10])
    expect(await ranged(drive, 3, 5)).toEqual(['34', 3, 5, 10])
    expect(await ranged(drive, 8, 99)).toEqual(['89', 8, 10, 10])
    expect(await ranged(drive, 4, 4)).toEqual(['', 4, 4, 10])
  })

  test.each([
    [10, undefined],
    [11, undefined],
    [-1, undefined],
    [0.5, undefined],
    [5, 4],
  ])('a range that holds nothing is RangeNotSatisfiable (%p, %p)', async (start, end) => {
    const drive = openMemory()
    await put(drive, 'f', '0123456789')
    expect(await left(drive.readFile(at('f'), { range: { start, end } }), 'RangeNotSatisfiable')).toMatchObject({
      size: 10,
    })
  })

  test('of an empty file, the start is a range and nothing else', async () => {
    const drive = openMemory()
    await put(drive, 'f', '')
    expect(await ranged(drive, 0)).toEqual(['', 0, 0, 0])
    expect(await ranged(drive, 0, 5)).toEqual(['', 0, 0, 0])
    await left(drive.readFile(at('f'), { range: { start: 1 } }), 'RangeNotSatisfiable')
  })

  test('what is missing, a directory, or of another version is told so', async () => {
    const drive = openMemory()
    await put(drive, 'd/f', '1')
    expect(await left(drive.readFile(at('x')), 'NotFound')).toMatchObject({ what: 'source', path: 'x' })
    expect(await left(drive.readFile(at('d')), 'WrongKind')).toMatchObject({ expected: 'file', path: 'd' })
    await left(drive.readFile(at('d/f'), { ifVersion: 'x' }), 'PreconditionFailed')
    await right(drive.readFile(at('d/f'), { ifVersion: await versionOf(drive, 'd/f') }))
  })

  test('a reader keeps the bytes that it opened', async () => {
    const drive = openMemory()
    await put(drive, 'f', 'old')
    const content = await right(drive.readFile(at('f')))
    await right(write(drive, 'f', 'new', { conflict: 'overwrite' }))
    expect(Buffer.from(await right(readBytes(content))).toString()).toBe('old')
  })

  test('the stream fails with a DriveException when the caller aborts, and leaves no listener behind', async () => {
    const drive = openMemory()
    await put(drive, 'f', 'x'.repeat(1_000_000))
    const controller = new AbortController()
    const { stream } = await right(drive.readFile(at('f'), { signal: controller.signal }))
    const failed = once(stream, 'error')
    controller.abort()
    expect(((await failed) as ReadonlyArray<unknown>)[0]).toMatchObject({ code: 'Aborted', error: { path: 'f' } })
  })

  test('the time-out counts until the answer only', async () => {
    const drive = openMemory({}, {})
    await put(drive, 'f', 'abc')
    jest.useFakeTimers()
    try {
      const content = await right(drive.readFile(at('f'), { timeout: 10 }))
      jest.advanceTimersByTime(1000)
      expect(Buffer.from(await right(readBytes(content))).toString()).toBe('abc')
    } finally {
      jest.useRealTimers()
    }
  })
})

describe('every call', () => {
  const aborted = AbortSignal.abort()
  const calls = (drive: DriveProvider, options: { readonly signal?: AbortSignal; readonly timeout?: number }) => [
    drive.stat(root, options),
    drive.list(root, options),
    drive.createDir(at('a'), options),
    drive.copyDir(at('a'), at('b'), options),
    drive.batchMove([{ from: at('a'), to: at('b') }], options),
    drive.batchCopy([{ from: at('a'), to: at('b') }], options),
    drive.batchRemove([at('a')], options),
    drive.readFile(at('a'), options),
    drive.writeFile(at('a'), fromBytes(''), options),
    drive.abandonUpload({ vendor: 'memory', state: null }, options),
    drive.usage(options),
    drive.task({ vendor: 'memory', operation: 'copyDir', state: null }, options),
  ]

  test('is Aborted without effect when its signal is aborted already', async () => {
    const drive = openMemory()
    for (const call of calls(drive, { signal: aborted }))
      expect(await left(call, 'Aborted')).toMatchObject({ effect: 'none' })
    expect(await tree(drive)).toEqual([])
  })

  test('times out when the drive is slow', async () => {
    const drive = openMemory({ latency: 60_000 })
    for (const call of calls(drive, { timeout: 1 })) await left(call, 'Timeout')
  })

  test('is a recipe: nothing happens until it runs, and run twice it is done twice', async () => {
    const drive = openMemory()
    const made = drive.createDir(at('a'), { conflict: 'rename' })
    expect(await entries(drive)).toEqual([])
    await right(made)
    await right(made)
    expect(await tree(drive)).toEqual(['a/', 'a (1)/'])
  })
})
