// Uploads of one request, step by step: what is begun anew, what is freed, and what a checkpoint is good for.
import { createDigests } from '@anydrive/checksums'
import { parsePath, sourceFailed, temporaryName, type Fault, type Json, type WriteHow } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { incomingName } from '../src/replace'
import { abandonUpload, writeFile } from '../src/upload'
import { at } from './harness'
import { file, nothing, scripted, signal, stored, writing, type Script } from './scripted'

const crcOf = (text: string): string => {
  const digests = createDigests(['crc64xz'])
  digests.update(Buffer.from(text))
  return digests.digest().crc64xz
}
const target = { domain: 'store', path: '/o', headers: {}, expiration: '2026-01-01T00:00:00Z' }
const begun = { status: 'begun', upload: { ...target, confirmKey: 'k' } }
const expired = stored(403, '<Message>Request has expired</Message>')
const spoiled = stored(200, '', '1')
const fine = stored(200)
const gone: Fault = { _tag: 'NotFound', what: 'upload' }
const forbidden: Fault = { _tag: 'Forbidden' }
const put = 'put object https://store/o abc'
const plan = { upload: { singleUpTo: 3, partSize: 2, parallel: 1, instant: false } }

const write = async (script: Script, how: Partial<WriteHow> = {}, standing = [file('none')]) => {
  const { smh, asked, events, puts } = scripted(script, { standing, settings: plan })
  const it = writing(how)
  const told = await writeFile(smh)(it.path, it.source, it.how, { signal, wait: true })()
  return { told, asked, events, puts }
}

describe('an upload of one request', () => {
  test('is begun, sent and confirmed', async () => {
    const progress: Array<number> = []
    const { told, asked } = await write(
      { begin: [begun], put: [fine], confirm: [{}] },
      { onProgress: (bytes) => progress.push(bytes) },
    )
    expect(told).toMatchObject(E.right({ path: 'd/f', size: 3, how: 'as-asked' }))
    expect(asked).toEqual(['begin {}', put, 'confirm'])
    expect(progress).toEqual([3])
  })

  test('names no part and no upload to the store', async () => {
    const upload = { ...begun.upload, uploadId: 'U' }
    const { puts } = await write({ begin: [{ ...begun, upload }], put: [fine], confirm: [{}] })
    expect(puts).toMatchObject([{ endpoint: 'put object', query: {} }])
    expect(puts[0]?.query).toStrictEqual({})
  })

  test('is done where the service has the content', async () => {
    const { told, asked } = await write({ begin: [{ status: 'placed', file: { crc64: '7' } }] })
    expect(told).toMatchObject(E.right({ evidence: 'size', checksums: { crc64xz: '0000000000000007' } }))
    expect(asked).toEqual(['begin {}'])
  })

  test.each<readonly [string, Script, ReadonlyArray<string>, object]>([
    [
      'whose signature expired thrice is unavailable',
      { begin: [begun, begun, begun], put: [expired, expired, expired] },
      ['begin {}', put, 'begin {}', put, 'begin {}', put, 'abort k'],
      { _tag: 'Unavailable', said: 'the signatures expire before it is done' },
    ],
    [
      'of which the store has other bytes thrice is a mismatch',
      { begin: [begun, begun, begun], put: [spoiled, spoiled, spoiled] },
      ['begin {}', put, 'begin {}', put, 'begin {}', put, 'abort k'],
      { _tag: 'ChecksumMismatch', algorithm: 'crc64xz' },
    ],
    [
      'that is forgotten before it is confirmed is begun thrice',
      { begin: [begun, begun, begun], put: [fine, fine, fine], confirm: [gone, gone, gone] },
      ['begin {}', put, 'confirm', 'begin {}', put, 'confirm', 'begin {}', put, 'confirm', 'abort k'],
      gone,
    ],
    [
      'whose parent is gone is not begun again',
      { begin: [begun], put: [fine], confirm: [{ _tag: 'NotFound', what: 'parent' }] },
      ['begin {}', put, 'confirm', 'abort k'],
      { _tag: 'NotFound', what: 'parent' },
    ],
    [
      'that the store refuses is not begun again',
      { begin: [begun], put: [stored(403, '<Code>AccessDenied</Code>')] },
      ['begin {}', put, 'abort k'],
      { http: 403, code: 'cos:AccessDenied' },
    ],
    ['that cannot be begun leaves nothing', { begin: [forbidden] }, ['begin {}'], forbidden],
  ])('%s', async (_name, script, requests, fault) => {
    const { told, asked } = await write({ ...script, abort: [{}] })
    expect(told).toMatchObject(E.left(fault))
    expect(asked).toEqual(requests)
  })

  test('is confirmed after a second beginning, once', async () => {
    const { told, asked } = await write({ begin: [begun, begun], put: [expired, stored(299)], confirm: [{}] })
    expect(E.isRight(told)).toBe(true)
    expect(asked.filter((it) => it === 'confirm')).toHaveLength(1)
  })
})

