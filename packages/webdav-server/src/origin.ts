// Schemes and hosts by which clients call this server, directly or through a proxy.
import * as E from 'fp-ts/Either'
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv4 } from 'node:net'

/** Without a scheme both of HTTP are meant, as a proxy that is not known may speak TLS to the client. */
export interface Origin {
  readonly scheme?: string
  /** Host, and port where it is not the scheme's own. */
  readonly authority: string
}

const hostKey = (scheme: string, authority: string): string =>
  authority.toLowerCase().replace(scheme === 'https' ? /:443$/ : /:80$/, '')

const isWeb = (scheme: string): boolean => scheme === 'http' || scheme === 'https'

export const isOwnUrl = (
  { scheme, authority }: { readonly scheme: string; readonly authority: string },
  own: ReadonlyArray<Origin>,
): boolean =>
  isWeb(scheme) &&
  own.some(
    (it) =>
      (it.scheme === undefined || it.scheme === scheme) && hostKey(scheme, it.authority) === hostKey(scheme, authority),
  )

/** The URL that clients know the root by, where a proxy is in front of this server. */
export interface PublicUrl {
  readonly origin: Origin
  readonly hostname: string
  /** The names in its path, decoded. */
  readonly prefix: ReadonlyArray<string>
}

const urlIn = (text: string): URL | undefined => {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

const namesIn = (pathname: string): ReadonlyArray<string> | undefined => {
  try {
    const names = pathname.split('/').filter((name) => name !== '')
    return names.map((name) => decodeURIComponent(name))
  } catch {
    return undefined
  }
}

/** A left says what is wrong with the text. */
export const readPublicUrl = (text: string): E.Either<string, PublicUrl> => {
  const url = urlIn(text)
  const scheme = url?.protocol.slice(0, -1) ?? ''
  if (url === undefined || !isWeb(scheme) || url.host === '')
    return E.left('the public URL must be of the form https://HOST/PATH/')
  if (url.username !== '' || url.password !== '' || /[?#]/.test(text))
    return E.left('the public URL must not contain a user, a query or a fragment')
  const prefix = namesIn(url.pathname)
  if (prefix === undefined || prefix.some((name) => name.includes('/')))
    return E.left('the path of the public URL must be UTF-8, encoded by percent signs, without an encoded slash')
  return E.right({ origin: { scheme, authority: url.host }, hostname: url.hostname, prefix })
}

/** Whether the peer of a connection is a proxy whose `X-Forwarded-…` headers are used. */
export type IsTrusted = (address: string | undefined) => boolean

const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '')

/** IP addresses, and networks as `10.0.0.0/8`; a left names the text that is neither. */
export const readTrustedProxies = (texts: ReadonlyArray<string>): E.Either<string, IsTrusted> => {
  const list = new BlockList()
  for (const text of texts) {
    const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    const most = family === 'ipv4' ? 32 : 128
    if (isIP(address) === 0 || Number(bits ?? most) > most)
      return E.left(
        `${JSON.stringify(text)} is not a trusted proxy; give an IP address, or a network such as 10.0.0.0/8`,
      )
    list.addSubnet(address, Number(bits ?? most), family)
  }
  return E.right((address) => {
    const plain = plainAddress(address ?? '')
    return isIP(plain) !== 0 && list.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6')
  })
}

/** The last value: a proxy appends its own to what its client sent. */
const lastOf = (value: string | ReadonlyArray<string> | undefined): string | undefined =>
  (typeof value === 'string' ? value : value?.join(','))?.split(',').at(-1)?.trim()

/** The names of this server in this request: the host that it was sent to, and the public URL's. */
export const originsOf = (
  { headers, socket }: IncomingMessage,
  isTrusted: IsTrusted,
  publicUrl: PublicUrl | undefined,
): ReadonlyArray<Origin> => {
  const trusted = isTrusted(socket.remoteAddress)
  const scheme = trusted ? lastOf(headers['x-forwarded-proto'])?.toLowerCase() : undefined
  const host = trusted ? lastOf(headers['x-forwarded-host']) : undefined
  const authority = host === undefined || host === '' ? headers.host : host
  return [
    ...(publicUrl === undefined ? [] : [publicUrl.origin]),
    ...(authority === undefined || authority === ''
      ? []
      : [scheme !== undefined && isWeb(scheme) ? { scheme, authority } : { authority }]),
  ]
}
