// A file written: under which name it is announced, what is noted, and what stands when a step fails or its answer is lost.
import { fromBytes, sourceFailed, temporaryName, type Fault, type UploadSource, type WriteHow } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { createHash } from 'node:crypto'
import { p } from './bench'
import { shelf, type Shelf } from './shelf'
import { endpoints, notRecycled, state, write } from './writing'

const refused: Fault = { _tag: 'Forbidden', code: 'C' }
const lost: Fault = { _tag: 'Network' }
const taken: Fault = { _tag: 'NameConflict', code: 'taken' }
const temporary = temporaryName(p('f'), 'new')
const old = { old: { name: 'f' } }
const sha256 = createHash('sha256').update('x').digest('hex')
const known: UploadSource = { ...fromBytes('x'), checksums: { sha256 } }

const createdAt = new Date('2019-01-02T03:04:05.678Z')

describe('what is announced', () => {
  const file = { fileName: 'f', parent: 'root', length: 1, autoRename: 3, multiParts: [{ partNumber: 1, partSize: 1 }] }

  test('is the file and its parts, and no more than is known', async () => {
    const place = shelf({})
    const { answer } = await write(place)
    expect(place.announced).toEqual([file])
    expect(answer).toStrictEqual(
      E.right({
        kind: 'file',
        path: 'f',
        name: 'f',
        id: 'F1',
        size: 1,
        checksums: {},
        how: 'as-asked',
        replaced: false,
        evidence: 'vendor-checked:sha256',
      }),
    )
  })

  test('tells of the type, the time and the digest where they are given', async () => {
    const place = shelf({})
    const { answer } = await write(place, { contentType: 'text/x', createdAt }, known)
    expect(place.announced).toEqual([{ ...file, mimeType: 'text/x', sha256, createdTime: '2019-01-02T03:04:05Z' }])
    expect(answer).toMatchObject({ right: { contentType: 'text/x', createdAt: new Date('2019-01-02T03:04:05Z') } })
  })

  test('tells of no time where the settings say so', async () => {
    const place = shelf({}, {}, { createdTime: 'omit' })
    await write(place, { createdAt })
    expect(place.announced[0]?.createdTime).toBeUndefined()
  })

  test('waits for the digest, where the settings want one', async () => {
    const place = shelf({}, {}, { hashFirst: true })
    await write(place)
    expect(place.announced).toEqual([{ ...file, sha256 }])
    const fault = sourceFailed({ reason: 'unreadable' })
    const failing = await write(shelf({}, {}, { hashFirst: true }), {}, { size: 1, open: () => TE.left(fault) })
    expect([failing.answer, failing.asked]).toEqual([E.left(fault), []])
  })

  test('may be chosen by the service', async () => {
    const { answer } = await write(shelf(old), { conflict: 'rename' })
    expect(answer).toMatchObject({ right: { name: 'f_1', path: 'f_1', how: 'renamed', replaced: false } })
    const { answer: unread } = await write(shelf(old, { detail: [refused] }), { conflict: 'rename' })
    expect(unread).toMatchObject({ right: { name: 'f_1' } })
  })

  test('may be no name at all', async () => {
    const place = shelf(old, { detail: [() => E.right({ fileName: 'a/b' })] })
    expect((await write(place, { conflict: 'rename' })).answer).toMatchObject({ left: { _tag: 'InvalidPath' } })
  })

  test('goes to the folder that has the name now', async () => {
    const gone: Fault = { _tag: 'NotFound', what: 'parent', code: '13000309' }
    const place = shelf({ d: { name: 'd', fileType: '10' } }, { createFile: [gone] })
    place.context.cache.put({ kind: 'directory', path: p('d'), name: 'd', id: 'stale' }, 0)
    const { answer } = await write(place, {}, fromBytes('x'), p('d/f'))
    expect(answer).toMatchObject({ right: { path: 'd/f' } })
    expect(place.announced).toMatchObject([{ parent: 'd' }])
  })

  test('may be refused', async () => {
    const { answer, asked } = await write(shelf({}, { createFile: [refused] }), { conflict: 'overwrite' })
    expect([answer, asked]).toEqual([E.left(refused), ['createFile f 3']])
  })
})

describe('a clash', () => {
  test('is told with what is there, under ask', async () => {
    const { answer, asked } = await write(shelf(old))
    expect(answer).toMatchObject({ left: { _tag: 'NameConflict', existing: { id: 'old' }, code: 'taken' } })
    expect(asked).toEqual(['createFile f 3', 'list'])
  })

  test('with a directory is told, under overwrite', async () => {
    const { answer, asked } = await write(shelf({ d: { name: 'f', fileType: '10' } }), { conflict: 'overwrite' })
    expect(answer).toMatchObject({ left: { _tag: 'NameConflict', existing: { kind: 'directory' } } })
    expect(asked).toEqual(['createFile f 3', 'list'])
  })

  test('with an upload that nobody sees is Unavailable, under overwrite too', async () => {
    const { answer, asked } = await write(shelf({}, { createFile: [taken] }), { conflict: 'overwrite' })
    expect([E.isLeft(answer) && answer.left._tag, asked]).toEqual(['Unavailable', ['createFile f 3', 'list']])
  })

  test('may come at the end only', async () => {
    const place: Shelf = shelf({}, { completeFile: [() => (place.rename('other', 'f'), E.left(taken))] })
    const { answer } = await write(place)
    expect(answer).toMatchObject({ left: { _tag: 'NameConflict', existing: { id: 'other' } } })
  })

  test('is not looked for where something else fails at the end', async () => {
    const { answer, asked } = await write(shelf({}, { completeFile: [refused] }))
    expect([answer, asked.at(-1)]).toEqual([E.left(refused), 'completeFile F1'])
  })
})

