// Uploads whose bytes a browser sends: its PUT is a plain fetch to the emulator.
import { reveal, toPromises } from '@anydrive/core'
import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import type { KooDriveBeginning } from '../src'
import { fakeClock, left, p, read, right, startBench, tree, write, type Bench } from './bench'

const clock = fakeClock()
let bench: Bench
beforeEach(async () => {
  bench = await startBench({}, clock)
})
afterEach(() => bench.close())

const bytes = 'the bytes of the browser'
const size = bytes.length
const sha256 = createHash('sha256').update(bytes).digest('hex')
const put = async ({ url, method }: KooDriveBeginning, body = bytes): Promise<number> => {
  const sent = await fetch(reveal(url), { method, body })
  await sent.arrayBuffer()
  return sent.status
}

test('the browser sends the file, the server confirms it, twice with one result', async () => {
  const drive = bench.open()
  const { beginUpload, confirmUpload } = drive.kooDrive
  await right(drive.createDir(p('d')))
  const begun = await right(beginUpload(p('d/a.txt'), { size, contentType: 'text/x-test' }))
  expect(begun.expiresAt?.getTime()).toBeGreaterThan(clock.drive())
  for (const text of [JSON.stringify(begun), inspect(begun)]) expect(text).not.toContain('X-Amz')
  expect(await put(begun)).toBe(200)
  expect(await tree(drive)).toEqual(['d/'])
  const entry = await right(confirmUpload(begun.confirmKey, { sha256 }))
  expect(entry).toMatchObject({ kind: 'file', path: 'd/a.txt', size, contentType: 'text/x-test' })
  expect(await right(confirmUpload(begun.confirmKey))).toEqual(entry)
  expect(await read(bench.open(), 'd/a.txt')).toBe(bytes)
  expect(await tree(drive)).toEqual(['d/', 'd/a.txt'])
})

test('a confirmation before the bytes, with other bytes, of what is unknown or no file', async () => {
  const drive = bench.open()
  const { beginUpload, confirmUpload } = drive.kooDrive
  const begun = await right(beginUpload(p('a'), { size }))
  await left(confirmUpload(begun.confirmKey), 'ChecksumMismatch')
  expect(await put(begun, 'too short')).toBe(403)
  await put(begun, bytes.toUpperCase())
  await left(confirmUpload(begun.confirmKey, { sha256 }), 'ChecksumMismatch')
  for (const key of ['unknown', '..', '', 5 as never])
    expect(await left(confirmUpload(key), 'NotFound')).toMatchObject({ what: 'upload' })
  const { id = '' } = await right(drive.createDir(p('d')))
  await left(confirmUpload(id), 'WrongKind')
  expect(await tree(drive)).toEqual(['d/'])
})

test('expired: the store refuses the bytes', async () => {
  const { beginUpload } = bench.open().kooDrive
  const begun = await right(beginUpload(p('a'), { size }))
  clock.advance((begun.expiresAt?.getTime() ?? 0) - clock.drive() + 1)
  expect(await put(begun)).toBe(403)
})

test('a name that is taken, or held by another upload', async () => {
  const drive = bench.open()
  const { beginUpload, confirmUpload } = drive.kooDrive
  await write(drive, 'a', 'before')
  expect(await left(beginUpload(p('a'), { size }), 'NameConflict')).toMatchObject({ existing: { path: 'a' } })
  expect(await left(bench.open().kooDrive.beginUpload(p('a'), { size }), 'NameConflict')).toMatchObject({
    existing: { path: 'a' },
  })
  await left(beginUpload(p('a'), { size, conflict: 'overwrite' }), 'Unsupported')
  const begun = await right(beginUpload(p('a'), { size, conflict: 'rename' }))
  await put(begun)
  const { path } = await right(confirmUpload(begun.confirmKey))
  expect(path).toMatch(/^a_\d{8}_\d{6}$/)
  expect([await read(drive, path), await read(drive, 'a')]).toEqual([bytes, 'before'])
  await right(beginUpload(p('b'), { size }))
  expect(await left(beginUpload(p('b'), { size }), 'Unavailable')).toMatchObject({ effect: 'none' })
})

test.each(['lost', 'cut', '5xx', '5xx-late'] as const)('the confirmation meets %s', async (fault) => {
  const drive = bench.open()
  const { beginUpload, confirmUpload } = drive.kooDrive
  for (const conflict of ['ask', 'rename'] as const) {
    const begun = await right(beginUpload(p(conflict), { size, conflict }))
    await put(begun)
    bench.emulator.faults.next('completeFile', fault)
    expect(await right(confirmUpload(begun.confirmKey))).toMatchObject({ path: conflict, size })
  }
  expect(await tree(drive)).toEqual(['ask', 'rename'])
})

test('a file whose details cannot be read after its confirmation is not said to be missing', async () => {
  const { beginUpload, confirmUpload } = bench.open({ http: { adaptiveRate: false, attempts: 1 } }).kooDrive
  const begun = await right(beginUpload(p('a'), { size }))
  await put(begun)
  bench.emulator.faults.next('fileDetail', '5xx', 9)
  expect(await left(confirmUpload(begun.confirmKey), 'Indeterminate')).toMatchObject({ likely: 'done' })
  bench.emulator.faults.clear()
  expect(await right(confirmUpload(begun.confirmKey))).toMatchObject({ path: 'a' })
})

test('arguments that cannot be, and a folder that does not exist', async () => {
  const { beginUpload } = bench.open().kooDrive
  for (const wrong of [-1, 0.5, Number.NaN, '5'])
    await left(beginUpload(p('a'), { size: wrong as number }), 'InvalidArgument')
  await left(beginUpload(p('a'), { size, conflict: 'merge' as 'ask' }), 'InvalidArgument')
  await left(beginUpload(p('a'), { size: 2 ** 43 }), 'LimitExceeded')
  expect(await left(beginUpload(p('no/a'), { size }), 'NotFound')).toMatchObject({ what: 'parent' })
})

test('the promise face has it too, and an empty file', async () => {
  const { kooDrive } = toPromises(bench.open())
  const begun = await kooDrive.beginUpload('a', { size: 0 })
  expect(await put(begun, '')).toBe(200)
  expect(await kooDrive.confirmUpload(begun.confirmKey)).toMatchObject({ path: 'a', size: 0 })
})
