// An upload that was noted: gone on with, or abandoned.
import { temporaryName, type Fault, type Json, type WriteHow } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { abandonUpload } from '../src/write-file'
import { p } from './bench'
import { shelf, type Shelf } from './shelf'
import { endpoints, notRecycled, state, write } from './writing'

const { signal } = new AbortController()
const refused: Fault = { _tag: 'Forbidden', code: 'C' }
const lost: Fault = { _tag: 'Network' }
const temporary = temporaryName(p('f'), 'new')

describe('resuming', () => {
  const other = E.left({ _tag: 'NotFound', what: 'upload', said: 'the upload is of another path or size' })

  test('goes on where it was, and notes only what is new', async () => {
    const { answer, asked, notes } = await write(shelf({}), { resume: state })
    expect(answer).toMatchObject({ right: { id: 'F' } })
    expect(asked).toEqual(['uploadUrls', 'putPart x', 'completeFile F'])
    expect(notes).toEqual([{ ...state, sent: 1 }])
  })

  test.each<readonly [string, Json, object]>([
    ['another path', { ...state, path: 'g' }, other],
    ['another size', { ...state, size: 2 }, other],
    ['nothing that is known', 'nonsense', E.left({ _tag: 'NotFound', what: 'upload' })],
  ])('an upload of %s is NotFound', async (_what, resume, gone) => {
    const { answer, asked } = await write(shelf({}), { resume })
    expect([answer, asked]).toStrictEqual([gone, []])
  })

  test('an upload under a name that is none is refused', async () => {
    const resume = { ...state, name: 'a/b', replaces: true, complete: true }
    const { answer, asked } = await write(shelf({}), { resume })
    expect(answer).toMatchObject({ left: { _tag: 'InvalidPath' } })
    expect(asked).toEqual([])
  })

  test.each([0, 1, 2])('note %i that fails ends it there', async (nth) => {
    let count = 0
    const onCheckpoint: WriteHow['onCheckpoint'] = () => (count++ === nth ? TE.left(lost) : TE.right(undefined))
    const { answer, asked } = await write(shelf({ old: { name: 'f' } }), { conflict: 'overwrite', onCheckpoint })
    const last = ['createFile', 'putPart', 'completeFile'][nth]
    expect([answer, endpoints(asked).at(-1)]).toEqual([E.left(lost), last])
  })
})

describe('abandoning', () => {
  const waiting = { ...state, replaces: true, complete: true, name: temporary }
  const abandon = async (place: Shelf, what: Json) => ({
    answer: await abandonUpload(place.context)(what, { signal, wait: true })(),
    asked: endpoints(place.asked),
  })
  const done = E.right(undefined)

  test.each<readonly [string, Json, Parameters<typeof shelf>[0], Parameters<typeof shelf>[1], object, Array<string>]>([
    ['one that is not complete', { ...waiting, complete: false }, { F: { name: temporary } }, {}, done, []],
    ['one that replaces nothing', { ...waiting, replaces: false }, { F: { name: temporary } }, {}, done, []],
    ['one that is gone', waiting, {}, {}, done, ['detail']],
    ['one that is in place', waiting, { F: { name: 'f' } }, {}, done, ['detail']],
    ['one that waits', waiting, { F: { name: temporary } }, {}, done, ['detail', 'createJob', 'jobDetail']],
    ['one that cannot be seen', waiting, {}, { detail: [refused] }, E.left(refused), ['detail']],
    [
      'one that cannot go',
      waiting,
      { F: { name: temporary } },
      { createJob: [refused] },
      E.left(refused),
      ['detail', 'createJob'],
    ],
    ['nonsense', 'nonsense', {}, {}, E.left({ _tag: 'NotFound', what: 'upload' }), []],
  ])('%s', async (_what, what, files, turns, answer, asked) => {
    expect(await abandon(shelf(files, turns), what)).toStrictEqual({ answer, asked })
  })

  test('one that must lie in the bin first', async () => {
    const place = shelf({ F: { name: temporary } }, { jobDetail: [notRecycled('F')] })
    expect((await abandon(place, waiting)).answer).toEqual(done)
    expect(place.asked.filter((line) => line.startsWith('createJob'))).toEqual([
      'createJob 202 F',
      'createJob 201 F /F',
      'createJob 202 F',
    ])
  })

  test('one that the job could not erase, unless it is gone', async () => {
    const failing = (resultCode: string) => () =>
      E.right({ jobInfo: { status: 2, taskResultCode: 3 }, taskInfos: [{ fileId: 'F', status: '2', resultCode }] })
    const answer = async (resultCode: string) =>
      (await abandon(shelf({ F: { name: temporary } }, { jobDetail: [failing(resultCode)] }), waiting)).answer
    expect(await answer('13000410')).toMatchObject({ left: { _tag: 'Forbidden', code: '13000410' } })
    expect(await answer('13000309')).toEqual(done)
  })
})
