// The two ends of an upload, beginning and confirming: what is believed of an answer, and what is looked at where one got lost.
import type { Entry, Fault, WriteHow } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { beginUpload, namedConflict } from '../src/begin'
import { confirm, confirmedAt, placedInstantly } from '../src/confirm'
import { createChainedHash } from '../src/instant'
import { resumeParts } from '../src/multipart'
import { at } from './harness'
import { crc64, dir, file, scripted, signal, writing, type Said } from './scripted'

const lost: Fault = { _tag: 'Unavailable', http: 500 }
const complete: Fault = { _tag: 'NameConflict', http: 409, code: 'UploadComplete' }
const entry = { kind: 'file', path: 'd/f', name: 'f', size: 3, checksums: { crc64xz: crc64 } }
const checked = { how: 'as-asked', evidence: 'vendor-checked:crc64xz' }

describe('confirming', () => {
  const confirmed = async (
    script: Parameters<typeof scripted>[0],
    standing?: ReadonlyArray<Entry>,
    how?: Partial<WriteHow>,
  ) => {
    const service = scripted(script, { standing })
    return {
      told: await confirm(service.smh, writing(how), 'u', crc64)(),
      asked: service.asked,
      events: service.events,
    }
  }
  const answered = async (answer: object) => (await confirmed({ confirm: [answer] })).told

  test.each<readonly [string, object, object]>([
    [
      'everything',
      { path: ['d', 'f'], size: '3', crc64: '7', isOverwritten: false },
      { ...entry, ...checked, replaced: false },
    ],
    ['another name', { path: ['d', 'f (1)'], size: 3 }, { path: 'd/f (1)', name: 'f (1)', how: 'renamed' }],
    ['that something was replaced', { isOverwritten: true }, { replaced: true }],
    ['null of whether something was replaced', { isOverwritten: null }, { how: 'as-asked' }],
  ])('an answer that tells %s', async (_name, answer, written) => {
    expect(await answered(answer)).toMatchObject(E.right(written))
  })

  test('an answer that tells nothing is what was sent, but for a checksum', async () => {
    expect(await answered({})).toStrictEqual(E.right({ ...entry, checksums: {}, ...checked }))
    expect(await answered({ size: null, crc64: null, isOverwritten: null })).toStrictEqual(await answered({}))
  })

  test('times that are not told are those asked for', async () => {
    const untold = { localCreationTime: null, localModificationTime: null, creationTime: '2002-01-01T00:00:00Z' }
    const how = { createdAt: new Date(1000), modifiedAt: new Date(2000) }
    expect((await confirmed({ confirm: [untold] }, [], how)).told).toMatchObject({ right: how })
  })

  test.each([{ size: 4 }, { crc64: '8' }])('%j is another file', async (answer) => {
    expect(await answered(answer)).toStrictEqual(E.left({ _tag: 'ChecksumMismatch', algorithm: 'crc64xz' }))
  })

  test('a path of null is a parent that is gone, and one that is none is refused', async () => {
    expect(await answered({ path: null })).toStrictEqual(E.left({ _tag: 'NotFound', what: 'parent' }))
    expect(await answered({ path: ['a/b'] })).toMatchObject({ left: { _tag: 'UnexpectedResponse' } })
  })

  test.each<readonly [string, Said, ReadonlyArray<Entry>, string]>([
    ['at the path of the status', { confirmed: true, path: ['d', 'g'] }, [file('d/g')], 'd/g'],
    ['at the path asked for, where the status tells none', { confirmed: true }, [file('d/f')], 'd/f'],
    ['at the path asked for, where the status tells null', { confirmed: true, path: null }, [file('d/f')], 'd/f'],
    [
      'at the path asked for, where the upload is forgotten',
      { _tag: 'NotFound', what: 'upload' },
      [file('d/f')],
      'd/f',
    ],
  ])('a lost answer: the file stands %s', async (_name, status, standing, path) => {
    const how = path === 'd/f' ? 'as-asked' : 'renamed'
    for (const first of [lost, complete]) {
      const { told, asked } = await confirmed({ confirm: [first], status: [status] }, standing)
      expect(told).toStrictEqual(E.right({ ...standing[0], how, evidence: 'vendor-checked:crc64xz' }))
      expect(asked).toStrictEqual(['confirm', 'status', `find ${path}`])
    }
  })

  test('a lost answer: what is not confirmed is confirmed again', async () => {
    const { told, asked } = await confirmed({ confirm: [lost, { size: 3 }], status: [{ confirmed: false }] })
    expect(told).toMatchObject({ right: { path: 'd/f' } })
    expect(asked).toStrictEqual(['confirm', 'status', 'confirm'])
  })

  test.each<readonly [string, Said, ReadonlyArray<Entry>]>([
    ['status', { _tag: 'Forbidden' }, [file('d/f')]],
    ['path', { confirmed: true, path: ['a/b'] }, [file('d/f')]],
    ['file', { confirmed: true }, []],
  ])('a lost answer whose %s cannot be told is in doubt', async (_name, status, standing) => {
    const { told, asked } = await confirmed({ confirm: [lost], status: [status] }, standing)
    expect(told).toMatchObject({ left: { _tag: 'Indeterminate', check: '/d/f, and names like "f" beside it' } })
    expect(asked.filter((it) => it === 'confirm')).toHaveLength(1)
  })

  test('an upload that is complete, of which no file is seen, has failed', async () => {
    const { told } = await confirmed({ confirm: [complete], status: [{ confirmed: true }] })
    expect(told).toStrictEqual(E.left({ _tag: 'TaskFailed' }))
  })

  test('a name that is taken is told with what stands there', async () => {
    const { told, asked } = await confirmed({ confirm: [{ _tag: 'NameConflict' }] })
    expect(told).toStrictEqual(E.left({ _tag: 'NameConflict', existing: dir('d/f') }))
    expect(asked).toStrictEqual(['confirm'])
  })

  test('a content type is set afterwards, unless it is so already; its failure is told to the log alone', async () => {
    const how = { contentType: 'text/plain' }
    const set = await confirmed({ confirm: [{}], type: [{}] }, [], how)
    expect(set.told).toMatchObject({ right: { contentType: 'text/plain' } })
    expect(set.asked).toStrictEqual(['confirm', 'type'])
    expect((await confirmed({ confirm: [{ contentType: 'text/plain' }] }, [], how)).asked).toStrictEqual(['confirm'])
    const failed = await confirmed({ confirm: [{ contentType: 'a/b' }], type: [{ _tag: 'Forbidden' }] }, [], how)
    expect(failed.told).toMatchObject({ right: { contentType: 'a/b' } })
    expect(failed.events).toStrictEqual([{ name: 'content-type not set', fault: 'Forbidden' }])
  })
})

