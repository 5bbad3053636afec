// Uploads in parts, step by step: what is there already, credentials that expire, and the checkpoint that follows.
import { createDigests } from '@anydrive/checksums'
import { fromBytes, type Fault, type Json, type WriteHow } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { getEventListeners } from 'node:events'
import { writeFile } from '../src/upload'
import { at } from './harness'
import { scripted, stored, type Script } from './scripted'

const text = 'abcdefg'
const crcOf = (content: string): string => {
  const digests = createDigests(['crc64xz'])
  digests.update(Buffer.from(content))
  return digests.digest().crc64xz
}
const expiration = (seconds: number) => new Date(seconds * 1000).toISOString()
const target = { domain: 'store', path: 'o', headers: { a: 'b' }, uploadId: 'U', expiration: expiration(10_000) }
const state = { kind: 'multipart', upload: 'u', path: 'd/f', size: 7, conflict: 'ask', partSize: 2 } as const
const fresh = { ...state, through: 0, crc64: '0000000000000000' }
const has = (...parts: ReadonlyArray<readonly [number, string]>) => ({
  confirmed: false,
  parts: parts.map(([PartNumber, Size]) => ({ PartNumber, Size })),
  uploadPartInfo: target,
})
const fine = stored(200)
const expired = stored(403, 'Request has expired')
const spoiled = stored(200, '', '1')
const forbidden: Fault = { _tag: 'Forbidden' }
/** Answers with the checksum of the whole, so that another one would be a mismatch. */
const confirm = [{ crc64: String(BigInt(`0x${crcOf(text)}`)) }]
const part = (n: number, upload = 'U') =>
  `put part https://store/o?part=${n}&upload=${upload} ${text.slice(2 * n - 2, 2 * n)}`

interface Given {
  readonly resume?: Json
  readonly parallel?: number
  readonly now?: () => number
  readonly how?: Partial<WriteHow>
  readonly signal?: AbortSignal
  readonly source?: ReturnType<typeof fromBytes>
}
const write = async (script: Script, given: Given = {}) => {
  const { resume = fresh, parallel = 1, now = () => 0, how = {}, signal = new AbortController().signal } = given
  const notes: Array<object> = []
  const settings = { upload: { singleUpTo: 3, partSize: 2, parallel, instant: false } }
  const service = scripted({ abort: [{}], ...script }, { settings, now })
  const progress: Array<number> = []
  const told = await writeFile(service.smh)(
    at('d/f'),
    given.source ?? fromBytes(text),
    {
      ...{ conflict: 'ask', keepsState: true, resume },
      onProgress: (bytes) => progress.push(bytes),
      onCheckpoint: (note) => () => {
        notes.push(note as object)
        return Promise.resolve(E.right(undefined))
      },
      ...how,
    },
    { signal, wait: true },
  )()
  return { ...service, told, notes, progress, sent: service.asked.filter((it) => it.startsWith('put')) }
}
const times = <A>(count: number, value: A): ReadonlyArray<A> => Array.from({ length: count }, () => value)
const all = { put: times(4, fine), confirm }

