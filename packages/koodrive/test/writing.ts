// What the tests of single writes share: one write on a shelf, with what was noted.
import { fromBytes, type Json, type WriteHow } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { writeFile } from '../src/write-file'
import { p } from './bench'
import type { Shelf } from './shelf'

const { signal } = new AbortController()

/** One byte as `f`, unless told otherwise. */
export const write = async (place: Shelf, how: Partial<WriteHow> = {}, source = fromBytes('x'), path = p('f')) => {
  const notes: Array<Json> = []
  const all: WriteHow = {
    conflict: 'ask',
    keepsState: true,
    onProgress: () => undefined,
    onCheckpoint: (state) => {
      notes.push(state)
      return TE.right(undefined)
    },
    ...how,
  }
  const answer = await writeFile(place.context)(path, source, all, { signal, wait: true })()
  return { answer, notes, asked: place.asked, names: place.names() }
}
export const endpoints = (asked: ReadonlyArray<string>) => asked.map((line) => line.split(' ')[0])

/** As it is noted of one byte as `f`. */
export const state = {
  fileId: 'F',
  path: 'f',
  name: 'f',
  replaces: false,
  size: 1,
  partSize: 5,
  sent: 0,
  complete: false,
}

/** The service erases from the bin only. */
export const notRecycled = (fileId: string) => () =>
  E.right({ jobInfo: { status: 2, taskResultCode: 3 }, taskInfos: [{ fileId, status: '2', resultCode: '13000303' }] })
