// Uploads in parts, request by request: what the service has already, credentials that expire, and the checkpoints that follow.
import { fromBytes, type ByteSpan } from '@anydrive/core'
import { locate, sourceFailed } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { getEventListeners } from 'node:events'
import type { Reply } from './recorder'
import { crcOf, decimal, startService, times, type Script, type Service } from './service'

let service: Service
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.close())

const text = 'abcdefg'
const noted = { kind: 'multipart', upload: 'u', path: 'd/f', size: 7, conflict: 'ask', partSize: 2 } as const
const fresh = { ...noted, through: 0, crc64: '0000000000000000' }
const stored: Reply = [200]
const expired: Reply = [403, 'Request has expired']
const corrupted: Reply = [200, '', { 'x-cos-hash-crc64ecma': '1' }]
const forbidden: Reply = [403, { code: 'NoPermission' }]
const confirm: ReadonlyArray<Reply> = [[200, { path: ['d', 'f'], size: '7', crc64: decimal(text) }]]
const all = { put: times(4, stored), confirm }
const has = (...parts: ReadonlyArray<readonly [number, string]>) => ({
  confirmed: false,
  parts: parts.map(([PartNumber, Size]) => ({ PartNumber, Size })),
  uploadPartInfo: service.target(),
})
const status = (...parts: ReadonlyArray<readonly [number, string]>): Script => ({ status: [[200, has(...parts)]] })
const part = (n: number, upload = 'U') => `put ${n} of ${upload} ${text.slice(2 * n - 2, 2 * n)}`
const write = (script: Script, more: Parameters<Service['write']>[2] = {}) =>
  service.write(script, text, { state: fresh, ...more })
const failing = locate({ vendor: 'test', operation: 'stat' })({ _tag: 'Forbidden' })

