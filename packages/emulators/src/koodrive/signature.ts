// App authentication: the signature that a server-to-server caller puts into Authorization.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export type SignedRequest = Readonly<{
  method: string
  /** As sent: percent-encoded, without the query. */
  path: string
  /** As sent, without the question mark. */
  query: string
  headers: Readonly<Record<string, string | undefined>>
  body: Uint8Array
}>

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Percent-encodes everything but `A-Z a-z 0-9 - _ . ~`. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

const canonicalPath = (path: string): string => {
  const encoded = path
    .split('/')
    .map((segment) => encode(decode(segment)))
    .join('/')
  return encoded.endsWith('/') ? encoded : `${encoded}/`
}

const canonicalQuery = (query: string): string =>
  query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=')
      const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
      return [encode(decode(name)), encode(decode(value))] as const
    })
    .sort(([leftName, leftValue], [rightName, rightValue]) =>
      leftName < rightName ? -1 : leftName > rightName ? 1 : leftValue < rightValue ? -1 : 1,
    )
    .map(([name, value]) => `${name}=${value}`)
    .join('&')

/** The text that is hashed and signed (docs/wire/koodrive.md, App authentication). */
export const canonicalRequest = (request: SignedRequest, signedHeaders: ReadonlyArray<string>): string =>
  [
    request.method.toUpperCase(),
    canonicalPath(request.path),
    canonicalQuery(request.query),
    [...signedHeaders]
      .sort()
      .map((name) => `${name}:${(request.headers[name] ?? '').trim()}\n`)
      .join(''),
    [...signedHeaders].sort().join(';'),
    sha256(request.body),
  ].join('\n')

export const signatureOf = (request: SignedRequest, signedHeaders: ReadonlyArray<string>, appSecret: string): string =>
  createHmac('sha256', appSecret)
    .update(`HMAC-SHA256\n${sha256(canonicalRequest(request, signedHeaders))}`)
    .digest('hex')

export type SignatureHeader = Readonly<{ appId: string; signedHeaders: ReadonlyArray<string>; signature: string }>

/** The parts of `HMAC-SHA256 AppId=…,SignedHeaders=a;b,Signature=…`; undefined for any other header. */
export const parseSignatureHeader = (header: string | undefined): SignatureHeader | undefined => {
  const match = /^HMAC-SHA256 AppId=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)$/i.exec(header ?? '')
  const [, appId, signedHeaders, signature] = match ?? []
  if (appId === undefined || signedHeaders === undefined || signature === undefined) return undefined
  return { appId, signedHeaders: signedHeaders.toLowerCase().split(';'), signature: signature.toLowerCase() }
}

/** The moment that an X-Date of the form `yyyyMMddTHHmmssZ` names. */
const parseSignatureDate = (text: string | undefined): number | undefined => {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text ?? '')
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number)
  const at = Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, second)
  return Number.isNaN(at) ? undefined : at
}

const equal = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right))

export type SignatureRules = Readonly<{ signatureWindowMs: number; signatureSkewMs: number; checkSignature: boolean }>

/** Whether the signature is the app's, covers the needed headers, and is neither old nor of the future. */
export const isSignedBy = (
  request: SignedRequest,
  header: SignatureHeader,
  app: Readonly<{ appSecret: string; at: number }>,
  rules: SignatureRules,
): boolean => {
  const date = parseSignatureDate(request.headers['x-date'])
  if (date === undefined || request.headers['x-user-id'] === undefined) return false
  if (app.at - date > rules.signatureWindowMs || date - app.at > rules.signatureSkewMs) return false
  if (!rules.checkSignature) return true
  const covered = ['x-date', 'x-user-id'].every((name) => header.signedHeaders.includes(name))
  return covered && equal(signatureOf(request, header.signedHeaders, app.appSecret), header.signature)
}