describe('overwriting', () => {
  const overwrite = (place: Shelf, how: Partial<WriteHow> = {}) => write(place, { conflict: 'overwrite', ...how })

  test('sends the new file under a temporary name, and notes when it is there', async () => {
    const { answer, asked, notes, names } = await overwrite(shelf(old))
    expect(answer).toMatchObject({ right: { name: 'f', path: 'f', replaced: true, how: 'as-asked', id: 'F2' } })
    expect(endpoints(asked)).toEqual([
      'createFile',
      'list',
      'createFile',
      'putPart',
      'completeFile',
      'path',
      'rename',
      'rename',
      'createJob',
      'jobDetail',
    ])
    expect(asked[2]).toBe(`createFile ${temporary} 3`)
    const begun = { ...state, fileId: 'F2', name: temporary, replaces: true, partSize: 5 * 1024 * 1024 }
    expect(notes).toEqual([begun, { ...begun, sent: 1 }, { ...begun, complete: true }])
    expect(names).toEqual({ F2: 'f' })
  })

  test('takes another temporary name where that one is held', async () => {
    const { asked } = await overwrite(shelf(old, { createFile: [undefined, taken] }))
    const [, , first, second] = asked
    expect(first).toBe(`createFile ${temporary} 3`)
    expect(second).toMatch(/^createFile f\.anydrive-[0-9a-f]{12} 3$/)
    expect(second).not.toBe(first)
    const refusing = await overwrite(shelf(old, { createFile: [undefined, refused] }))
    expect([refusing.answer, refusing.asked.length]).toEqual([E.left(refused), 3])
  })

  test('leaves nothing where it fails', async () => {
    const { answer, names } = await overwrite(shelf(old, { path: [refused] }))
    expect([answer, names]).toEqual([E.left(refused), { old: 'f' }])
  })

  test('puts what it leaves not into the bin first, where the service wants that', async () => {
    const { answer, asked } = await overwrite(shelf(old, { path: [refused], jobDetail: [notRecycled('F2')] }))
    expect(answer).toEqual(E.left(refused))
    expect(asked.filter((line) => line.startsWith('createJob'))).toEqual([
      'createJob 202 F2',
      'createJob 201 F2 /F2',
      'createJob 202 F2',
    ])
  })

  test.each<readonly [string, Parameters<typeof shelf>[1]]>([
    ['TaskFailed', { rename: [undefined, refused, refused] }],
    ['Indeterminate', { rename: [undefined, { _tag: 'Indeterminate', check: 'it' }] }],
  ])('leaves all as it is where that is told by %s', async (tag, turns) => {
    const { answer, names, asked } = await overwrite(shelf(old, turns))
    expect(E.isLeft(answer) && answer.left._tag).toBe(tag)
    expect(names['F2']).toBe(temporary)
    expect(endpoints(asked)).not.toContain('createJob')
  })
})

describe('an instant upload', () => {
  const instant = (fileId: string, fileName = 'f') => E.right({ fileId, fileName, rapidUpload: true })

  test('sends nothing and notes nothing', async () => {
    const { asked, notes } = await write(shelf({}, { createFile: [() => instant('N')] }), {}, known)
    expect([asked, notes]).toEqual([['createFile f 3'], []])
  })

  test('whose answer was lost is found by its name and size', async () => {
    const place: Shelf = shelf({}, { createFile: [() => (place.rename('N', 'f'), E.left(lost))] })
    const { answer, asked } = await write(place, {}, known)
    expect(answer).toMatchObject({ right: { id: 'N', name: 'f' } })
    expect(asked).toEqual(['createFile f 3', 'list'])
  })

  test.each<readonly [string, Parameters<typeof shelf>[0]]>([
    ['nothing', {}],
    ['a directory', { d: { name: 'f', fileType: '10' } }],
    ['a file of another size', { d: { name: 'f', size: 2 } }],
  ])('is begun again where %s is found', async (_what, files) => {
    const { asked } = await write(shelf(files, { createFile: [lost, () => instant('N')] }), {}, known)
    expect(asked).toEqual(['createFile f 3', 'list', 'createFile f 3'])
  })

  test('is not the file that stood there before', async () => {
    const place = shelf(old, { createFile: [lost, () => instant('N')] })
    place.context.cache.put({ kind: 'file', path: p('f'), name: 'f', id: 'old', size: 1, checksums: {} }, 0)
    const { answer, asked } = await write(place, {}, known)
    expect(endpoints(asked)).toEqual(['createFile', 'list', 'createFile'])
    expect(answer).toMatchObject({ right: { id: 'N' } })
  })

  test('is in doubt where nobody can look, or where it may have any name', async () => {
    const doubt = E.left({ _tag: 'Indeterminate', check: '/f' })
    const blind = shelf({}, { createFile: [lost], list: [refused] })
    expect((await write(blind, {}, known)).answer).toStrictEqual(doubt)
    const renamed = shelf(old, { createFile: [lost] })
    expect((await write(renamed, { conflict: 'rename' }, known)).answer).toStrictEqual(doubt)
    expect(renamed.asked).toEqual(['createFile f 2'])
  })
})

test('an announcement without a digest is repeated unseen: nothing stands before the end', async () => {
  const { answer, asked } = await write(shelf({}, { createFile: [lost] }))
  expect(E.isRight(answer)).toBe(true)
  expect(asked).toEqual(['createFile f 3', 'createFile f 3', 'putPart x', 'completeFile F1'])
})

test('a file that was written is known from then on, and what was read before is not kept', async () => {
  const place = shelf({})
  const before = place.context.cache.generation()
  await write(place)
  expect(place.context.cache.get(p('f'))?.id).toBe('F1')
  expect(place.context.cache.generation()).toBeGreaterThan(before)
})
