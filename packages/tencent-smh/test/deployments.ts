// A bench on either deployment, with uploads of a few parts, and uploads that end as if their process had been killed.
import type { UploadRef, WriteOptions } from '@anydrive/core'
import { locate } from '@anydrive/core/adapter'
import type { TencentSmhOptions } from '@anydrive/emulators'
import * as E from 'fp-ts/Either'
import { createCipheriv } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import type { TencentSmhDrive } from '../src'
import { at, right, startBench, type Bench } from './harness'

export const mebibyte = 1024 * 1024
export const size = 5 * mebibyte + 123
/** No part of it is like another. */
export const bytes = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(size))
export const small = { singleUpTo: mebibyte, partSize: mebibyte, parallel: 3, instant: false } as const

/** Ends each bench after its test. */
export const benches = (): ((options?: TencentSmhOptions, settings?: object) => Promise<Bench>) => {
  const running: Array<Bench> = []
  afterEach(() => Promise.all(running.splice(0).map(({ emulator }) => emulator.close())))
  return async (options = {}, settings = {}) => {
    const bench = await startBench({ deployment: 'private', ...options }, { upload: small, ...settings })
    running.push(bench)
    return bench
  }
}

export const content = async (drive: TencentSmhDrive, path: string): Promise<Buffer> =>
  buffer((await right(drive.readFile(at(path)))).stream)

const uploading = ['beginMultipartUpload', 'beginSimpleUpload', 'renewUpload', 'uploadStatus', 'confirmUpload']
/** Endpoints of the requests of uploads that were refused with 400. */
export const refused = ({ emulator }: Bench): ReadonlyArray<string> =>
  uploading.flatMap((endpoint) =>
    emulator.requests
      .list(endpoint)
      .filter(({ status }) => status === 400)
      .map(() => endpoint),
  )

const killed = locate({ vendor: 'test', operation: 'stat' })({ _tag: 'Forbidden' })

/** The checkpoints; the one with this number is the last thing that its process does. */
export const killedAt = (number = Infinity) => {
  const refs: Array<UploadRef> = []
  const onCheckpoint: WriteOptions['onCheckpoint'] = (ref) => () => {
    refs.push(JSON.parse(JSON.stringify(ref)) as UploadRef)
    return Promise.resolve(refs.length >= number ? E.left(killed) : E.right(undefined))
  }
  const last = (): UploadRef => {
    const ref = refs.at(-1)
    if (ref === undefined) throw new Error('no checkpoint')
    return ref
  }
  return { refs, onCheckpoint, last }
}
