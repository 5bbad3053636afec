// Downloads: ranges, broken streams, expired links, changed files, wrong bytes.
import { fromBytes, type FileEntry } from '@anydrive/core'
import { buffer } from 'node:stream/consumers'
import { at, bytesOf, left, right, startBench, type Bench } from './harness'

const bytes = bytesOf(700_000, 3)
let bench: Bench
beforeEach(async () => {
  bench = await startBench({ behaviour: { downloadSeconds: 60 } })
  await right(bench.drive.writeFile(at('f'), fromBytes(bytes)))
  bench.counted()
})
afterEach(() => bench.emulator.close())
const read = async (...args: Parameters<Bench['drive']['readFile']>) => {
  const content = await right(bench.drive.readFile(...args))
  return { ...content, bytes: await buffer(content.stream) }
}

test.each([
  [{ start: 0 }, 0, 700_000],
  [{ start: 10, end: 20 }, 10, 20],
  [{ start: 699_999 }, 699_999, 700_000],
  [{ start: 5, end: 9_999_999 }, 5, 700_000],
])('the range %j', async (range, start, end) => {
  const content = await read(at('f'), { range })
  expect([content.size, content.range]).toEqual([700_000, { start, end }])
  expect(content.bytes.equals(bytes.subarray(start, end))).toBe(true)
})

test('a range past the end, and an empty file', async () => {
  expect(await left(bench.drive.readFile(at('f'), { range: { start: 700_000 } }))).toMatchObject({
    ...{ _tag: 'RangeNotSatisfiable', size: 700_000 },
  })
  await right(bench.drive.writeFile(at('empty'), fromBytes('')))
  expect((await read(at('empty'), { range: { start: 0 } })).bytes).toHaveLength(0)
})

test('a stream that breaks goes on where it broke', async () => {
  bench.emulator.faults.next('cosGet', 'get', 2)
  expect((await read(at('f'))).bytes.equals(bytes)).toBe(true)
  expect(bench.counted()).toEqual({ downloadInfo: 1, cosGet: 3 })
})

test('a link that expired is asked for again', async () => {
  bench.emulator.faults.next('cosGet', 'get')
  const content = await right(bench.drive.readFile(at('f')))
  bench.clock.advance(120_000)
  expect((await buffer(content.stream)).equals(bytes)).toBe(true)
  expect(bench.counted()['downloadInfo']).toBe(2)
})

test('another version is never mixed in', async () => {
  bench.emulator.faults.next('cosGet', 'get')
  const content = await right(bench.drive.readFile(at('f')))
  await right(bench.drive.writeFile(at('f'), fromBytes(bytesOf(700_000, 4)), { conflict: 'overwrite' }))
  bench.clock.advance(120_000)
  await expect(buffer(content.stream)).rejects.toMatchObject({ code: 'PreconditionFailed' })
})

test('a version that no longer holds is refused before a byte comes', async () => {
  const entry = (await right(bench.drive.stat(at('f')))) as FileEntry
  if (entry.version === undefined) throw new Error('no version')
  expect((await read(at('f'), { ifVersion: entry.version })).bytes).toHaveLength(700_000)
  await right(bench.drive.writeFile(at('f'), fromBytes('new'), { conflict: 'overwrite' }))
  expect(await left(bench.drive.readFile(at('f'), { ifVersion: entry.version }))).toMatchObject({
    _tag: 'PreconditionFailed',
  })
})

test('the version of a written, a listed, a looked-at and a read file is one', async () => {
  const written = await right(bench.drive.writeFile(at('g'), fromBytes('g')))
  const found = (await right(bench.drive.stat(at('g')))) as FileEntry
  const [, listed] = (await right(bench.drive.list(at('/')))).items as ReadonlyArray<FileEntry>
  const content = await read(at('g'))
  expect(new Set([written.version, found.version, listed?.version, content.entry.version]).size).toBe(1)
})
