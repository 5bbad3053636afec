// A success needs the fields that prove it; whatever else comes with 2xx is looked up, and claimed only with proof.
import { fromBytes, type DriveError, type Result, type UploadRef } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { TencentSmhDrive } from '../src'
import { at, bytesOf, left, right } from './harness'
import { startRecorder, type Recorder, type Reply } from './recorder'

let recorder: Recorder
beforeAll(async () => {
  recorder = await startRecorder()
})
afterAll(() => recorder.close())

const strategies = ['ask', 'rename', 'overwrite'] as const
/** Bodies of 2xx that prove nothing, cut ones among them. */
const empty: ReadonlyArray<string> = [
  '{}',
  'null',
  '[]',
  '{"name":"w"}',
  '{"creationTime": "20',
  '<html></html>',
  '{"path":"w"}',
]
const large = bytesOf(1024 * 1024 + 1)
const missing: Reply = [404, { code: 'FileNotFound' }]
const cases = strategies.flatMap((conflict) => empty.map((body) => [conflict, body] as const))
const unfinished: UploadRef = {
  vendor: 'tencent-smh',
  state: { kind: 'single', upload: 'k', path: 'w', size: 3, conflict: 'ask' },
}
const isUncertain = (error: DriveError): boolean =>
  error._tag === 'Indeterminate' || ('effect' in error && error.effect === 'none')

/** The service answers each change like this, and shows nothing. */
const nothingThere = (status: number, body: string, requests = 12): void =>
  recorder.script(...Array.from({ length: requests }, (_, i): Reply => (i % 2 === 0 ? [status, body] : missing)))

describe.each(cases)('under %s, answered with %s and no effect', (conflict, body) => {
  test('createDir', async () => {
    for (const status of [200, 201]) {
      nothingThere(status, body)
      const error = await left(recorder.open().createDir(at('w'), { conflict }))
      expect(isUncertain(error)).toBe(true)
      const sent = recorder.lines().filter((line) => line.startsWith('PUT')).length
      if (conflict === 'rename') expect([error._tag, sent]).toEqual(['Indeterminate', 1])
    }
  })

  test('copyDir', async () => {
    recorder.script([200, body], [200, { type: 'dir' }], missing, ...Array.from({ length: 9 }, (): Reply => [500, '']))
    const error = await left(recorder.open().copyDir(at('a'), at('w'), { conflict }))
    expect(isUncertain(error)).toBe(true)
  })

  test('writeFile, at the beginning and at the confirmation', async () => {
    recorder.script(...Array.from({ length: 12 }, (): Reply => [200, body]))
    const begun = await left(recorder.open().writeFile(at('w'), fromBytes('abc'), { conflict }))
    expect(isUncertain(begun)).toBe(true)
    const upload = {
      domain: recorder.host,
      path: '/o',
      headers: {},
      confirmKey: 'k',
      expiration: '2999-01-01T00:00:00Z',
    }
    recorder.script(
      [201, upload],
      [200],
      [200, body],
      [200, { confirmed: false }],
      ...Array.from({ length: 9 }, () => missing),
    )
    const confirmed = await left(recorder.open().writeFile(at('w'), fromBytes('abc'), { conflict }))
    expect(isUncertain(confirmed)).toBe(true)
  })

  test('an instant upload', async () => {
    recorder.script([202], ...Array.from({ length: 12 }, (_, i): Reply => (i % 2 === 0 ? [200, body] : missing)))
    const error = await left(recorder.open().writeFile(at('w'), fromBytes(large), { conflict }))
    expect(isUncertain(error)).toBe(true)
  })

  test('batchMove and batchRemove', async () => {
    for (const run of [
      () => recorder.open().batchMove([{ from: at('a'), to: at('w'), conflict }]),
      () => recorder.open().batchRemove([at('a')]),
    ]) {
      recorder.script(
        [200, body],
        [200, { type: 'dir', inode: 'i' }],
        ...Array.from({ length: 12 }, (): Reply => [500, '']),
      )
      const answer = await run()()
      if (E.isLeft(answer)) expect(isUncertain(answer.left)).toBe(true)
      else expect(answer.right.outcomes).toMatchObject([{ status: 'failed', error: { _tag: 'Indeterminate' } }])
    }
  })
})

