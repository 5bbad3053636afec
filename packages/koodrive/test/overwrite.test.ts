// A file in the place of another: what stands, and what is told, when a step fails or somebody comes between.
import { temporaryName, type Fault } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { replaceFile } from '../src/overwrite'
import { p } from './bench'
import { shelf, type Shelf } from './shelf'

const refused: Fault = { _tag: 'Forbidden', http: 403, code: 'C', said: 'no' }
const doubtful: Fault = { _tag: 'Indeterminate', check: 'it' }
const aside = temporaryName(p('f'), 'old')
const both = { old: { name: 'f' }, new: { name: 'f.new' } }
const never = new AbortController().signal

const replace = ({ context }: Shelf) => replaceFile(context, { id: 'new', path: p('f.new') }, p('f'), never)()
const after = async (...given: Parameters<typeof shelf>) => {
  const place = shelf(...given)
  const answer = await replace(place)
  return { answer, names: place.names(), asked: place.asked }
}
const told = (partial: string, said: string, more: object = {}) =>
  E.left({ _tag: 'TaskFailed', partial, said, ...more })

test('the old file steps aside, the new one takes its name, and the old one goes to the bin', async () => {
  const { answer, names, asked } = await after(both)
  expect(answer).toStrictEqual(E.right({ replaced: true }))
  expect(names).toEqual({ new: 'f' })
  expect(asked).toEqual([
    'list',
    'path old',
    `rename old ${aside} 3`,
    'rename new f 3',
    'createJob 201 old /root/old',
    'jobDetail 1',
  ])
})

test('the old file is erased where the settings say so', async () => {
  const { asked } = await after(both, {}, { overwritten: 'purge' })
  expect(asked.filter((line) => line.startsWith('createJob'))).toEqual(['createJob 202 old'])
})

test('a name that is free is taken', async () => {
  const { answer, names } = await after({ new: { name: 'f.new' } })
  expect(answer).toStrictEqual(E.right({ replaced: false }))
  expect(names).toEqual({ new: 'f' })
})

test('a name that is free but refused is asked for once', async () => {
  const { answer, asked } = await after({ new: { name: 'f.new' } }, { rename: [refused] })
  expect(answer).toStrictEqual(E.left(refused))
  expect(asked).toEqual(['list', 'rename new f 3'])
})

describe('nothing has changed', () => {
  test.each<readonly [string, Parameters<typeof shelf>[1], object]>([
    ['the folder cannot be looked at', { list: [refused] }, refused],
    ['the path of the old file cannot be read', { path: [refused] }, refused],
    ['the old file cannot step aside', { rename: [refused] }, refused],
    ['the new file cannot take its name', { rename: [undefined, refused] }, refused],
    ['the old file cannot go', { createJob: [refused] }, refused],
  ])('where %s', async (_what, turns, fault) => {
    const { answer, names } = await after(both, turns)
    expect(answer).toStrictEqual(E.left(fault))
    expect(names).toEqual({ old: 'f', new: 'f.new' })
  })

  test('where a directory stands there', async () => {
    const { answer, names } = await after({ ...both, old: { name: 'f', fileType: '10' } })
    expect(answer).toMatchObject({ left: { _tag: 'NameConflict', existing: { kind: 'directory', id: 'old' } } })
    expect(names).toEqual({ old: 'f', new: 'f.new' })
  })
})

