// Uploads in one request: what is begun anew, what is freed, what a checkpoint is good for, and confirming.
import { locate } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import type { Reply } from './recorder'
import { crcOf, decimal, startService, times, type Script, type Service } from './service'

let service: Service
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.close())

const text = 'abc'
const put = `put ${text}`
const stored: Reply = [200]
const expired: Reply = [403, '<Message>Request has expired</Message>']
const corrupted: Reply = [200, '', { 'x-cos-hash-crc64ecma': '1' }]
const forbidden: Reply = [403, { code: 'NoPermission' }]
const gone: Reply = [404, { code: 'UploadNotFound' }]
const missing: Reply = [404, { code: 'FileNotFound' }]
const file = { type: 'file', size: '3', crc64: decimal(text) }
const confirmed = (more: object = {}): Reply => [200, { path: ['d', 'f'], ...file, ...more }]
const begun = (): Reply => [201, service.target()]
const failing = locate({ vendor: 'test', operation: 'stat' })({ _tag: 'Forbidden' })
const write = (script: Script, more: Parameters<Service['write']>[2] = {}) => service.write(script, text, more)

describe('an upload in one request', () => {
  test('is begun, sent and confirmed; the store is told neither a part nor an upload', async () => {
    const { answer, requests, states } = await write({ begin: [begun()], put: [stored], confirm: [confirmed()] })
    expect(answer).toMatchObject(E.right({ path: 'd/f', size: 3, how: 'as-asked', evidence: 'vendor-checked:crc64xz' }))
    expect(requests).toEqual(['begin', put, 'confirm k'])
    const state = { kind: 'single', upload: 'k', path: 'd/f', size: 3, conflict: 'ask' }
    expect(states).toEqual([state, { ...state, crc64: crcOf(text) }])
  })

  const thrice = <A>(value: A) => times(3, value)
  const again = ['begin', put]
  test.each<readonly [string, () => Script, ReadonlyArray<string>, object]>([
    [
      'whose signature always expires is unavailable',
      () => ({ begin: thrice(begun()), put: thrice(expired) }),
      [...again, ...again, ...again],
      { _tag: 'Unavailable', effect: 'none' },
    ],
    [
      'of which the store always has other bytes is a mismatch',
      () => ({ begin: thrice(begun()), put: thrice(corrupted) }),
      [...again, ...again, ...again, 'abort k'],
      { _tag: 'ChecksumMismatch', algorithm: 'crc64xz' },
    ],
    [
      'that is always forgotten before it is confirmed is gone',
      () => ({ begin: thrice(begun()), put: thrice(stored), confirm: thrice(gone) }),
      [...again, 'confirm k', ...again, 'confirm k', ...again, 'confirm k'],
      { _tag: 'NotFound', what: 'upload' },
    ],
    [
      'that the store refuses is not begun again',
      () => ({ begin: [begun()], put: [[403, '<Code>AccessDenied</Code>']] }),
      again,
      { http: 403, code: 'cos:AccessDenied' },
    ],
    ['that cannot be begun leaves nothing', () => ({ begin: [forbidden] }), ['begin'], { _tag: 'Forbidden' }],
  ])('%s', async (_name, script, requests, fault) => {
    const ended = await write(script())
    expect([ended.answer, ended.requests]).toMatchObject([E.left(fault), requests])
  })

  test('is confirmed after a second beginning, once', async () => {
    const script = { begin: times(2, begun()), put: [expired, stored], confirm: [confirmed()] }
    const { answer, requests } = await write(script)
    expect([E.isRight(answer), requests]).toEqual([true, [...again, ...again, 'confirm k']])
  })
})

