// App authentication: a request signed with an application's secret, on behalf of a user (docs/wire/koodrive.md, App authentication).
import { encodeSegment } from '@anydrive/http'
import { createHash, createHmac } from 'node:crypto'

export interface Signable {
  readonly method: string
  /** Raw segments of the path. */
  readonly segments: ReadonlyArray<string>
  readonly query: ReadonlyArray<readonly [name: string, value: string]>
  /** Lower-case names. */
  readonly headers: { readonly [name: string]: string }
  /** As it is sent; empty where there is none. */
  readonly body: string
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const namesOf = (headers: Signable['headers']): ReadonlyArray<string> => Object.keys(headers).sort(byCodeUnits)

/** The path ends in `/` here, whatever is sent. */
export const canonicalRequest = ({ method, segments, query, headers, body }: Signable): string => {
  const names = namesOf(headers)
  return [
    method.toUpperCase(),
    `/${segments.map((segment) => `${encodeSegment(segment)}/`).join('')}`,
    query
      .map(([name, value]) => `${encodeSegment(name)}=${encodeSegment(value)}`)
      .sort(byCodeUnits)
      .join('&'),
    names.map((name) => `${name}:${(headers[name] ?? '').trim()}\n`).join(''),
    names.join(';'),
    sha256(body),
  ].join('\n')
}

/** Two lines: the published formula has none for the date. The secret itself is the key. */
export const signatureOf = (request: Signable, appSecret: string): string =>
  createHmac('sha256', appSecret)
    .update(`HMAC-SHA256\n${sha256(canonicalRequest(request))}`)
    .digest('hex')

export const authorizationOf = (
  request: Signable,
  app: { readonly appId: string; readonly appSecret: string },
): string =>
  `HMAC-SHA256 AppId=${app.appId},SignedHeaders=${namesOf(request.headers).join(';')},Signature=${signatureOf(request, app.appSecret)}`

/** `yyyyMMddTHHmmssZ`. */
export const signingDate = (now: number): string => `${new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
