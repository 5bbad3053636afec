// Bytes in both directions: ranges, broken downloads, verification, failing sources, spooling.
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import {
  DriveException,
  fromEntry,
  isSized,
  fromFile,
  path,
  readBytes,
  readText,
  root,
  spooled,
  toPromises,
  walk,
  type FileContent,
  type Result,
  type UploadSource,
} from '../src'
import { checksumMismatch, network, preconditionFailed, type Opened } from '../src/adapter'
import { toy } from './toy'

const right = async <A>(task: Result<A>): Promise<A> => {
  const answer = await task()
  if (E.isLeft(answer)) throw new DriveException(answer.left)
  return answer.right
}
const text = async (content: FileContent) => right(readText(content))

describe('ranges', () => {
  const { drive } = toy({ f: '0123456789', empty: '' })
  test.each([
    [{ start: 0 }, '0123456789'],
    [{ start: 2, end: 4 }, '23'],
    [{ start: 8, end: 99 }, '89'],
    [{ start: 3, end: 3 }, ''],
  ])('%j of ten bytes is %j', async (range, expected) => {
    const content = await right(drive.readFile(path('f'), { range }))
    expect(await text(content)).toBe(expected)
    expect(content.range).toEqual({ start: range.start, end: range.start + expected.length })
    expect(content.size).toBe(10)
  })
  test.each([[{ start: 10 }], [{ start: 99, end: 100 }], [{ start: -1 }], [{ start: 5, end: 2 }], [{ start: 0.5 }]])(
    '%j of ten bytes is refused',
    async (range) => {
      expect(await drive.readFile(path('f'), { range })()).toMatchObject({
        left: { _tag: 'RangeNotSatisfiable', size: 10 },
      })
    },
  )
  test('an empty file is read from its start, and nowhere else', async () => {
    expect(await text(await right(drive.readFile(path('empty'))))).toBe('')
    expect(await drive.readFile(path('empty'), { range: { start: 1 } })()).toMatchObject({
      left: { _tag: 'RangeNotSatisfiable' },
    })
  })
})