describe('confirming', () => {
  const confirming = (confirm: ReadonlyArray<Reply>, script: Script = {}, more: Parameters<typeof write>[1] = {}) =>
    write({ begin: [begun()], put: [stored], confirm, ...script }, more)

  test.each<readonly [string, object, object]>([
    ['another name', { path: ['d', 'f (1)'] }, { path: 'd/f (1)', name: 'f (1)', how: 'renamed' }],
    ['that something was replaced', { isOverwritten: true }, { replaced: true }],
    ['null of whether something was replaced', { isOverwritten: null }, { how: 'as-asked' }],
    ['no checksum', { crc64: null }, { checksums: {} }],
    ['no size', { size: null }, { size: 3 }],
  ])('the service says %s', async (_name, more, written) => {
    expect((await confirming([confirmed(more)])).answer).toMatchObject(E.right(written))
  })

  test.each([{ size: 4 }, { crc64: '8' }])('%j is another file', async (more) => {
    expect((await confirming([confirmed(more)])).answer).toMatchObject(E.left({ _tag: 'ChecksumMismatch' }))
  })

  test.each<readonly [string, object, Reply, object]>([
    ['is confirmed', { confirmed: true, path: ['d', 'f'] }, [200, file], { right: { path: 'd/f', how: 'as-asked' } }],
    ['without a path', { confirmed: true }, [200, file], { right: { path: 'd/f' } }],
    ['of which no file is seen', { confirmed: true }, missing, { left: { _tag: 'Indeterminate', likely: 'done' } }],
    [
      'of another file',
      { confirmed: true },
      [200, { type: 'dir' }],
      { left: { _tag: 'Indeterminate', found: { kind: 'directory' } } },
    ],
  ])('after 503, an upload that %s', async (_name, status, find, expected) => {
    const { answer, requests } = await confirming([[503]], { status: [[200, status]], find: [find] })
    expect(answer).toMatchObject(expected)
    expect(requests).toEqual(['begin', put, 'confirm k', 'status k', 'find f'])
  })

  test('after 503, an upload that is not confirmed is confirmed again, but not under rename', async () => {
    const status: ReadonlyArray<Reply> = [[200, { confirmed: false }]]
    const { answer, requests } = await confirming([[503], confirmed()], { status })
    expect([E.isRight(answer), requests.slice(2)]).toEqual([true, ['confirm k', 'status k', 'confirm k']])
    const renaming = await confirming([[503], confirmed()], { status }, { conflict: 'rename' })
    expect(renaming.answer).toMatchObject(E.left({ _tag: 'Indeterminate', likely: 'not-done' }))
    expect(renaming.requests.slice(2)).toEqual(['confirm k', 'status k'])
  })

  test('after 503, an upload that is forgotten is in doubt, whatever is seen', async () => {
    const seen = await confirming([[503]], { status: [gone], find: [[200, file]] })
    expect(seen.answer).toMatchObject(E.left({ _tag: 'Indeterminate', likely: 'done', found: { path: 'd/f' } }))
    const unseen = await confirming([[503]], { status: [gone], find: [missing] })
    expect(unseen.answer).toMatchObject(E.left({ _tag: 'Indeterminate', likely: 'not-done' }))
  })

  test('of what was confirmed before is done', async () => {
    const complete: Reply = [409, { code: 'UploadComplete' }]
    const status: ReadonlyArray<Reply> = [[200, { confirmed: true, path: ['d', 'f'] }]]
    expect((await confirming([complete], { status, find: [[200, file]] })).answer).toMatchObject(
      E.right({ path: 'd/f' }),
    )
    expect((await confirming([complete], { status, find: [missing] })).answer).toMatchObject(
      E.left({ _tag: 'Indeterminate' }),
    )
  })
})

describe('what a failure leaves behind', () => {
  const state = { kind: 'single', upload: 'old', path: 'd/f', size: 3, conflict: 'ask', crc64: crcOf(text) } as const

  test.each<readonly [string, Reply, string, boolean]>([
    ['a refusal keeps the upload for resuming', forbidden, 'Forbidden', false],
    ['other bytes free it', [400, { code: 'BadCrc64' }], 'ChecksumMismatch', true],
    ['moderation frees it', [451, { code: 'SensitiveContentRecognized' }], 'Rejected', true],
    ['an unknown outcome keeps it', [503], 'Indeterminate', false],
  ])('%s', async (_name, reply, tag, isFreed) => {
    const script = { confirm: [reply], status: [forbidden], find: [missing] }
    const { answer, requests } = await write(script, { state })
    expect(answer).toMatchObject({ left: { _tag: tag } })
    expect(requests.includes('abort old')).toBe(isFreed)
  })

  test.each<readonly [Reply, boolean]>([
    [gone, false],
    [[409, { code: 'UploadComplete' }], false],
    [forbidden, true],
  ])('%j to freeing it is logged: %j', async (reply, isLogged) => {
    const script = { confirm: [[400, { code: 'BadCrc64' }]] as ReadonlyArray<Reply>, abort: [reply] }
    const { logged } = await write(script, { state })
    expect(logged).toEqual(isLogged ? [{ name: 'upload not freed', fault: 'Forbidden' }] : [])
  })
})

describe('a checkpoint', () => {
  const state = { kind: 'single', upload: 'old', path: 'd/f', size: 3, conflict: 'ask' } as const

  test('that fails ends the upload', async () => {
    for (const failsAt of [1, 2]) {
      let checkpoints = 0
      const onCheckpoint = () => () => Promise.resolve(++checkpoints === failsAt ? E.left(failing) : E.right(undefined))
      const { answer, requests } = await write({ begin: [begun()], put: [stored] }, { onCheckpoint })
      expect([answer, requests]).toEqual([E.left(failing), ['begin', ...(failsAt === 2 ? [put] : [])]])
    }
  })

  test('of bytes that are there needs only the confirmation; of others it is begun anew', async () => {
    const sent = await write({ confirm: [confirmed()] }, { state: { ...state, crc64: crcOf(text) } })
    expect([E.isRight(sent.answer), sent.requests]).toEqual([true, ['confirm old']])
    const script = { begin: [begun()], put: [stored], confirm: [confirmed()] }
    expect((await write(script, { state })).requests).toEqual(['abort old', 'begin', put, 'confirm k'])
  })

  test.each<readonly [string, object, object]>([
    ['of another path', { path: 'd/g' }, { _tag: 'NotFound', what: 'upload' }],
    ['of a longer file', { size: 4 }, { _tag: 'SourceFailed', reason: 'shorter' }],
    ['of a shorter file', { size: 2 }, { _tag: 'SourceFailed', reason: 'longer' }],
    ['of no kind that is known', { kind: 'other' }, { _tag: 'NotFound', what: 'upload' }],
  ])('%s is refused, and nothing is sent', async (_name, more, fault) => {
    const { answer, requests } = await write({}, { state: { ...state, ...more } })
    expect([answer, requests]).toMatchObject([E.left(fault), []])
  })
})
