// Uploads whose bytes a browser sends: its PUT is a plain fetch, on both deployments of the emulator.
import { createDigests } from '@anydrive/checksums'
import { fromBytes, reveal, toPromises } from '@anydrive/core'
import { inspect } from 'node:util'
import type { SmhBeginning } from '../src'
import { benches, content } from './deployments'
import { at, left, right, type Bench } from './harness'

const start = benches()
const bytes = 'the bytes of the browser'
const crc64Of = (text: string): string => {
  const digests = createDigests(['crc64xz'])
  digests.update(Buffer.from(text))
  return digests.digest().crc64xz
}
const put = async ({ url, method, headers }: SmhBeginning, body = bytes): Promise<number> => {
  const revealed = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, reveal(value)]))
  const sent = await fetch(reveal(url), { method, headers: revealed, body })
  await sent.arrayBuffer()
  return sent.status
}
const names = async ({ drive }: Bench): Promise<ReadonlyArray<string>> =>
  (await right(drive.list(at('')))).items.map(({ name }) => name)
const write = ({ drive }: Bench, path: string, text: string) => right(drive.writeFile(at(path), fromBytes(text)))
const size = bytes.length

describe.each(['public', 'private'] as const)('%s deployment', (deployment) => {
  const open = (settings: object = {}) => start({ deployment }, { deployment, ...settings })

  test('the browser sends the file, the server confirms it, twice with one result', async () => {
    const bench = await open()
    const { beginUpload, confirmUpload } = bench.drive.smh
    const begun = await right(beginUpload(at('a.txt'), { size, createdAt: new Date(5000) }))
    expect(begun.expiresAt?.getTime()).toBeGreaterThan(bench.clock.now())
    expect(await put(begun)).toBe(200)
    expect(await names(bench)).toEqual([])
    const entry = await right(confirmUpload(begun.confirmKey, { crc64: crc64Of(bytes) }))
    expect(entry).toMatchObject({ kind: 'file', path: 'a.txt', size, createdAt: new Date(5000) })
    expect(Object.keys(entry)).not.toEqual(expect.arrayContaining(['evidence']))
    expect(await right(confirmUpload(begun.confirmKey))).toEqual(entry)
    expect((await content(bench.drive, 'a.txt')).toString()).toBe(bytes)
    expect(await names(bench)).toEqual(['a.txt'])
  })

  test('nothing of it prints', async () => {
    const bench = await open()
    const begun = await right(bench.drive.smh.beginUpload(at('a'), { size }))
    const secrets = [begun.url, ...Object.values(begun.headers)].map(reveal)
    expect(secrets.length).toBeGreaterThan(2)
    for (const text of [JSON.stringify(begun), inspect(begun, { depth: 9 }), String(begun.url)])
      for (const secret of secrets) expect(text).not.toContain(secret)
  })

  test('a confirmation before the bytes, with other bytes, and after the upload is gone', async () => {
    const bench = await open()
    const { beginUpload, confirmUpload, abortUpload } = bench.drive.smh
    const begun = await right(beginUpload(at('a'), { size }))
    const early = await left(confirmUpload(begun.confirmKey))
    expect(early).toMatchObject({ _tag: 'Unavailable', code: 'UploadIncomplete', effect: 'none' })
    await put(begun, bytes.toUpperCase())
    expect(await left(confirmUpload(begun.confirmKey, { crc64: crc64Of(bytes) }))).toMatchObject({
      _tag: 'ChecksumMismatch',
    })
    await put(begun)
    await right(abortUpload(begun.confirmKey))
    await right(abortUpload(begun.confirmKey))
    for (const key of [begun.confirmKey, 'unknown', '..', '', 5 as never])
      expect(await left(confirmUpload(key))).toMatchObject({ _tag: 'NotFound', what: 'upload' })
    expect(await names(bench)).toEqual([])
  })

  test('expired: the store refuses the bytes, and the service the confirmation', async () => {
    const bench = await open()
    const begun = await right(bench.drive.smh.beginUpload(at('a'), { size }))
    const late = await right(bench.drive.smh.beginUpload(at('b'), { size }))
    await put(late)
    bench.clock.advance((begun.expiresAt?.getTime() ?? 0) - bench.clock.now() + 1)
    expect(await put(begun)).toBe(403)
    for (const { confirmKey } of [begun, late])
      expect(await left(bench.drive.smh.confirmUpload(confirmKey))).toMatchObject({ _tag: 'NotFound', what: 'upload' })
    expect(await names(bench)).toEqual([])
  })

  test('a name that is taken at the beginning, under each strategy', async () => {
    const bench = await open()
    await write(bench, 'a', 'before')
    const { beginUpload, confirmUpload } = bench.drive.smh
    const existing = { kind: 'file', path: 'a' }
    expect(await left(beginUpload(at('a'), { size }))).toMatchObject({ _tag: 'NameConflict', existing })
    const renamed = await right(beginUpload(at('a'), { size, conflict: 'rename' }))
    await put(renamed)
    const { path } = await right(confirmUpload(renamed.confirmKey))
    expect(path).not.toBe('a')
    expect((await content(bench.drive, path)).toString()).toBe(bytes)
    expect((await content(bench.drive, 'a')).toString()).toBe('before')
    const over = await right(beginUpload(at('a'), { size, conflict: 'overwrite' }))
    await put(over)
    expect(await right(confirmUpload(over.confirmKey))).toMatchObject({ path: 'a', size })
    expect((await content(bench.drive, 'a')).toString()).toBe(bytes)
    expect(await names(bench)).toHaveLength(2)
  })

  test('a name that is taken between the beginning and the confirmation', async () => {
    const bench = await open()
    const { beginUpload, confirmUpload } = bench.drive.smh
    const begun = await right(beginUpload(at('a'), { size }))
    await put(begun)
    await write(bench, 'a', 'faster')
    expect(await left(confirmUpload(begun.confirmKey))).toMatchObject({
      _tag: 'NameConflict',
      existing: { path: 'a', size: 6 },
    })
    expect((await content(bench.drive, 'a')).toString()).toBe('faster')
  })

  test.each(['lost', 'cut', '5xx', '5xx-late'] as const)('the confirmation meets %s', async (fault) => {
    const bench = await open()
    const { beginUpload, confirmUpload } = bench.drive.smh
    for (const conflict of ['ask', 'overwrite'] as const) {
      const begun = await right(beginUpload(at('a'), { size, conflict }))
      await put(begun)
      bench.emulator.faults.next('confirmUpload', fault)
      expect(await right(confirmUpload(begun.confirmKey))).toMatchObject({ path: 'a', size })
    }
    const begun = await right(beginUpload(at('a'), { size, conflict: 'rename' }))
    await put(begun)
    bench.emulator.faults.next('confirmUpload', fault)
    const ended = await left(confirmUpload(begun.confirmKey))
    expect(ended._tag).toBe('Indeterminate')
    expect((await names(bench)).length).toBe(fault === 'lost' || fault === '5xx-late' ? 2 : 1)
  })

  test('a beginning whose response is lost leaves nothing that is visible', async () => {
    const bench = await open()
    bench.emulator.faults.next('beginSimpleUpload', 'lost')
    const begun = await right(bench.drive.smh.beginUpload(at('a'), { size }))
    await put(begun)
    await right(bench.drive.smh.confirmUpload(begun.confirmKey))
    expect(await names(bench)).toEqual(['a'])
  })

  test('arguments that cannot be, and a directory that does not exist', async () => {
    const { smh } = (await open()).drive
    for (const wrong of [-1, 0.5, Number.NaN, '5'])
      expect(await left(smh.beginUpload(at('a'), { size: wrong as number }))).toMatchObject({
        _tag: 'InvalidArgument',
        argument: 'options.size',
      })
    expect(await left(smh.beginUpload(at('a'), { size, conflict: 'merge' as 'ask' }))).toMatchObject({
      _tag: 'InvalidArgument',
    })
    for (const wrong of [new Date(Number.NaN), '2020'])
      expect(await left(smh.beginUpload(at('a'), { size, modifiedAt: wrong as Date }))).toMatchObject({
        _tag: 'InvalidArgument',
        argument: 'options.modifiedAt',
      })
    expect(await left(smh.beginUpload(at('a'), { size: 2 ** 43 }))).toMatchObject({ _tag: 'LimitExceeded' })
    expect(await left(smh.confirmUpload('key', { crc64: 'zz' }))).toMatchObject({ _tag: 'InvalidArgument' })
    expect(await left(smh.beginUpload(at('no/a'), { size }))).toMatchObject({ _tag: 'NotFound', what: 'parent' })
  })
})

test('the promise face has it too', async () => {
  const { smh } = toPromises((await start({ deployment: 'public' })).drive)
  const begun = await smh.beginUpload('a', { size, conflict: 'rename' })
  await put(begun)
  expect(await smh.confirmUpload(begun.confirmKey)).toMatchObject({ path: 'a', size })
})