describe('a download', () => {
  const bytes = Buffer.from('the quick brown fox')
  const entry = { kind: 'file', path: path('f'), name: 'f', size: bytes.length, checksums: {} } as const
  const cutAt = (start: number, end: number) =>
    Readable.from(
      (async function* () {
        yield bytes.subarray(start, end)
        await Promise.resolve()
        throw Object.assign(new Error('cut'), { fault: network({ effect: 'none' }) })
      })(),
      { objectMode: false },
    )
  const opening = (open: Opened['open'], verifier?: Opened['verifier']) => {
    const it = toy({}, { delay: () => Promise.resolve() })
    it.operations.readFile = () => TE.right({ entry, open, verifier })
    return it.drive
  }

  test('that breaks is resumed where it broke', async () => {
    const starts: Array<number> = []
    const drive = opening((start) => {
      starts.push(start)
      return TE.right(
        start < 8 ? cutAt(start, start + 4) : Readable.from([bytes.subarray(start)], { objectMode: false }),
      )
    })
    expect(await text(await right(drive.readFile(path('f'))))).toBe(bytes.toString())
    expect(starts).toEqual([0, 4, 8])
  })
  test('of an empty file must end: a connection that is lost before is no empty content', async () => {
    const it = toy({}, { delay: () => Promise.resolve() })
    const empty = { ...entry, size: 0 }
    const opening = (open: Opened['open']) => {
      it.operations.readFile = () => TE.right({ entry: empty, open })
      return it.drive
    }
    const lost = opening(() => TE.right(cutAt(0, 0)))
    expect(await readBytes(await right(lost.readFile(path('f'))))()).toMatchObject({ left: { _tag: 'Network' } })
    const full = opening(() => TE.right(Readable.from([bytes], { objectMode: false })))
    expect(await readBytes(await right(full.readFile(path('f'))))()).toMatchObject({
      left: { _tag: 'UnexpectedResponse' },
    })
    const ended = opening(() => TE.right(Readable.from([], { objectMode: false })))
    expect(await text(await right(ended.readFile(path('f'))))).toBe('')
  })
  test('of unknown size is read to the end of the response, and resumed where a connection was lost', async () => {
    const it = toy({}, { delay: () => Promise.resolve() })
    const { size, ...unsized } = entry
    const starts: Array<number> = []
    it.operations.readFile = () =>
      TE.right({
        entry: unsized,
        open: (start) => {
          starts.push(start)
          return TE.right(
            start < 8 ? cutAt(start, start + 4) : Readable.from([bytes.subarray(start)], { objectMode: false }),
          )
        },
      })
    const content = await right(it.drive.readFile(path('f')))
    expect([content.size, content.range]).toEqual([undefined, { start: 0 }])
    expect(await text(content)).toBe(bytes.toString())
    expect([starts, size]).toEqual([[0, 4, 8], bytes.length])
    const part = await right(it.drive.readFile(path('f'), { range: { start: 10, end: 15 } }))
    expect(part.range).toEqual({ start: 10, end: 15 })
    part.stream.destroy()
    const past = await right(it.drive.readFile(path('f'), { range: { start: 10, end: 99 } }))
    expect(await text(past)).toBe(bytes.subarray(10).toString())
    expect(await it.drive.readFile(path('f'), { range: { start: 5, end: 2 } })()).toMatchObject({
      left: { _tag: 'RangeNotSatisfiable', message: expect.not.stringContaining('undefined') as string },
    })
    expect(await readBytes(await right(it.drive.readFile(path('f'))), 5)()).toMatchObject({
      left: { _tag: 'LimitExceeded', max: 5 },
    })
  })
  test('that ends early is resumed too, and given up after some attempts', async () => {
    let opened = 0
    const drive = opening(() => {
      opened++
      return TE.right(Readable.from([], { objectMode: false }))
    })
    const content = await right(drive.readFile(path('f')))
    expect(await readBytes(content)()).toMatchObject({
      left: { _tag: 'Network', vendor: 'toy', operation: 'readFile', path: 'f' },
    })
    expect(opened).toBe(6)
  })
  test('whose file changed meanwhile fails', async () => {
    const drive = opening((start) => (start === 0 ? TE.right(cutAt(0, 4)) : TE.left(preconditionFailed())))
    expect(await readBytes(await right(drive.readFile(path('f'))))()).toMatchObject({
      left: { _tag: 'PreconditionFailed' },
    })
  })
  test('with a wrong checksum fails before its end', async () => {
    const seen: Array<number> = []
    const drive = opening(
      () => TE.right(Readable.from([bytes], { objectMode: false })),
      () => ({ update: (b) => seen.push(b.byteLength), mismatch: () => checksumMismatch({ algorithm: 'sha256' }) }),
    )
    const { stream } = await right(drive.readFile(path('f')))
    let ended = false
    stream.on('end', () => (ended = true))
    await expect(stream.toArray()).rejects.toMatchObject({ code: 'ChecksumMismatch' })
    expect([seen, ended]).toEqual([[bytes.length], false])
    const part = await right(drive.readFile(path('f'), { range: { start: 0, end: 3 } }))
    part.stream.destroy()
  })
  test('that yields too much fails', async () => {
    const drive = opening(() => TE.right(Readable.from([bytes, bytes], { objectMode: false })))
    expect(await readBytes(await right(drive.readFile(path('f'))))()).toMatchObject({
      left: { _tag: 'UnexpectedResponse' },
    })
  })
  test('that is destroyed ends the transport’s stream', async () => {
    const inner = new Readable({ read: () => undefined })
    const content = await right(opening(() => TE.right(inner)).readFile(path('f')))
    content.stream.destroy()
    await new Promise((resolve) => inner.once('close', resolve))
    expect(inner.destroyed).toBe(true)
  })
  test('that is aborted fails as Aborted', async () => {
    const stop = new AbortController()
    const drive = opening((_start, signal) => {
      const inner = new Readable({ read: () => undefined })
      signal.addEventListener('abort', () => inner.destroy(new Error('gone')))
      return TE.right(inner)
    })
    const content = await right(drive.readFile(path('f'), { signal: stop.signal }))
    const reading = content.stream.toArray()
    stop.abort()
    await expect(reading).rejects.toMatchObject({ code: 'Aborted' })
  })
})