describe('what a failure leaves', () => {
  const failing = (fault: Fault, how: Partial<WriteHow>, abort: object = {}) =>
    write({ begin: [begun], put: [stored(200)], confirm: [fault], status: [{ confirmed: true }], abort: [abort] }, how)
  const keepsState = true

  test.each<readonly [Fault, boolean, boolean]>([
    [forbidden, false, true],
    [forbidden, keepsState, false],
    [{ _tag: 'ChecksumMismatch', algorithm: 'crc64xz' }, keepsState, true],
    [{ _tag: 'Rejected' }, keepsState, true],
    [sourceFailed({ reason: 'shorter' }), keepsState, true],
    [{ _tag: 'Unavailable', http: 500 }, false, false],
  ])('%j, the state kept: %j, is freed: %j', async (fault, keeps, freed) => {
    const { told, asked } = await failing(fault, { keepsState: keeps })
    // After a lost answer nobody knows.
    expect(told).toMatchObject({ left: { _tag: fault._tag === 'Unavailable' ? 'Indeterminate' : fault._tag } })
    expect(asked.includes('abort k')).toBe(freed)
  })

  test.each<readonly [Fault, boolean]>([
    [gone, false],
    [{ _tag: 'NameConflict', code: 'UploadComplete' }, false],
    [{ _tag: 'NotFound', what: 'source' }, true],
    [forbidden, true],
  ])('%j to freeing it is told to the log: %j', async (fault, told) => {
    const { events } = await failing(forbidden, {}, fault)
    expect(events).toEqual(told ? [{ name: 'upload not freed', fault: fault._tag }] : [])
  })

  test.each<readonly [Fault | object, E.Either<object, unknown>]>([
    [{}, E.right(undefined)],
    [gone, E.right(undefined)],
    [{ _tag: 'NameConflict', code: 'UploadComplete' }, E.right(undefined)],
    [{ _tag: 'NotFound', what: 'source' }, E.left({ _tag: 'NotFound', what: 'source' })],
    [forbidden, E.left(forbidden)],
  ])('abandoned, and answered %j', async (answer, result) => {
    const { smh, asked } = scripted({ abort: [answer] })
    const state: Json = { kind: 'single', upload: 'k', path: 'd/f', size: 3, conflict: 'ask' }
    expect(await abandonUpload(smh)(state, { signal, wait: true })()).toEqual(result)
    expect(asked).toEqual(['abort k'])
    expect(await abandonUpload(smh)({ kind: 'other' }, { signal, wait: true })()).toEqual(E.left(gone))
  })
})