test.each<readonly [string, Entry | undefined, string | undefined, boolean]>([
  ['nothing', undefined, crc64, false],
  ['a directory', dir('x'), undefined, false],
  ['another size', file('x', { size: 4 }), crc64, false],
  ['another checksum', file('x', { checksums: { crc64xz: '0000000000000008' } }), crc64, false],
  ['no checksum', file('x', { checksums: {} }), crc64, false],
  ['the same', file('x'), crc64, true],
  ['the same size, where no checksum is known', file('x', { checksums: {} }), undefined, true],
])('what stands is what was sent? %s', async (_name, standing, sum, same) => {
  const { smh } = scripted({}, { standing: standing === undefined ? [] : [standing] })
  const seen = await confirmedAt(smh, writing({}, 'abc', 'd/f'), at('x'), sum)()
  if (same) expect(seen).toMatchObject({ right: { _tag: 'Right', right: { how: 'renamed' } } })
  else expect(seen).toStrictEqual(E.right('unknown'))
})

test('a file placed at once is as sure as its checksum', async () => {
  const placed = async (sum?: string) => placedInstantly(scripted({}).smh, writing(), { size: 3 }, sum)()
  expect(await placed()).toMatchObject({ right: { evidence: 'size' } })
  expect(await placed(crc64)).toMatchObject({ right: { evidence: 'vendor-reported:crc64xz' } })
})