describe('what is sent', () => {
  test('is every part, and the checkpoint follows', async () => {
    const { told, asked, notes, progress, puts } = await write({ ...all, status: [has()] })
    expect(told).toMatchObject(E.right({ size: 7, checksums: { crc64xz: crcOf(text) } }))
    expect(asked).toEqual(['status', part(1), part(2), part(3), part(4), 'confirm'])
    const through = (n: number) => ({ ...state, through: n, crc64: crcOf(text.slice(0, 2 * n)) })
    expect(notes).toEqual([through(1), through(2), through(3), through(4)])
    expect(progress).toEqual([2, 4, 6, 7])
    expect(puts[0]).toMatchObject({
      ...{ method: 'PUT', headers: { a: 'b' }, answer: 'text', repeat: 'idempotent' },
      body: { size: 2, type: false },
    })
  })

  test('is one part at least, from the beginning', async () => {
    const begun = { status: 'begun', upload: { ...target, confirmKey: 'k' } }
    const { asked, notes } = await write({ begin: [begun], put: [fine], confirm }, { how: { resume: undefined } })
    expect(asked).toEqual(['begin {}', `put part https://store/o?part=1&upload=U ${text}`, 'confirm'])
    const whole = { ...state, upload: 'k', partSize: 1024 * 1024 }
    expect(notes).toEqual([
      { ...whole, through: 0, crc64: fresh.crc64 },
      { ...whole, through: 1, crc64: crcOf(text) },
    ])
    const placed = await write({ begin: [{ status: 'placed', file: {} }] }, { how: { resume: undefined } })
    expect([E.isRight(placed.told), placed.asked]).toEqual([true, ['begin {}']])
    const refused = await write({ begin: [forbidden] }, { how: { resume: undefined } })
    expect([refused.told, refused.asked]).toEqual([E.left(forbidden), ['begin {}']])
  })

  test.each<readonly [string, ReadonlyArray<readonly [number, string]>, object, ReadonlyArray<number>]>([
    [
      'what is there',
      [
        [4, '1'],
        [1, '2'],
      ],
      {},
      [2, 3],
    ],
    [
      'what has the right size',
      [
        [2, '1'],
        [4, '2'],
        [3, '2'],
      ],
      {},
      [1, 2, 4],
    ],
    [
      'what the checkpoint knows',
      [
        [1, '2'],
        [2, '2'],
      ],
      { through: 2, crc64: crcOf('abcd') },
      [3, 4],
    ],
    [
      'what was sent after it',
      [
        [1, '2'],
        [2, '2'],
        [3, '2'],
      ],
      { through: 1, crc64: crcOf('ab') },
      [4],
    ],
    ['nothing of a checkpoint whose parts are gone', [[2, '2']], { through: 2, crc64: '5' }, [1, 3, 4]],
  ])('leaves out %s', async (_name, parts, more, missing) => {
    const { told, sent, progress } = await write({ ...all, status: [has(...parts)] }, { resume: { ...fresh, ...more } })
    expect(E.isRight(told)).toBe(true)
    expect(sent).toEqual(missing.map((n) => part(n)))
    expect(progress.at(-1)).toBe(7)
  })

  test('is not what lies past the last part', async () => {
    const whole = { ...fresh, size: 6 }
    const sum = [{ crc64: String(BigInt(`0x${crcOf('abcdef')}`)) }]
    const given = { resume: whole, source: fromBytes('abcdef') }
    const { told, notes } = await write({ put: times(3, fine), confirm: sum, status: [has([4, '0'])] }, given)
    expect(E.isRight(told)).toBe(true)
    expect(notes.at(-1)).toMatchObject({ through: 3 })
  })

  test('ends with the first part that fails', async () => {
    const { told, sent, puts } = await write({ status: [has()], put: [fine, stored(403), fine] })
    expect(told).toMatchObject({ left: { http: 403 } })
    expect([sent.length, puts.length]).toEqual([2, 2])
    expect((await write({ status: [has()], put: [fine, stored(300)] })).told).toMatchObject({ left: { http: 300 } })
  })

  test('ends where a checkpoint cannot be noted, and no other follows', async () => {
    const none = await write(
      { begin: [{ status: 'begun', upload: { ...target, confirmKey: 'k' } }], abort: [{}] },
      { how: { resume: undefined, onCheckpoint: () => () => Promise.resolve(E.left(forbidden as never)) } },
    )
    expect([none.told, none.sent]).toEqual([E.left(forbidden), []])
    let notes = 0
    const onCheckpoint = () => () => Promise.resolve(++notes === 2 ? E.left(forbidden as never) : E.right(undefined))
    const { told, sent } = await write({ ...all, status: [has()] }, { how: { onCheckpoint } })
    expect([told, sent.length, notes]).toEqual([E.left(forbidden), 2, 2])
  })
})

describe('a part', () => {
  test('that the store has otherwise is sent again, by the same credentials, three times', async () => {
    const put = [...times(3, spoiled), ...all.put]
    const { told, sent, progress } = await write({ status: [has()], put, confirm })
    expect([E.isRight(told), sent]).toEqual([true, [part(1), ...times(3, part(1)), part(2), part(3), part(4)]])
    expect(progress).toEqual([2, 2, 2, 2, 4, 6, 7])
    const never = await write({ status: [has()], put: times(4, spoiled) })
    expect(never.told).toEqual(E.left({ _tag: 'ChecksumMismatch', algorithm: 'crc64xz' }))
    expect(never.sent).toHaveLength(4)
  })

  test('whose credentials expired is sent again by others', async () => {
    const renewed = { ...target, uploadId: undefined }
    const { told, asked } = await write({
      ...{ status: [has()], put: [expired, fine, expired, fine, fine, fine], confirm },
      renew: [renewed, { ...target, uploadId: 'V' }],
    })
    expect(E.isRight(told)).toBe(true)
    expect(asked.slice(1, -1)).toEqual([
      part(1),
      'renew u',
      part(1),
      part(2),
      'renew u',
      part(2, 'V'),
      part(3, 'V'),
      part(4, 'V'),
    ])
    const never = await write({ status: [has()], put: times(4, expired), renew: times(4, target) })
    expect(never.told).toMatchObject({
      left: { _tag: 'Unavailable', said: 'the signatures for the upload expire as soon as they are renewed' },
    })
    expect(never.sent).toHaveLength(4)
    const refused = await write({ status: [has()], put: [expired], renew: [forbidden] })
    expect([refused.told, refused.sent.length]).toEqual([E.left(forbidden), 1])
  })

  test('after another that is not there yet moves no checkpoint', async () => {
    const { told, notes } = await write({ ...all, put: [spoiled, ...all.put], status: [has()] }, { parallel: 2 })
    expect(E.isRight(told)).toBe(true)
    const through = notes.map((note) => (note as { readonly through: number }).through)
    expect([new Set(through).size, Math.min(...through) > 0]).toEqual([through.length, true])
    expect(through.at(-1)).toBe(4)
  })

  test('and another, both expired, ask for credentials once', async () => {
    const { told, asked } = await write(
      { ...all, put: [expired, expired, ...all.put], status: [has()], renew: [target] },
      { parallel: 2 },
    )
    expect(E.isRight(told)).toBe(true)
    expect(asked.filter((it) => it === 'renew u')).toHaveLength(1)
  })
})