describe('a checkpoint', () => {
  const state = { kind: 'single', upload: 'old', path: 'd/f', size: 3, conflict: 'ask' } as const
  const resumed = (resume: Json, script: Script = {}) => write(script, { resume })

  test('is noted once it is begun, and once the bytes are there', async () => {
    const notes: Array<Json> = []
    const onCheckpoint: WriteHow['onCheckpoint'] = (note) => () => {
      notes.push(note)
      return Promise.resolve(E.right(undefined))
    }
    await write({ begin: [begun], put: [fine], confirm: [{}] }, { onCheckpoint })
    const first = { ...state, upload: 'k' }
    expect(notes).toEqual([first, { ...first, crc64: crcOf('abc') }])
  })

  test('that cannot be noted ends the upload', async () => {
    for (const failing of [1, 2]) {
      let notes = 0
      const onCheckpoint: WriteHow['onCheckpoint'] = () => () =>
        Promise.resolve(++notes === failing ? E.left(forbidden as never) : E.right(undefined))
      const { told, asked } = await write({ begin: [begun], put: [fine], abort: [{}] }, { onCheckpoint })
      expect(told).toEqual(E.left(forbidden))
      expect(asked).toEqual(['begin {}', ...(failing === 2 ? [put] : []), 'abort k'])
    }
  })

  test('of bytes that are there needs only the confirmation', async () => {
    const { told, asked } = await resumed({ ...state, crc64: crcOf('abc') }, { confirm: [{}] })
    expect([E.isRight(told), asked]).toEqual([true, ['confirm']])
    const failed = await resumed({ ...state, crc64: crcOf('abc') }, { confirm: [forbidden], abort: [{}] })
    expect(failed.asked).toEqual(['confirm', 'abort old'])
  })

  test('of bytes that are not there is begun anew', async () => {
    const { asked } = await resumed(state, { abort: [{}], begin: [begun], put: [fine], confirm: [{}] })
    expect(asked).toEqual(['abort old', 'begin {}', put, 'confirm'])
  })

  test.each<readonly [string, object, object]>([
    ['of another path', { path: 'd/g' }, gone],
    ['of a longer file', { size: 4 }, { _tag: 'SourceFailed', reason: 'shorter' }],
    ['of a shorter file', { size: 2 }, { _tag: 'SourceFailed', reason: 'longer' }],
    ['of nobody', { kind: 'other' }, gone],
  ])('%s is refused, and nothing is asked', async (_name, more, fault) => {
    const { told, asked } = await resumed({ ...state, ...more })
    expect(told).toEqual(E.left(fault))
    expect(asked).toEqual([])
  })
})

describe('a file that may not be replaced', () => {
  const historic: Fault = { _tag: 'NameConflict', code: 'OverwriteFileNotAllowed' }
  const incoming = incomingName(at('d/f'))
  test('goes up under a name that every attempt at it has', () => {
    expect(incoming).toBe(`d/${temporaryName(at('d/f'), 'new')}`)
  })

  const aside = incoming.replace(/[^/]*$/, '')
  const moved = { begin: [historic, begun], put: [fine], confirm: [{}] }

  test('goes up beside it and takes its place', async () => {
    const { told, asked } = await write({ ...moved, move: [{}, {}], delete: [{}] }, { conflict: 'overwrite' })
    expect(told).toMatchObject(E.right({ path: 'd/f', name: 'f', how: 'as-asked', replaced: true, size: 3 }))
    const old = asked[4]?.split(' ')[2] ?? ''
    expect(E.isRight(parsePath(old)) && old.startsWith(aside) && old !== incoming).toBe(true)
    expect(asked).toEqual([
      ...['begin {}', 'begin {}', put, 'confirm', `move d/f ${old}`, `move ${incoming} d/f`],
      `delete ${JSON.stringify([{ path: old, permanent: false }])}`,
    ])
  })

  test('is put back and the new one removed where that fails', async () => {
    const { told, asked } = await write(
      { ...moved, move: [{}, forbidden, {}], delete: [{}] },
      { conflict: 'overwrite', resume: undefined },
    )
    expect(told).toEqual(E.left(forbidden))
    expect(asked.slice(-2)).toEqual([
      expect.stringMatching(/^move .* d\/f$/),
      `delete ${JSON.stringify([{ path: incoming, permanent: false }])}`,
    ])
  })

  test('stays where the new one cannot be sent, or nobody asked to replace it', async () => {
    const failed = await write({ begin: [historic, forbidden] }, { conflict: 'overwrite' })
    expect([failed.told, failed.asked]).toEqual([E.left(forbidden), ['begin {}', 'begin {}']])
    const asked = await write({ begin: [historic], find: [nothing] })
    expect(asked.told).toMatchObject({ left: { _tag: 'NameConflict' } })
    expect(asked.asked.filter((it) => it.startsWith('begin'))).toHaveLength(1)
    const other = await write({ begin: [forbidden] }, { conflict: 'overwrite' })
    expect(other.asked).toEqual(['begin {}'])
  })
})
