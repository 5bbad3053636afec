// The translation to the letter: paths, times, sizes, checksums, cursors, versions, entries and pages.
import * as E from 'fp-ts/Either'
import * as translate from '../src/translate'
import { at } from './harness'

const refusedPath = E.left({
  _tag: 'UnexpectedResponse',
  effect: 'unknown',
  issues: [{ at: 'path', expected: 'path segments', got: 'array' }],
})

test.each<readonly [ReadonlyArray<string>, unknown]>([
  [[], E.right('')],
  [['a'], E.right('a')],
  [['a', 'b c'], E.right('a/b c')],
  [['a/b'], refusedPath],
  [['..'], refusedPath],
  [['a', ''], refusedPath],
  [[''], refusedPath],
])('the segments %j', (segments, path) => {
  expect(translate.toPath(segments)).toStrictEqual(path)
})

test('strategies, in the words for files and for directories', () => {
  const all = ['ask', 'rename', 'overwrite'] as const
  expect(all.map(translate.fileWord)).toStrictEqual(['ask', 'rename', 'overwrite'])
  expect(all.map(translate.directoryWord)).toStrictEqual(['ask', 'rename', 'ask'])
})

test('times of the caller', () => {
  const createdAt = new Date(0)
  const modifiedAt = new Date(1000)
  expect(translate.callerTimes({})).toStrictEqual({})
  expect(translate.callerTimes({ createdAt })).toStrictEqual({ localCreationTime: '1970-01-01T00:00:00.000Z' })
  expect(translate.callerTimes({ modifiedAt })).toStrictEqual({ localModificationTime: '1970-01-01T00:00:01.000Z' })
})

test.each([
  ['2025-09-29T02:53:09.000z', '2025-09-29T02:53:09.000Z'],
  ['2025-09-29T02:53:09Z', '2025-09-29T02:53:09.000Z'],
  ['soon', undefined],
  ['', undefined],
  [null, undefined],
  [undefined, undefined],
])('the time %j', (text, iso) => {
  expect(translate.toDate(text)?.toISOString()).toBe(iso)
})

test.each([
  ['12', 12],
  [0, 0],
  ['0', 0],
  ['', undefined],
  ['x', undefined],
  [-1, undefined],
  [1.5, undefined],
  [2 ** 53, undefined],
  [null, undefined],
  [undefined, undefined],
])('the size %j', (size, bytes) => {
  expect(translate.toSize(size)).toBe(bytes)
})

test.each([
  ['11051210869376104954', '995dc9bbdf1939fa'],
  [7, '0000000000000007'],
  [null, undefined],
  [undefined, undefined],
  ['x', undefined],
])('the checksum %j', (decimal, hex) => {
  expect(translate.toCrc64(decimal)).toBe(hex)
})

test('cursors', () => {
  expect([7, '7', '', null, undefined].map(translate.toCursor)).toStrictEqual([
    '7',
    '7',
    undefined,
    undefined,
    undefined,
  ])
})