describe('beginning', () => {
  const mebibyte = 1024 * 1024
  const bytes = Buffer.alloc(mebibyte, 'a')
  const sum = async (): Promise<string> => {
    const begun = await beginUpload(
      scripted({ begin: [{ status: 'candidate' }, { status: 'placed', file: {} }] }).smh,
      writing({}, bytes),
      false,
    )()
    return E.isRight(begun) && begun.right.status === 'placed' ? (begun.right.crc64 ?? '') : ''
  }
  const begin = async (
    script: ReadonlyArray<Said>,
    {
      how = {},
      standing = [],
      small = false,
    }: { readonly how?: Partial<WriteHow>; readonly standing?: ReadonlyArray<Entry>; readonly small?: boolean } = {},
  ) => {
    const service = scripted({ begin: script }, { standing })
    return { told: await beginUpload(service.smh, writing(how, small ? 'abc' : bytes), false)(), asked: service.asked }
  }
  const begun = { status: 'begun', upload: { confirmKey: 'k' } }
  const nothing = E.left({
    _tag: 'UnexpectedResponse',
    issues: [{ at: 'confirmKey', expected: 'an upload, or a file', got: 'missing' }],
  })
  const hash = createChainedHash()
  hash.update(bytes)
  const { beginningHash, fullHash } = hash.digest()
  const first = { beginningHash, size: String(mebibyte) }

  test('a small file sends no hash; neither an upload nor a file is refused', async () => {
    expect(await begin([begun], { small: true })).toStrictEqual({ told: E.right(begun), asked: ['begin {}'] })
    expect((await begin([{ status: 'candidate' }], { small: true })).told).toStrictEqual(nothing)
  })

  test('a larger one sends the hash of its beginning, and of the whole only where it is asked for', async () => {
    expect(await begin([begun])).toStrictEqual({ told: E.right(begun), asked: [`begin ${JSON.stringify(first)}`] })
    const placed = { status: 'placed', file: {} }
    expect(await begin([{ status: 'candidate' }, placed])).toStrictEqual({
      told: E.right({ ...placed, crc64: await sum() }),
      asked: [`begin ${JSON.stringify(first)}`, `begin ${JSON.stringify({ ...first, fullHash })}`],
    })
    expect((await begin([{ status: 'candidate' }, { status: 'candidate' }])).told).toStrictEqual(nothing)
    expect((await begin([placed])).told).toStrictEqual(E.right({ ...placed, crc64: undefined }))
  })

  test('a lost answer to the hash of the whole: the file itself tells', async () => {
    const ours = file('d/f', { size: mebibyte, checksums: { crc64xz: await sum() } })
    const others = [
      file('d/f', { size: mebibyte, checksums: { crc64xz: crc64 } }),
      file('d/f', { size: 3, checksums: { crc64xz: await sum() } }),
      dir('d/f'),
    ]
    const script = [{ status: 'candidate' }, lost, begun]
    const after = async (standing: ReadonlyArray<Entry>, conflict: WriteHow['conflict']) =>
      (await begin(script, { standing, how: { conflict } })).told
    for (const conflict of ['ask', 'overwrite'] as const)
      expect(await after([ours], conflict)).toStrictEqual(E.right({ status: 'placed', file: {}, crc64: await sum() }))
    expect(await after([ours], 'rename')).toMatchObject({ left: { _tag: 'Indeterminate', check: '/d/f' } })
    expect(await after([], 'rename')).toStrictEqual(E.right(begun))
    for (const other of others) {
      expect(await after([other], 'ask')).toMatchObject({ left: { _tag: 'NameConflict', existing: other } })
      expect(await after([other], 'overwrite')).toMatchObject(
        other.kind === 'file' ? E.right(begun) : { left: { _tag: 'NameConflict', existing: other } },
      )
    }
  })

  test('a conflict is named exactly, unless it is already', async () => {
    const { smh } = scripted({})
    const named = async (fault: Fault) => namedConflict(smh, at('d/f'), signal)(fault)()
    expect(await named({ _tag: 'NameConflict' })).toStrictEqual(E.left({ _tag: 'NameConflict', existing: dir('d/f') }))
    expect(await named({ _tag: 'NameConflict', existing: file('x') })).toStrictEqual(
      E.left({ _tag: 'NameConflict', existing: file('x') }),
    )
    expect(await named({ _tag: 'Forbidden' })).toStrictEqual(E.left({ _tag: 'Forbidden' }))
  })
})

describe('taking up an upload in parts that was confirmed', () => {
  const state = {
    kind: 'multipart',
    upload: 'u',
    path: at('d/f'),
    size: 3,
    conflict: 'ask',
    partSize: 1,
    through: 1,
    crc64,
  } as const
  const resumed = (status: Said, standing: ReadonlyArray<Entry> = []) =>
    resumeParts(scripted({ status: [status] }, { standing }).smh, writing(), state, {
      upload: undefined,
    })()

  test.each<readonly [string, object, string]>([
    ['elsewhere', { path: ['d', 'g'] }, 'd/g'],
    ['without a path', {}, 'd/f'],
    ['with a path of null', { path: null }, 'd/f'],
  ])('%s', async (_name, more, path) => {
    expect(await resumed({ confirmed: true, ...more }, [file(path)])).toMatchObject({ right: { path } })
  })

  test('and of which no file is seen is in doubt', async () => {
    expect(await resumed({ confirmed: true })).toStrictEqual(E.left({ _tag: 'Indeterminate', check: '/d/f' }))
    expect(await resumed({ confirmed: true, path: ['a/b'] })).toMatchObject({ left: { _tag: 'UnexpectedResponse' } })
    expect(await resumed({ _tag: 'Forbidden' })).toStrictEqual(E.left({ _tag: 'Forbidden' }))
  })
})
