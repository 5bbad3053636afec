// The object store behind SMH: bodies in, bodies out, errors in XML (docs/wire/tencent-smh.md, the COS side).
import Busboy from '@fastify/busboy'
import { Readable } from 'node:stream'
import { type Call, type Reply, type Route } from '../common'
import { contentTypeOf, iso } from './entries'
import { cosError } from './errors'
import { linkState } from './object-link'
import { requestId } from './operation'
import { type Content } from './nodes'
import { type Part } from './contents'
import { type Upload } from './records'
import { putPart } from './upload-store'
import { partExpiry, partHeaders } from './upload-targets'
import { type World } from './world'

const denied = (world: World, message = 'Access Denied.'): Reply =>
  cosError(403, 'AccessDenied', message, requestId(world))

const expired = (world: World): Reply => denied(world, 'Request has expired')

const noSuchKey = (world: World): Reply =>
  cosError(404, 'NoSuchKey', 'The specified key does not exist.', requestId(world))

/** The upload that an object key `library/confirmKey.ext` stands for. */
const uploadAt = (world: World, key: string): Upload | undefined => {
  const [libraryId, name = ''] = key.split('/').filter((segment) => segment !== '')
  const upload = world.uploads.get(name.split('.', 1)[0] ?? '')
  return upload?.libraryId === libraryId ? upload : undefined
}

/** What refuses the bytes, or nothing. */
const refusal = (world: World, upload: Upload, authorization: unknown, securityToken: unknown): Reply | undefined => {
  if (upload.confirmed || authorization !== upload.authorization || securityToken !== upload.securityToken)
    return denied(world)
  return upload.expiresAt <= world.now() ? expired(world) : undefined
}

/** By the headers of this part, where a private deployment issued them, or by those of the whole upload. */
const refusalOfPut = (world: World, call: Call, upload: Upload): Reply | undefined => {
  const { authorization, 'x-amz-date': date } = call.headers
  if (typeof date !== 'string') return refusal(world, upload, authorization, call.headers['x-cos-security-token'])
  const expected = partHeaders(upload, Number(call.query.get('partNumber')), date)
  const isSigned = Object.entries(expected).every(([name, value]) => call.headers[name] === value)
  if (upload.confirmed || !isSigned) return denied(world)
  return partExpiry(world, date) <= world.now() ? expired(world) : undefined
}

/** Reads a little and then ends the connection: the sender sees a broken pipe. */
const breakOff = async (call: Call): Promise<never> => {
  const { socket } = call.stream
  for await (const _ of call.stream) break
  socket.destroy()
  throw new Error('broken off')
}

const receive = async (world: World, source: AsyncIterable<Uint8Array>): Promise<Part> => {
  const { id, size, digests } = await world.stage.blobs.write(source)
  return { id, size, ...digests }
}

const stored = (world: World, part: Part, status = 200): Reply => ({
  status,
  headers: {
    etag: `"${part.md5}"`,
    'x-cos-hash-crc64ecma': part.crc64,
    'x-cos-request-id': requestId(world),
  },
})

/** Bytes of an upload that was ended while they came have no place any more. */
const keepPart = (world: World, upload: Upload, number: number, part: Part, status = 200): Reply => {
  if (world.uploads.get(upload.confirmKey) !== upload || upload.confirmed) {
    world.stage.blobs.release(part.id)
    return noSuchKey(world)
  }
  putPart(world, upload, number, part)
  return stored(world, part, status)
}

const put = async (world: World, call: Call, endpoint: string): Promise<Reply> => {
  const upload = uploadAt(world, call.rest)
  if (upload === undefined) return denied(world)
  const uploadId = call.query.get('uploadId')
  const refused = refusalOfPut(world, call, upload)
  if (refused !== undefined) return refused
  const number = uploadId === undefined ? 1 : Number(call.query.get('partNumber'))
  if (uploadId !== upload.uploadId)
    return cosError(404, 'NoSuchUpload', 'The specified upload does not exist.', requestId(world))
  if (!Number.isInteger(number) || number < 1 || number > 10_000)
    return cosError(400, 'InvalidArgument', 'Part number must be an integer between 1 and 10000.', requestId(world))
  if (world.stage.faults.strikes(endpoint, 'put')) return breakOff(call)
  return keepPart(world, upload, number, await receive(world, call.stream as AsyncIterable<Uint8Array>))
}

/** All fields come before the file; what follows it is not read. */
const readForm = (call: Call, onFile: (fields: ReadonlyMap<string, string>, file: Readable) => Promise<Reply>) =>
  new Promise<Reply>((resolve, reject) => {
    const fields = new Map<string, string>()
    const type = call.headers['content-type'] ?? ''
    const form = new Busboy({ headers: { 'content-type': type } })
    let answer: Promise<Reply> | undefined
    form.on('field', (name, value) => void fields.set(name, value))
    form.on('file', (_name, file) => void (answer ??= onFile(fields, file)))
    form.on('error', reject)
    form.on('finish', () => {
      if (answer === undefined) reject(new Error('no file in the form'))
      else answer.then(resolve, reject)
    })
    call.stream.on('error', reject).on('close', () => {
      if (!call.stream.complete) reject(new Error('the sender went away'))
    })
    call.stream.pipe(form)
  })