describe('what is sent', () => {
  test('is every part, and the checkpoint follows', async () => {
    const { answer, requests, states, progress } = await write({ ...all, ...status() })
    expect(answer).toMatchObject(E.right({ size: 7, checksums: { crc64xz: crcOf(text) } }))
    expect(requests).toEqual(['status u', part(1), part(2), part(3), part(4), 'confirm u'])
    const through = (n: number) => ({ ...noted, through: n, crc64: crcOf(text.slice(0, 2 * n)) })
    expect(states).toEqual([through(1), through(2), through(3), through(4)])
    expect(progress.at(-1)).toBe(7)
  })

  test('is one part at least, from the beginning', async () => {
    const begun = await service.write({ begin: [[201, service.target()]], put: [stored], confirm }, text)
    expect(begun.requests).toEqual(['begin', `put 1 of U ${text}`, 'confirm k'])
    const whole = { ...noted, upload: 'k', partSize: 1024 * 1024 }
    expect(begun.states).toEqual([
      { ...whole, through: 0, crc64: fresh.crc64 },
      { ...whole, through: 1, crc64: crcOf(text) },
    ])
    const refused = await service.write({ begin: [forbidden] }, text)
    expect([refused.answer, refused.requests]).toMatchObject([E.left({ _tag: 'Forbidden' }), ['begin']])
  })

  test.each<readonly [string, ReadonlyArray<readonly [number, string]>, object, ReadonlyArray<number>]>([
    [
      'what the service has',
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
  ])('does not include %s', async (_name, parts, more, missing) => {
    const { answer, requests, progress } = await write(
      { ...all, ...status(...parts) },
      { state: { ...fresh, ...more } },
    )
    expect(E.isRight(answer)).toBe(true)
    expect(requests.slice(1, -1)).toEqual(missing.map((n) => part(n)))
    expect(progress.at(-1)).toBe(7)
  })

  test('ends with the first part that fails', async () => {
    const refused: Reply = [403, '<Error><Code>AccessDenied</Code></Error>']
    const { answer, requests } = await write({ ...status(), put: [stored, refused, stored] })
    expect([answer, requests.length]).toMatchObject([E.left({ http: 403, code: 'cos:AccessDenied' }), 3])
  })

  test('ends where a checkpoint fails, and no other follows', async () => {
    let checkpoints = 0
    const onCheckpoint = () => () => Promise.resolve(++checkpoints === 2 ? E.left(failing) : E.right(undefined))
    const { answer, requests } = await write({ ...all, ...status() }, { onCheckpoint })
    expect([answer, requests, checkpoints]).toEqual([E.left(failing), ['status u', part(1), part(2)], 2])
  })

  test('is read once more only where no checkpoint has its checksum', async () => {
    const whole = fromBytes(text)
    const run = async (failures: number, state: object, ...parts: ReadonlyArray<readonly [number, string]>) => {
      const read: Array<ByteSpan> = []
      const open: typeof whole.open = (span, its) =>
        read.push(span) <= failures
          ? () => Promise.resolve(E.left(sourceFailed({ reason: 'unreadable' })))
          : whole.open(span, its)
      const ended = await write({ ...all, ...status(...parts) }, { state, source: { ...whole, open } })
      return { ...ended, starts: read.map(({ start }) => start) }
    }
    const through2 = { ...noted, through: 2, crc64: crcOf('abcd') }
    expect((await run(0, through2, [1, '2'], [2, '2'], [3, '2'])).starts).toEqual([4, 6])
    expect((await run(0, fresh, [2, '2'], [3, '2'])).starts).toEqual([2, 4, 0, 6])
    const unreadable = await run(1, fresh, [1, '2'])
    expect(unreadable.answer).toMatchObject({ left: { _tag: 'SourceFailed', reason: 'unreadable' } })
    expect(unreadable.requests).toEqual(['status u', 'abort u'])
  })
})

describe('a part', () => {
  test('that the store has otherwise is sent again, by the same credentials, three times', async () => {
    const { answer, requests } = await write({ ...status(), put: [...times(3, corrupted), ...all.put], confirm })
    expect(E.isRight(answer)).toBe(true)
    expect(requests.slice(1, -1)).toEqual([...times(4, part(1)), part(2), part(3), part(4)])
    const never = await write({ ...status(), put: times(9, corrupted) })
    expect(never.answer).toMatchObject(E.left({ _tag: 'ChecksumMismatch', algorithm: 'crc64xz' }))
    expect(never.requests).toEqual(['status u', ...times(4, part(1)), 'abort u'])
  })

  test.each([500, 503])('is sent again after %d', async (code) => {
    const { answer, requests } = await write({
      ...status(),
      put: [[code], stored, [code], [code], ...all.put],
      confirm,
    })
    expect(E.isRight(answer)).toBe(true)
    expect(requests.slice(1, -1)).toEqual([...times(2, part(1)), ...times(3, part(2)), part(3), part(4)])
  })

  test('whose credentials expired is sent again with others', async () => {
    const renewed = (uploadId: string | undefined): Reply => [200, { ...service.target(), uploadId }]
    const put = [expired, stored, expired, stored, stored, stored]
    const { answer, requests } = await write({ ...status(), put, confirm, renew: [renewed(undefined), renewed('V')] })
    expect(E.isRight(answer)).toBe(true)
    expect(requests.slice(1, -1)).toEqual([
      ...[part(1), 'renew u', part(1), part(2), 'renew u', part(2, 'V'), part(3, 'V'), part(4, 'V')],
    ])
    const never = await write({ ...status(), put: times(9, expired), renew: times(9, renewed('U')) })
    expect(never.answer).toMatchObject(E.left({ _tag: 'Unavailable', effect: 'none' }))
    const refused = await write({ ...status(), put: [expired], renew: [forbidden] })
    expect(refused.answer).toMatchObject(E.left({ _tag: 'Forbidden' }))
  })

  test('and another, both expired, ask for credentials once', async () => {
    const put = [expired, expired, ...all.put]
    const renew: ReadonlyArray<Reply> = [[200, service.target()]]
    const { answer, requests } = await write({ ...status(), put, renew, confirm }, { upload: { parallel: 2 } })
    expect(E.isRight(answer)).toBe(true)
    expect(requests.filter((request) => request === 'renew u')).toHaveLength(1)
  })

  test('after another that is not complete moves no checkpoint', async () => {
    const put = [corrupted, ...all.put]
    const { states } = await write({ ...all, put, ...status() }, { upload: { parallel: 2 } })
    const through = states.map((state) => (state as { readonly through: number }).through)
    expect(through).toEqual([...new Set(through)].sort((a, b) => a - b))
    expect(through.at(-1)).toBe(4)
  })
})

describe('credentials', () => {
  /** The seconds by the number of progress events so far. */
  const clocked = (script: Script, seconds: (events: number) => number) => {
    let events = 0
    return write(script, { now: () => seconds(events) * 1000, onProgress: () => (events += 1) })
  }
  const lasting = (seconds: number): Script => ({
    status: [[200, { ...has(), uploadPartInfo: service.target(seconds) }]],
  })

  test.each([
    [1000, 740, 0],
    [1000, 760, 1],
    [4000, 3690, 0],
    [4000, 3710, 1],
  ])('of %d seconds, %d of them later, are renewed: %d', async (life, later, count) => {
    const renew: ReadonlyArray<Reply> = [[200, service.target()]]
    const it = await clocked({ ...all, ...lasting(life), renew }, (events) => (events === 0 ? 0 : later))
    expect([E.isRight(it.answer), it.requests.filter((request) => request === 'renew u').length]).toEqual([true, count])
  })

  test('of a time that is none last', async () => {
    const info = { ...service.target(), expiration: 'some day' }
    const it = await clocked({ ...all, status: [[200, { ...has(), uploadPartInfo: info }]] }, () => 9e9)
    expect(E.isRight(it.answer)).toBe(true)
  })

  test.each([null, undefined])('that the status does not contain (%p) are asked for', async (uploadPartInfo) => {
    const unnamed: Script = { status: [[200, { ...has(), uploadPartInfo }]] }
    const it = await write({ ...all, ...unnamed, renew: [[200, service.target()]] })
    expect([E.isRight(it.answer), it.requests.slice(0, 2)]).toEqual([true, ['status u', 'renew u']])
  })

  test('are fresh when all is sent, or it is not confirmed', async () => {
    const it = await clocked({ ...all, ...status(), renew: [forbidden] }, (events) => (events < 4 ? 0 : 9990))
    expect([it.answer, it.requests.at(-1)]).toMatchObject([E.left({ _tag: 'Forbidden' }), 'renew u'])
  })
})

describe('an abort', () => {
  test('on the way ends what is being sent, and nothing listens any more', async () => {
    const stop = new AbortController()
    const { answer } = await write({ ...all, ...status() }, { signal: stop.signal, onProgress: () => stop.abort() })
    expect(answer).toMatchObject(E.left({ _tag: 'Aborted', effect: 'none' }))
    const quiet = new AbortController()
    await write({ ...all, ...status() }, { signal: quiet.signal })
    expect(getEventListeners(quiet.signal, 'abort')).toHaveLength(0)
  })
})

describe('an upload that was confirmed before', () => {
  const file = { type: 'file', size: '7', crc64: decimal(text) }
  test.each<readonly [string, object, Reply, object]>([
    ['is the file at its path', { path: ['d', 'g'] }, [200, file], { right: { path: 'd/g', how: 'renamed' } }],
    ['without a path', { path: null }, [200, file], { right: { path: 'd/f', how: 'as-asked' } }],
    ['of which no file is seen', {}, [404, {}], { left: { _tag: 'Indeterminate' } }],
    [
      'of which another file is seen',
      {},
      [200, { ...file, crc64: '1' }],
      { left: { _tag: 'Indeterminate', found: { path: 'd/f' } } },
    ],
  ])('%s', async (_name, more, find, expected) => {
    const { answer, requests } = await write({ status: times(2, [200, { confirmed: true, ...more }]), find: [find] })
    expect(answer).toMatchObject(expected)
    expect(requests.every((request) => !request.startsWith('put') && !request.startsWith('abort'))).toBe(true)
  })
})