describe('an upload’s source', () => {
  const yielding = (size: number, ...chunks: ReadonlyArray<string>): UploadSource => ({
    size,
    open: () =>
      TE.right(
        Readable.from(
          chunks.map((c) => Buffer.from(c)),
          { objectMode: false },
        ),
      ),
  })
  test.each([
    ['shorter', yielding(5, 'abc')],
    ['longer', yielding(2, 'abc')],
    [
      'unreadable',
      {
        size: 3,
        open: () =>
          TE.right(
            new Readable({
              read() {
                this.destroy(new Error('disk'))
              },
            }),
          ),
      },
    ],
  ])('that is %s is SourceFailed, and nothing appears', async (reason, source) => {
    const { drive, nodes } = toy()
    expect(await drive.writeFile(path('f'), source)()).toMatchObject({
      left: { _tag: 'SourceFailed', reason, path: 'f' },
    })
    expect(nodes.size).toBe(0)
  })
  test('that is another drive’s file fails with that drive’s error', async () => {
    const from = toy({ a: 'one' })
    const entry = await right(from.drive.stat(path('a')))
    if (entry.kind !== 'file' || !isSized(entry)) throw new Error('a file of known size was expected')
    from.nodes.delete(path('a'))
    const answer = await toy().drive.writeFile(path('b'), fromEntry(from.drive, entry))()
    expect(answer).toMatchObject({ left: { _tag: 'NotFound', operation: 'readFile', path: 'a' } })
  })
  test('may be a file of this machine', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'anydrive-test-'))
    await writeFile(join(dir, 'f'), 'hello')
    const source = await right(fromFile(join(dir, 'f')))
    const { drive, nodes } = toy()
    await right(drive.writeFile(path('f'), source))
    expect(nodes.get(path('f'))).toBe('hello')
    expect(await fromFile(join(dir, 'none'))()).toMatchObject({ left: { _tag: 'SourceFailed', code: 'ENOENT' } })
    expect(await fromFile(dir)()).toMatchObject({ left: { _tag: 'SourceFailed' } })
    await rm(dir, { recursive: true })
  })
  test.each([1, 1 << 20])('is spooled from any stream, in memory up to %d bytes', async (memory) => {
    const dir = await mkdtemp(join(tmpdir(), 'anydrive-test-'))
    const spool = await right(spooled(Readable.from([Buffer.from('hel'), 'lo']), { memory, dir }))
    expect(spool.size).toBe(5)
    expect(await readdir(dir)).toHaveLength(memory === 1 ? 1 : 0)
    for (const [start, end, expected] of [
      [0, 5, 'hello'],
      [1, 3, 'el'],
      [5, 5, ''],
    ] as const) {
      const opened = await spool.open({ start, end }, new AbortController().signal)()
      if (E.isLeft(opened)) throw new Error('a stream was expected')
      expect(Buffer.concat((await opened.right.toArray()) as Array<Buffer>).toString()).toBe(expected)
    }
    await spool.dispose()
    expect(await readdir(dir)).toEqual([])
    await rm(dir, { recursive: true })
  })
})

describe('a stream that is uploaded', () => {
  const chunks = (...texts: ReadonlyArray<string>) =>
    Readable.from(
      texts.map((text) => Buffer.from(text)),
      { objectMode: false },
    )
  const endless = () => {
    const seen = { bytes: 0 }
    const stream = new Readable({
      highWaterMark: 1,
      read() {
        seen.bytes++
        this.push(Buffer.from('x'))
      },
    })
    return { seen, stream }
  }
  const silent = () => new Readable({ read: () => undefined })

  test.each([0, 1, 5])('of declared size %d is read hardly past it', async (size) => {
    const { stream, seen } = endless()
    const { drive, calls } = toy()
    await expect(toPromises(drive).writeFile('f', { stream, size })).rejects.toMatchObject({
      code: 'SourceFailed',
      error: { reason: 'longer' },
    })
    expect(seen.bytes).toBeLessThanOrEqual(size + 3)
    expect([stream.destroyed, calls]).toEqual([true, []])
  })
  test('that is shorter than declared is refused', async () => {
    await expect(toPromises(toy().drive).writeFile('f', { stream: chunks('ab'), size: 3 })).rejects.toMatchObject({
      error: { reason: 'shorter' },
    })
  })
  test.each([1, 1 << 20])(
    'ends with the caller’s signal, and leaves nothing on disk (%d bytes in memory)',
    async (memory) => {
      const dir = await mkdtemp(join(tmpdir(), 'anydrive-test-'))
      const stop = new AbortController()
      const stream = new Readable({ read: () => undefined })
      stream.push('four')
      const reading = spooled(stream, { memory, dir, signal: stop.signal })()
      setTimeout(() => stop.abort(), 10)
      expect(await reading).toMatchObject({ left: { _tag: 'Aborted', effect: 'none' } })
      expect([stream.destroyed, await readdir(dir)]).toEqual([true, []])
      await rm(dir, { recursive: true })
    },
  )
  test('ends with the call’s signal and time-out, before anything is sent', async () => {
    const { drive, calls } = toy()
    const files = toPromises(drive)
    const late = silent()
    await expect(files.writeFile('f', { stream: late }, { timeout: 10 })).rejects.toMatchObject({
      code: 'Timeout',
      error: { effect: 'none' },
    })
    await expect(files.writeFile('f', { stream: silent() }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'Aborted',
    })
    await expect(files.writeFile('f', { stream: silent() }, { timeout: Number.NaN })).rejects.toMatchObject({
      code: 'InvalidArgument',
    })
    expect([late.destroyed, calls]).toEqual([true, []])
  })
  test('that fails keeps its own error as the cause, spooled or not', async () => {
    const cause = Object.assign(new Error('disk'), { code: 'EIO' })
    const failing = () =>
      new Readable({
        read() {
          this.destroy(cause)
        },
      })
    const files = toPromises(toy().drive)
    await expect(files.writeFile('f', { stream: failing() })).rejects.toMatchObject({
      code: 'SourceFailed',
      cause,
      error: { code: 'EIO' },
    })
    await expect(files.writeFile('f', { size: 3, open: () => TE.right(failing()) })).rejects.toMatchObject({
      code: 'SourceFailed',
      cause,
      error: { path: 'f' },
    })
    const error = await files
      .writeFile('f', { size: 3, open: () => TE.right(failing()) })
      .catch((e: unknown) => (e as DriveException).error)
    expect(JSON.stringify(error)).not.toContain('disk')
    await expect(files.stat('none')).rejects.not.toHaveProperty('cause')
  })
  test('of what is neither bytes nor text is unreadable', async () => {
    await expect(toPromises(toy().drive).writeFile('f', { stream: Readable.from([1, 2]) })).rejects.toMatchObject({
      code: 'SourceFailed',
      error: { reason: 'unreadable' },
    })
  })
})