const drained = async (file: Readable, reply: Reply): Promise<Reply> => {
  file.resume()
  return Promise.resolve(reply)
}

const postForm = async (world: World, call: Call, endpoint: string): Promise<Reply> => {
  const malformed = cosError(400, 'MalformedPOSTRequest', 'The form is malformed.', requestId(world))
  if (!/^multipart\/form-data/i.test(call.headers['content-type'] ?? '')) return malformed
  if (world.stage.faults.strikes(endpoint, 'put')) return breakOff(call)
  return readForm(call, async (fields, file) => {
    const key = (fields.get('key') ?? '').replace(/^\/?cos\/[^/]+\//, '')
    const upload = uploadAt(world, key)
    if (upload?.kind !== 'form') return drained(file, denied(world))
    const signature = new URLSearchParams(upload.authorization).get('q-signature')
    const given = fields.get('q-signature') === signature ? upload.authorization : undefined
    const refused = refusal(world, upload, given, fields.get('x-cos-security-token'))
    if (refused !== undefined) return drained(file, refused)
    return keepPart(world, upload, 1, await receive(world, file as AsyncIterable<Uint8Array>), 204)
  }).catch((cause: unknown) => {
    if (call.stream.destroyed && !call.stream.complete) throw cause
    return malformed
  })
}

type Range = { readonly start: number; readonly end: number }

/** Half open; undefined for the whole, `none` where nothing of it is there. Several ranges are answered with the whole. */
const rangeOf = (header: string | undefined, size: number): Range | 'none' | undefined => {
  const match = /^bytes=(\d*)-(\d*)$/.exec((header ?? '').trim())
  if (match === null || (match[1] === '' && match[2] === '')) return undefined
  const [first = '', last = ''] = match.slice(1)
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1)
  if (first !== '' && last !== '' && Number(last) < start) return undefined
  return start < end ? { start, end } : 'none'
}

async function* cutOff(source: Readable, length: number): AsyncGenerator<Uint8Array> {
  let left = length
  for await (const chunk of source as AsyncIterable<Uint8Array>) {
    if (chunk.byteLength >= left) {
      yield chunk.subarray(0, left)
      break
    }
    left -= chunk.byteLength
    yield chunk
  }
  throw new Error('broken off')
}

const objectReply = (world: World, call: Call, endpoint: string, content: Content): Reply => {
  const { faults, blobs } = world.stage
  const match = call.headers['if-match']
  if (match !== undefined && match !== '*' && match !== content.eTag)
    return cosError(412, 'PreconditionFailed', 'The object has another tag.', requestId(world))
  const range = rangeOf(call.headers.range, content.size)
  if (range === 'none')
    return {
      ...cosError(416, 'InvalidRange', 'The requested range is not satisfiable.', requestId(world)),
      headers: { 'content-type': 'application/xml', 'content-range': `bytes */${content.size}` },
    }
  const { start, end } = range ?? { start: 0, end: content.size }
  const disposition = call.query.get('response-content-disposition')
  const headers = {
    'content-type': contentTypeOf(call.rest),
    'content-length': end - start,
    'accept-ranges': 'bytes',
    etag: content.eTag,
    'last-modified': new Date(iso(0)).toUTCString(),
    'x-cos-hash-crc64ecma': content.crc64,
    'x-cos-request-id': requestId(world),
    ...(disposition === undefined ? {} : { 'content-disposition': disposition }),
    ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end - 1}/${content.size}` }),
  }
  const status = range === undefined ? 200 : 206
  if (call.method === 'HEAD') return { status, headers }
  const bytes = blobs.read(content.segments, start, end)
  const isCut = end > start && faults.strikes(endpoint, 'get')
  const body = isCut ? Readable.from(cutOff(bytes, faults.pick(end - start)), { objectMode: false }) : bytes
  return { status, headers, body }
}

const get = (world: World, call: Call, endpoint: string): Reply => {
  const [libraryId = '', name = ''] = call.rest.split('/').filter((segment) => segment !== '')
  const id = name.split('.', 1)[0] ?? ''
  const state = linkState(world, world.libraries.get(libraryId), id, call.query)
  if (state !== 'good') return state === 'expired' ? expired(world) : denied(world)
  const content = world.contents.find(id)
  return content === undefined ? noSuchKey(world) : objectReply(world, call, endpoint, content)
}

export const cosRoutes = (world: World): ReadonlyArray<Route> => [
  {
    name: (call) => (call.query.has('uploadId') ? 'cosPutPart' : 'cosPut'),
    method: 'PUT',
    path: '/cos/:bucket/*',
    body: 'stream',
    handle: (call, endpoint) => put(world, call, endpoint),
  },
  {
    name: (call) => (call.method === 'HEAD' ? 'cosHead' : 'cosGet'),
    method: ['GET', 'HEAD'],
    path: '/cos/:bucket/*',
    body: 'stream',
    handle: (call, endpoint) => get(world, call, endpoint),
  },
  {
    name: 'cosPostForm',
    method: 'POST',
    path: '/',
    body: 'stream',
    handle: (call, endpoint) => postForm(world, call, endpoint),
  },
]