describe('what stands is told', () => {
  const still = 'the file that stood there is still under this temporary name'

  test('where the old file cannot be put back', async () => {
    const { answer, names, asked } = await after(both, { rename: [undefined, refused, { _tag: 'Forbidden' }] })
    expect(answer).toStrictEqual(told(aside, `${still}: no`, { code: 'C', http: 403 }))
    expect(names).toEqual({ old: aside, new: 'f.new' })
    expect(asked.at(-1)).toBe('rename old f 3')
  })

  test('where the service says nothing of why', async () => {
    const { answer } = await after(both, { rename: [undefined, { _tag: 'Forbidden' }, refused] })
    expect(answer).toStrictEqual(told(aside, still))
  })

  test('where another has taken the name of the old file meanwhile', async () => {
    const place: Shelf = shelf(both, {
      rename: [undefined, refused, () => place.rename('other', 'f')],
    })
    const said = 'the file that stood there was renamed, since another took its name: no'
    expect(await replace(place)).toStrictEqual(told('f_1', said, { code: 'C', http: 403 }))
    expect(place.names()).toEqual({ old: 'f_1', new: 'f.new', other: 'f' })
  })

  test('where the old file got a name that is none', async () => {
    const place: Shelf = shelf(both, {
      rename: [undefined, refused, () => place.rename('other', 'f')],
      detail: [() => E.right({ fileName: 'a/b' })],
    })
    expect(await replace(place)).toMatchObject({ left: { _tag: 'TaskFailed', partial: 'f' } })
  })

  test('where the old file gets no other name either', async () => {
    const place: Shelf = shelf(both, {
      rename: [undefined, refused, () => place.rename('other', 'f'), refused],
    })
    expect(await replace(place)).toStrictEqual(told(aside, `${still}: no`, { code: 'C', http: 403 }))
    expect(place.names()).toEqual({ old: aside, new: 'f.new', other: 'f' })
  })

  test('where the old file cannot go, and the new one not step back', async () => {
    const { answer, names } = await after(both, { createJob: [refused], rename: [undefined, undefined, refused] })
    const said = 'the new file is in place, the old one under this temporary name: no'
    expect(answer).toStrictEqual(told(aside, said, { code: 'C', http: 403 }))
    expect(names).toEqual({ old: aside, new: 'f' })
  })

  test('where nobody knows whether the new file took its name', async () => {
    const { answer, names, asked } = await after(both, { rename: [undefined, doubtful] })
    const check = `/f and /${aside} and /f.new; it`
    expect(answer).toStrictEqual(E.left({ _tag: 'Indeterminate', check }))
    expect(names).toEqual({ old: aside, new: 'f.new' })
    expect(asked.at(-1)).toBe('rename new f 3')
  })

  test('where nobody knows whether the old file went', async () => {
    const { answer, names } = await after(both, { createJob: [doubtful] })
    expect(answer).toStrictEqual(E.left({ _tag: 'Indeterminate', check: `/${aside}; it` }))
    expect(names).toEqual({ old: aside, new: 'f' })
  })
})

describe('somebody comes between', () => {
  test('an old file that has another name by now is left alone', async () => {
    const place: Shelf = shelf(both, { path: [() => place.rename('old', 'g')] })
    expect(await replace(place)).toStrictEqual(E.right({ replaced: false }))
    expect(place.names()).toEqual({ old: 'g', new: 'f' })
  })

  test('a name that was free and is taken now is looked at again', async () => {
    const place: Shelf = shelf({ new: { name: 'f.new' } }, { rename: [() => place.rename('other', 'f')] })
    expect(await replace(place)).toStrictEqual(E.right({ replaced: true }))
    expect(place.names()).toEqual({ new: 'f' })
  })

  test('three times, and no more often: then the clash is told', async () => {
    const taken: Fault = { _tag: 'NameConflict', code: 'taken' }
    const turns = { rename: [taken, taken, taken] }
    const held = await after({ new: { name: 'f.new' } }, turns)
    expect(held.answer).toMatchObject({ left: { _tag: 'Unavailable', code: 'taken' } })
    expect(held.asked.filter((line) => line.startsWith('rename'))).toHaveLength(3)
    const folded = await after({ new: { name: 'f.new' }, other: { name: 'F' } }, turns)
    expect(folded.answer).toMatchObject({ left: { _tag: 'NameConflict', existing: { id: 'other' }, code: 'taken' } })
  })

  test('a third look that finds the way free is enough', async () => {
    const taken: Fault = { _tag: 'NameConflict', code: 'taken' }
    const { answer } = await after({ new: { name: 'f.new' } }, { rename: [taken, taken] })
    expect(answer).toStrictEqual(E.right({ replaced: false }))
  })

  test('what cannot be looked at afterwards is told instead of the clash', async () => {
    const taken: Fault = { _tag: 'NameConflict', code: 'taken' }
    const { answer } = await after(both, { rename: [taken, taken], list: [undefined, refused] })
    expect(answer).toStrictEqual(E.left(refused))
  })

  test('a folder that has gone meanwhile is told instead of the clash', async () => {
    const taken: Fault = { _tag: 'NameConflict', code: 'taken' }
    const folder = { d: { name: 'd', fileType: '10' }, new: { name: 'f.new' } }
    const place: Shelf = shelf(folder, {
      rename: [taken, taken, () => (place.context.cache.forget(p('d')), place.rename('d', 'e'), E.left(taken))],
    })
    const answer = await replaceFile(place.context, { id: 'new', path: p('d/f.new') }, p('d/f'), never)()
    expect(answer).toStrictEqual(E.left({ _tag: 'NotFound', what: 'parent', at: 'd' }))
  })
})