describe('entries', () => {
  const path = at('d/e/a.txt')
  const read = (of: object, type = 'file') => translate.toEntry(path, type, of)
  const versionOf = (of: object) =>
    E.map((entry: object) => (entry as { version?: string }).version)(read({ size: 1, ...of }))

  test('a file of which nothing but its size is told', () => {
    expect(read({ size: '3' })).toStrictEqual(
      E.right({ kind: 'file', path: 'd/e/a.txt', name: 'a.txt', size: 3, checksums: {} }),
    )
    expect(read({ size: 3, inode: '', contentType: '', localCreationTime: null })).toStrictEqual(read({ size: '3' }))
    expect(read({ size: 3, inode: null, contentType: null })).toStrictEqual(read({ size: '3' }))
  })

  test('a file of which everything is told; the caller’s times win', () => {
    const vendors = { creationTime: '2025-01-01T00:00:00Z', modificationTime: '2025-01-02T00:00:00Z' }
    const callers = { localCreationTime: '2024-01-01T00:00:00Z', localModificationTime: '2024-01-02T00:00:00Z' }
    const all = { size: 3, inode: 'i', contentType: 'text/plain', eTag: '"e"', crc64: '7', ...vendors }
    const told = {
      ...{ kind: 'file', path: 'd/e/a.txt', name: 'a.txt', id: 'i', size: 3, contentType: 'text/plain' },
      ...{ checksums: { crc64xz: '0000000000000007' }, version: 'e:0000000000000007:3' },
    }
    expect(read(all)).toStrictEqual(
      E.right({ ...told, createdAt: new Date('2025-01-01'), modifiedAt: new Date('2025-01-02') }),
    )
    expect(read({ ...all, ...callers })).toStrictEqual(
      E.right({ ...told, createdAt: new Date('2024-01-01'), modifiedAt: new Date('2024-01-02') }),
    )
    expect(read({ ...all, localCreationTime: 'soon' })).toMatchObject({ right: { createdAt: new Date('2025-01-01') } })
  })

  test.each<readonly [object, string | undefined]>([
    [{}, undefined],
    [{ eTag: '' }, undefined],
    [{ eTag: '""' }, undefined],
    [{ eTag: null, crc64: null }, undefined],
    [{ eTag: 'e' }, 'e::1'],
    [{ eTag: '"e"' }, 'e::1'],
    [{ eTag: 'W/"e"' }, 'e::1'],
    [{ eTag: 'x"e"' }, 'x"e"::1'],
    [{ eTag: '"e"x' }, '"e"x::1'],
    [{ eTag: '"e\nf"' }, 'e\nf::1'],
    [{ crc64: '7' }, ':0000000000000007:1'],
    [{ eTag: '', crc64: '7' }, ':0000000000000007:1'],
  ])('the version of %j', (of, version) => {
    expect(versionOf(of)).toStrictEqual(E.right(version))
  })

  test.each<readonly [object, string]>([
    [{}, 'missing'],
    [{ size: null }, 'missing'],
    [{ size: 'x' }, 'string'],
    [{ size: -1 }, 'number'],
  ])('a file of size %j is refused', (of, got) => {
    const issues = [{ at: 'size', expected: 'a whole number of bytes', got }]
    expect(read(of)).toStrictEqual(E.left({ _tag: 'UnexpectedResponse', effect: 'none', issues }))
  })

  test.each<readonly [string, object]>([
    ['file', { kind: 'file', size: 3, checksums: {} }],
    ['image', { kind: 'file', size: 3, checksums: {} }],
    ['video', { kind: 'file', size: 3, checksums: {} }],
    ['dir', { kind: 'directory' }],
    ['symlink', { kind: 'other', what: 'symlink' }],
    ['', { kind: 'other', what: '' }],
  ])('the type %j', (type, kind) => {
    expect(read({ size: 3 }, type)).toStrictEqual(E.right({ ...kind, path: 'd/e/a.txt', name: 'a.txt' }))
  })

  test('at the root, the name is the path', () => {
    expect(translate.toDirEntry(at('a'), {})).toStrictEqual({ kind: 'directory', path: 'a', name: 'a' })
    expect(translate.toEntry(at('a'), 'link', {})).toMatchObject({ right: { name: 'a' } })
    expect(translate.toFileEntry(at('a'), { size: 1 })).toMatchObject({ right: { name: 'a' } })
  })
})

describe('pages', () => {
  const dir = { type: 'dir' }
  test('nothing is told that is not there', () => {
    expect(translate.toPage(at('d'), { contents: [] })).toStrictEqual({ items: [] })
    expect(translate.toPage(at('d'), { contents: [], nextMarker: '' })).toStrictEqual({ items: [] })
  })

  test('entries in order, the next page, and names that are no segment', () => {
    const contents = [
      { name: 'b', ...dir },
      { name: 'x/y', ...dir },
      { name: 'a', ...dir },
    ]
    expect(translate.toPage(at('d'), { contents, nextMarker: 7 })).toStrictEqual({
      items: [
        { kind: 'directory', path: 'd/b', name: 'b' },
        { kind: 'directory', path: 'd/a', name: 'a' },
      ],
      next: '7',
      skipped: ['x/y'],
    })
  })

  test.each([undefined, null, 'x', '', -1, 1.5])('a file of size %j is skipped, and spoils nothing else', (size) => {
    const contents = [
      { name: 'b', ...dir },
      { name: 'f', type: 'file', size },
      { name: 'a', ...dir },
    ]
    const { items, skipped } = translate.toPage(at('d'), { contents })
    expect([items.map(({ name }) => name), skipped]).toEqual([['b', 'a'], ['f']])
  })
})

describe('where an entry was placed', () => {
  const missing = { _tag: 'UnexpectedResponse', effect: 'unknown' }
  test.each([
    ['ask', undefined, { right: { path: 'd/a', how: 'as-asked' } }],
    ['overwrite', null, { right: { path: 'd/a', how: 'as-asked' } }],
    ['rename', ['d', 'a'], { right: { path: 'd/a', how: 'as-asked' } }],
    ['rename', ['d', 'a (1)'], { right: { path: 'd/a (1)', how: 'renamed' } }],
    ['rename', undefined, { left: missing }],
    ['rename', null, { left: missing }],
    ['ask', ['..'], { left: missing }],
  ] as const)('%s, %j', (conflict, path, placed) => {
    expect(translate.toPlaced(at('d/a'), conflict, path)).toMatchObject(placed)
  })
})