describe('credentials', () => {
  const at4000 = { ...target, expiration: expiration(4000) }
  /** Seconds when each part is sent, by the number of requests so far. */
  const clocked = (script: Script, seconds: (puts: number) => number) => {
    let puts = 0
    return write(script, { now: () => seconds(puts) * 1000, how: { onProgress: () => (puts += 1) } })
  }
  const renewals = ({ asked }: { readonly asked: ReadonlyArray<string> }) =>
    asked.filter((it) => it === 'renew u').length

  test.each([
    [1000, 740, 0],
    [1000, 760, 1],
    [4000, 3690, 0],
    [4000, 3710, 1],
  ])('of %d seconds, %d of them later, are renewed: %d', async (life, later, count) => {
    const info = { ...has(), uploadPartInfo: { ...target, expiration: expiration(life) } }
    const it = await clocked({ ...all, status: [info], renew: [target] }, (puts) => (puts === 0 ? 0 : later))
    expect([E.isRight(it.told), renewals(it)]).toEqual([true, count])
  })

  test.each([
    [1740, 1],
    [1760, 2],
  ])('that were renewed are renewed again by their own life: %d', async (later, count) => {
    const info = { ...has(), uploadPartInfo: { ...target, expiration: expiration(1000) } }
    const second = { ...target, expiration: expiration(2000) }
    const it = await clocked({ ...all, status: [info], renew: [second, at4000] }, (puts) =>
      puts === 0 ? 0 : puts === 1 ? 1000 : later,
    )
    expect([E.isRight(it.told), renewals(it)]).toEqual([true, count])
  })

  test('that tell no time last', async () => {
    const info = { ...has(), uploadPartInfo: { ...target, expiration: 'some day' } }
    expect(renewals(await clocked({ ...all, status: [info] }, () => 9e9))).toBe(0)
  })

  test.each([null, undefined])('that the status does not tell (%p) are asked for', async (uploadPartInfo) => {
    const it = await write({ ...all, status: [{ ...has(), uploadPartInfo }], renew: [target] })
    expect([E.isRight(it.told), it.asked.slice(0, 2)]).toEqual([true, ['status', 'renew u']])
    const refused = await write({ status: [{ ...has(), uploadPartInfo }], renew: [forbidden] })
    expect([refused.told, refused.sent]).toEqual([E.left(forbidden), []])
  })

  test('are fresh when all is sent, or it is not confirmed', async () => {
    const it = await clocked({ ...all, status: [has()], renew: [forbidden] }, (puts) => (puts < 4 ? 0 : 9990))
    expect([it.told, it.asked.at(-1)]).toEqual([E.left(forbidden), 'renew u'])
  })
})

describe('an abort', () => {
  test('before the first part sends none, and nothing was done', async () => {
    const { told, sent } = await write({ status: [has()] }, { signal: AbortSignal.abort() })
    expect([told, sent]).toEqual([E.left({ _tag: 'Aborted', effect: 'none' }), []])
  })

  test('on the way ends what is under way, and nothing listens any more', async () => {
    const stop = new AbortController()
    const { told, sent } = await write(
      { ...all, status: [has()] },
      { signal: stop.signal, how: { onProgress: () => stop.abort() } },
    )
    expect([told, sent]).toEqual([E.left({ _tag: 'Aborted', effect: 'none' }), [part(1)]])
    const calm = new AbortController()
    await write({ ...all, status: [has()] }, { signal: calm.signal })
    expect(getEventListeners(calm.signal, 'abort')).toHaveLength(0)
  })
})