describe('what happened although its response does not decode', () => {
  test.each(empty)('a directory that is newer than the request: %s', async (body) => {
    recorder.script([201, body], [200, { type: 'dir', inode: 'i', creationTime: '2999-01-01T00:00:00.000Z' }])
    expect(await right(recorder.open().createDir(at('w')))).toMatchObject({ path: 'w', how: 'as-asked', id: 'i' })
  })

  test.each(empty)('a confirmed upload: %s', async (body) => {
    const upload = {
      domain: recorder.host,
      path: '/o',
      headers: {},
      confirmKey: 'k',
      expiration: '2999-01-01T00:00:00Z',
    }
    const info = { type: 'file', size: '9', crc64: '11051210869376104954' }
    recorder.script([201, upload], [200], [200, body], [200, { confirmed: true, path: ['w'] }], [200, info])
    expect(await right(recorder.open().writeFile(at('w'), fromBytes('123456789')))).toMatchObject({
      ...{ path: 'w', how: 'as-asked', evidence: 'vendor-checked:crc64xz' },
    })
  })

  test('an instant upload is as sure as what the service says of it', async () => {
    const bytes = bytesOf(1024 * 1024 + 1)
    const placed = { path: ['w'], size: String(bytes.length) }
    recorder.script([202], [200, placed])
    expect(await right(recorder.open().writeFile(at('w'), fromBytes(bytes)))).toMatchObject({ evidence: 'size' })
    recorder.script([202], [200, { ...placed, crc64: '7' }], [204])
    expect(await left(recorder.open().writeFile(at('w'), fromBytes(bytes)))).toMatchObject({ _tag: 'ChecksumMismatch' })
  })
})

describe('a name that is taken', () => {
  const taken: Reply = [409, { code: 'SameNameDirectoryOrFileExists' }]
  test.each<readonly [string, (drive: ReturnType<Recorder['open']>) => Parameters<typeof left>[0]]>([
    ['createDir', (drive) => drive.createDir(at('Readme'))],
    ['copyDir', (drive) => drive.copyDir(at('a'), at('Readme'))],
    ['writeFile', (drive) => drive.writeFile(at('Readme'), fromBytes('abc'))],
  ])('under another spelling is a conflict without an entry: %s', async (_name, run) => {
    recorder.script(taken, missing)
    const error = await left(run(recorder.open()))
    expect(error).toMatchObject({ _tag: 'NameConflict', http: 409 })
    expect(error).not.toHaveProperty('existing')
    expect(recorder.seen()).toHaveLength(2)
  })

  test('is what exists there, or a file among the parents', async () => {
    recorder.script(taken, [200, { type: 'dir', inode: 'i' }])
    expect(await left(recorder.open().createDir(at('d/e')))).toMatchObject({
      _tag: 'NameConflict',
      existing: { id: 'i' },
    })
    recorder.script(taken, missing, [200, { type: 'file', size: 1 }])
    expect(await left(recorder.open().createDir(at('d/e')))).toMatchObject({ _tag: 'WrongKind', at: 'd' })
  })
})

test('a batch whose requests all met 504 is told item by item', async () => {
  const gateway: Reply = [504, '<html>504 Gateway Time-out</html>']
  const entry = (inode: string): Reply => [200, { type: 'file', size: 1, inode }]
  const items = ['a', 'b'].map((name) => ({ from: at(name), to: at(`to-${name}`) }))
  // Sources first, then targets.
  const before = [gateway, entry('a'), entry('b'), missing, missing]
  recorder.script(...before, ...before, gateway, missing, missing, entry('a'), entry('b'))
  expect(await right(recorder.open({ http: { concurrency: 1 } }).batchMove(items))).toMatchObject({
    outcomes: [
      { status: 'done', path: 'to-a' },
      { status: 'done', path: 'to-b' },
    ],
  })
  recorder.script(...before, ...before, ...before)
  expect(await right(recorder.open({ http: { concurrency: 1 } }).batchMove(items))).toMatchObject({
    outcomes: items.map(() => ({
      status: 'failed',
      attempted: true,
      error: { _tag: 'Indeterminate', likely: 'not-done' },
    })),
  })
})

