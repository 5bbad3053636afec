// The object store's side: parts put to and contents got from presigned URLs.
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { type Call, type Reply, type Route } from '../common/route'
import { objectStoreError } from './envelope'
import { type Content } from './contents'
import { signatureProblem } from './presign'
import { keepPart } from './uploads'
import { type Upload, type World } from './world'

const queryOf = (call: Call): URLSearchParams => new URLSearchParams(call.query as Iterable<[string, string]>)

/** Refuses wrong and outdated signatures, and (strict) an Authorization header beside the signature. */
const problemOf = (world: World, call: Call): Reply | undefined => {
  if (world.strict && call.headers.authorization !== undefined) return objectStoreError(400, 'InvalidArgument')
  const path = `/${call.params['objectKey'] ?? ''}`
  const contentLength = call.headers['content-length']
  const problem = signatureProblem({ method: call.method, path, query: queryOf(call), contentLength }, world.now())
  return problem === undefined ? undefined : objectStoreError(403, problem)
}

const uploadFor = (world: World, call: Call): Upload | undefined =>
  [...world.uploads.values()].find(
    ({ objectKey, uploadId }) => objectKey === call.params['objectKey'] && uploadId === call.query.get('uploadId'),
  )

/** Takes the beginning of the body and hangs up. */
const hangUp = async ({ stream }: Call): Promise<void> => {
  if (stream.headers['content-length'] !== '0') await once(stream, 'data')
  stream.socket.destroy()
}

const putPart = async (world: World, call: Call, endpoint: string): Promise<Reply> => {
  if (call.headers['content-length'] === undefined) return objectStoreError(411, 'MissingContentLength')
  const problem = problemOf(world, call)
  if (problem !== undefined) return problem
  const upload = uploadFor(world, call)
  if (upload === undefined) return objectStoreError(404, 'NoSuchUpload')
  if (world.faults.strikes(endpoint, 'put')) {
    await hangUp(call)
    return objectStoreError(400, 'IncompleteBody')
  }
  const { id, size, digests } = await world.blobs.write(call.stream as AsyncIterable<Uint8Array>)
  if (world.uploads.get(upload.fileId) !== upload) {
    world.blobs.release(id)
    return objectStoreError(404, 'NoSuchUpload')
  }
  keepPart(world, upload, Number(call.query.get('partNumber')), { blob: { id, size }, sha256: digests.sha256 })
  return { status: 200, headers: { etag: `"${digests.sha256.slice(0, 32)}"` } }
}

type Range = Readonly<{ start: number; end: number }>

/** Half-open; undefined: no (or no single) range was asked for; `none`: nothing of it is there. */
const rangeOf = (header: string | undefined, size: number): Range | 'none' | undefined => {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === '' && last === '') return undefined
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1)
  return start < end ? { start, end } : 'none'
}

/** The bytes up to the middle, then an end without an end. */
async function* broken(source: Readable, size: number): AsyncGenerator<Uint8Array> {
  let left = Math.floor(size / 2)
  for await (const chunk of source as AsyncIterable<Buffer>) {
    yield chunk.subarray(0, left)
    left -= chunk.byteLength
    if (left <= 0) break
  }
  throw new Error('hung up in the middle of a body')
}

const bodyOf = (world: World, content: Content, range: Range, endpoint: string): Readable => {
  const whole = world.blobs.read(content.segments, range.start, range.end)
  if (!world.faults.strikes(endpoint, 'get')) return whole
  return Readable.from(broken(whole, range.end - range.start), { objectMode: false })
}

const getObject = (world: World, call: Call, endpoint: string): Reply => {
  const problem = problemOf(world, call)
  if (problem !== undefined) return problem
  const content = world.contents.get(call.params['objectKey'] ?? '')
  if (content === undefined) return objectStoreError(404, 'NoSuchKey')
  const { size } = content
  const range = rangeOf(call.headers.range, size)
  const disposition = call.query.get('response-content-disposition')
  const headers = {
    'content-type': 'application/octet-stream',
    'accept-ranges': 'bytes',
    etag: `"${content.sha256.slice(0, 32)}"`,
    ...(disposition === undefined ? {} : { 'content-disposition': disposition }),
  }
  if (range === 'none')
    return { ...objectStoreError(416, 'InvalidRange'), headers: { 'content-range': `bytes */${size}` } }
  const { start, end } = range ?? { start: 0, end: size }
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      ...headers,
      'content-length': end - start,
      ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end - 1}/${size}` }),
    },
    body: bodyOf(world, content, { start, end }, endpoint),
  }
}

export const objectRoutes = (world: World): ReadonlyArray<Route> => [
  {
    name: 'putPart',
    method: 'PUT',
    path: '/:objectKey',
    body: 'stream',
    handle: (call, endpoint) => putPart(world, call, endpoint),
  },
  {
    name: 'getObject',
    method: 'GET',
    path: '/:objectKey',
    handle: (call, endpoint) => getObject(world, call, endpoint),
  },
]