describe('promises', () => {
  test('give the same verbs on plain strings', async () => {
    const drive = toPromises(toy().drive)
    await drive.writeFile('/a/b.txt', 'hello')
    await drive.writeFile('a/c.txt', { stream: Readable.from([Buffer.from('stream')]) })
    expect(await drive.readText('a/b.txt')).toBe('hello')
    expect(await drive.readText('a/c.txt')).toBe('stream')
    expect((await drive.move('a/b.txt', 'a/d.txt')).path).toBe('a/d.txt')
    expect(await drive.exists('a/b.txt')).toBe(false)
    expect((await drive.ensureDir('a')).kind).toBe('directory')
    expect((await drive.copy('a/d.txt', 'e')).how).toBe('as-asked')
    expect(await drive.remove('e')).toMatchObject({ how: 'erased' })
  })
  test('a page is awaited, a listing is iterated', async () => {
    const drive = toPromises(toy({ a: '1', b: '2', c: '3', d: null, 'd/e': '5' }).drive)
    expect((await drive.list('/')).items).toHaveLength(3)
    const names: Array<string> = []
    for await (const entry of drive.list('/')) names.push(entry.name)
    expect(names).toEqual(['a', 'b', 'c', 'd'])
    const walked: Array<string> = []
    for await (const entry of drive.walk('/')) walked.push(entry.path)
    expect(walked).toEqual(['a', 'b', 'c', 'd', 'd/e'])
  })
  test('failures throw a DriveException, bad paths among them', async () => {
    const drive = toPromises(toy({ a: 'x' }).drive)
    await expect(drive.createDir('a')).rejects.toMatchObject({ code: 'NameConflict' })
    await expect(drive.stat('a//b')).rejects.toMatchObject({ code: 'InvalidPath' })
    await expect(drive.list('a/../b')).rejects.toMatchObject({ code: 'InvalidPath' })
    await expect(drive.remove('none')).rejects.toMatchObject({ code: 'NotFound' })
    await expect(drive.writeFile('f', { stream: Readable.from([Buffer.from('abc')]), size: 2 })).rejects.toMatchObject({
      code: 'SourceFailed',
    })
    expect(await drive.exists('')).toBe(true)
  })
})

test('a walk goes on past a directory that cannot be read', async () => {
  const it = toy({ a: null, 'a/x': '1', b: null, 'b/y': '2' })
  const list = it.operations.list
  it.operations.list = (p, page, call) => (p === 'a' ? TE.left({ _tag: 'Forbidden' }) : list(p, page, call))
  const seen: Array<string> = []
  for await (const one of walk(it.drive, root))
    seen.push(E.isRight(one) ? one.right.path : `${one.left._tag} ${one.left.path ?? ''}`)
  expect(seen).toEqual(['a', 'Forbidden a', 'b', 'b/y'])
})
