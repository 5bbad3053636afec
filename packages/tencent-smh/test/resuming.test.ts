// Taking up an upload in parts: what is read once more, what is not, and what of it is nobody's fault but the source's.
import { createDigests } from '@anydrive/checksums'
import { fromBytes, sourceFailed, type ByteSpan, type Fault, type Json } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { writeFile } from '../src/upload'
import { at } from './harness'
import { scripted, signal, stored, type Script } from './scripted'

const text = 'abcdefg'
const crcOf = (content: string): string => {
  const digests = createDigests(['crc64xz'])
  digests.update(Buffer.from(content))
  return digests.digest().crc64xz
}
const noted = { kind: 'multipart', upload: 'u', path: 'd/f', size: 7, conflict: 'ask', partSize: 2 } as const
const fresh = { ...noted, through: 0, crc64: '0000000000000000' }
const target = { domain: 'store', path: 'o', headers: {}, uploadId: 'U', expiration: '2026-01-01T00:00:00Z' }
const has = (...parts: ReadonlyArray<number>) => ({
  confirmed: false,
  parts: parts.map((n) => ({ PartNumber: n, Size: n === 4 ? '1' : '2' })),
  uploadPartInfo: target,
})
const confirm = [{ crc64: String(BigInt(`0x${crcOf(text)}`)) }]
const fine = [stored(200), stored(200), stored(200), stored(200)]

/** Of the openings of the source, the first `failures` fail. */
const resumed = async (script: Script, resume: Json = fresh, failures = 0) => {
  const { smh, asked } = scripted(script, { settings: { upload: { singleUpTo: 3, partSize: 2, parallel: 1 } } })
  const whole = fromBytes(text)
  const read: Array<ByteSpan> = []
  const open: typeof whole.open = (span, its) =>
    read.push(span) <= failures
      ? () => Promise.resolve(E.left(sourceFailed({ reason: 'unreadable' })))
      : whole.open(span, its)
  const how = {
    ...{ conflict: 'ask' as const, keepsState: true, resume, onProgress: () => undefined },
    onCheckpoint: () => () => Promise.resolve(E.right(undefined)),
  }
  const told = await writeFile(smh)(at('d/f'), { ...whole, open }, how, { signal, wait: true })()
  return { told, asked, starts: read.map(({ start }) => start) }
}

describe('taking up an upload in parts', () => {
  test('reads what no checkpoint noted once more, and nothing else but what it sends', async () => {
    const through2 = { ...noted, through: 2, crc64: crcOf('abcd') }
    const { told, starts } = await resumed({ status: [has(1, 2, 3)], put: fine, confirm }, through2)
    expect([E.isRight(told), starts]).toEqual([true, [4, 6]])
    const parts = await resumed({ status: [has(2, 3)], put: fine, confirm })
    expect([E.isRight(parts.told), parts.starts]).toEqual([true, [2, 4, 0, 6]])
  })

  test.each([null, undefined])('sends all of it where the service tells of no parts (%p)', async (parts) => {
    const { told, starts } = await resumed({ status: [{ ...has(), parts }], put: fine, confirm })
    expect([E.isRight(told), starts]).toEqual([true, [0, 2, 4, 6]])
  })

  test('ends where the source cannot be read once more, and frees what no resuming mends', async () => {
    const { told, asked } = await resumed({ status: [has(1)], put: fine, confirm, abort: [{}] }, fresh, 1)
    expect(told).toEqual(E.left({ _tag: 'SourceFailed', reason: 'unreadable' }))
    expect(asked).toEqual(['status', 'abort u'])
  })

  test('ends where nobody tells of the upload', async () => {
    const forbidden: Fault = { _tag: 'Forbidden' }
    const { told, asked } = await resumed({ status: [forbidden] })
    expect([told, asked]).toEqual([E.left(forbidden), ['status']])
    const confirmed = await resumed({ status: [{ confirmed: true }], find: [forbidden] })
    expect([confirmed.told, confirmed.asked]).toEqual([E.left(forbidden), ['status', 'find d/f']])
  })
})