describe('after 503, a copied file is proved by its content and the service’s own time', () => {
  const [late, early] = ['2999-01-01T00:00:00.000Z', '2001-01-01T00:00:00.000Z']
  const source = { type: 'file', size: '3', crc64: '7', creationTime: early, modificationTime: early }
  test.each<readonly [string, 'ask' | 'overwrite' | 'rename', object, object]>([
    ['new, with its content', 'ask', { creationTime: late }, { status: 'done', path: 'x', how: 'as-asked' }],
    ['new, with other content', 'ask', { creationTime: late, crc64: '8' }, { error: { _tag: 'Indeterminate' } }],
    ['new, under rename', 'rename', { creationTime: late }, { error: { _tag: 'Indeterminate', likely: 'done' } }],
    ['with the time of its source', 'ask', {}, { error: { _tag: 'Indeterminate', likely: 'done' } }],
    ['of no time', 'ask', { creationTime: null }, { error: { _tag: 'Indeterminate', likely: 'done' } }],
    ['older', 'ask', { creationTime: '2002-01-01T00:00:00.000Z' }, { error: { _tag: 'NameConflict' } }],
    ['a directory', 'ask', { type: 'dir', creationTime: late }, { error: { _tag: 'NameConflict' } }],
    ['replaced since', 'overwrite', { modificationTime: late }, { status: 'done', path: 'x' }],
    ['with its modification', 'overwrite', { creationTime: late }, { error: { _tag: 'Indeterminate' } }],
  ])('%s, under %s', async (_name, conflict, target, outcome) => {
    recorder.script([503, ''], [200, source], [200, { ...source, ...target }])
    const { outcomes } = await right(recorder.open().batchCopy([{ from: at('a'), to: at('x'), conflict }]))
    expect(outcomes).toMatchObject([outcome])
    expect(recorder.lines().filter((line) => line.startsWith('POST'))).toHaveLength(1)
  })

  test.each([{ modificationTime: '2002-01-01T00:00:00.000Z' }, { modificationTime: late, crc64: '8' }])(
    'what it is to replace, with %j, is not the copy: it is requested again',
    async (target) => {
      const copied: Reply = [200, { result: [{ status: 204, copyFrom: ['a'], to: ['x'] }] }]
      recorder.script([503, ''], [200, source], [200, { ...source, ...target }], copied)
      const { outcomes } = await right(
        recorder.open().batchCopy([{ from: at('a'), to: at('x'), conflict: 'overwrite' }]),
      )
      expect(outcomes).toMatchObject([{ status: 'done', path: 'x' }])
    },
  )
})

describe.each([200, 202].flatMap((status) => empty.map((body) => [status, body] as const)))(
  'a change with nothing to report, answered %d %s, is not done',
  (status, body) => {
    test.each<readonly [string, (drive: TencentSmhDrive) => Result<unknown>]>([
      ['abandonUpload', (drive) => drive.abandonUpload(unfinished)],
      ['abortUpload', ({ smh }) => smh.abortUpload('k')],
      ['deleteSpace', ({ smh }) => smh.deleteSpace('s')],
      ['emptyTrash', (drive) => drive.emptyTrash()],
      ['setTimes', (drive) => drive.setTimes(at('f'), { modifiedAt: new Date(0) })],
    ])('%s', async (_name, call) => {
      recorder.script(...Array.from({ length: 9 }, (): Reply => [status, body]))
      expect((await left(call(recorder.open())))._tag).toMatch(/^(UnexpectedResponse|Indeterminate)$/)
    })

    test('revokeToken', async () => {
      recorder.script([200, { type: 'dir' }], ...Array.from({ length: 9 }, (): Reply => [status, body]))
      const drive = recorder.open()
      await right(drive.stat(at('d')))
      expect((await left(drive.smh.revokeToken()))._tag).toMatch(/^(UnexpectedResponse|Indeterminate)$/)
    })
  },
)
