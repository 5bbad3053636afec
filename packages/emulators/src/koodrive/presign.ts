// Presigned URLs of the object store: for one part to be put, or one content to be got.
import { createHmac } from 'node:crypto'
import { suffixTime } from './names'

export type Signer = Readonly<{
  /** Scheme, host and port. */
  origin: () => string
  now: () => number
  lifeMs: () => number
}>

const KEY = 'anydrive emulator object store'

const amzDate = (at: number): string => `${suffixTime(at, 0).replace('_', 'T')}Z`

const parseAmzDate = (text: string): number => {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? []
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
}

const signature = (method: string, path: string, query: URLSearchParams, contentLength: string): string => {
  const unsigned = new URLSearchParams(query)
  unsigned.delete('X-Amz-Signature')
  unsigned.sort()
  return createHmac('sha256', KEY).update([method, path, unsigned.toString(), contentLength].join('\n')).digest('hex')
}

/** A URL that takes exactly this request until its life is over; `contentLength` is signed where it is given. */
export const presign = (
  signer: Signer,
  method: 'PUT' | 'GET',
  objectKey: string,
  parameters: Readonly<Record<string, string>>,
  contentLength = '',
): string => {
  const path = `/${objectKey}`
  const date = amzDate(signer.now())
  const query = new URLSearchParams({
    ...parameters,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Date': date,
    'X-Amz-SignedHeaders': contentLength === '' ? 'host' : 'content-length;host',
    'X-Amz-Expires': String(Math.floor(signer.lifeMs() / 1000)),
    'X-Amz-Credential': `EMULATOR/${date.slice(0, 8)}/region/s3/aws4_request`,
  })
  query.set('X-Amz-Signature', signature(method, path, query, contentLength))
  return `${signer.origin()}${path}?${query.toString().replaceAll('+', '%20')}`
}

/** What is wrong with a request to a presigned URL. */
export const signatureProblem = (
  request: Readonly<{ method: string; path: string; query: URLSearchParams; contentLength: string | undefined }>,
  now: number,
): 'SignatureDoesNotMatch' | 'AccessDenied' | undefined => {
  const { method, path, query } = request
  const signed = query.get('X-Amz-SignedHeaders')?.includes('content-length') ? (request.contentLength ?? '') : ''
  const isRight = query.get('X-Amz-Signature') === signature(method, path, query, signed)
  if (!isRight) return 'SignatureDoesNotMatch'
  const end = parseAmzDate(query.get('X-Amz-Date') ?? '') + Number(query.get('X-Amz-Expires')) * 1000
  return now < end ? undefined : 'AccessDenied'
}
