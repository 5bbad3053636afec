// The proxy that the environment names for a URL: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, in upper or lower case, as curl reads them.
import * as E from 'fp-ts/Either'
import { BlockList, isIP } from 'node:net'

/** The http or https URL of a proxy; its user and password are decoded when they are sent. */
export const isProxyUrl = (text: string): boolean => {
  if (!/^https?:\/\/[^/?#\s]+\/?$/i.test(text) || !URL.canParse(text)) return false
  const { username, password } = new URL(text)
  return E.isRight(E.tryCatch(() => decodeURIComponent(username + password), String))
}

const variable = (name: string): string =>
  [process.env[name], process.env[name.toUpperCase()]].find((value = '') => value !== '') ?? ''

const plainHost = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')

const isInNetwork = (host: string, network: string, bits: number): boolean => {
  const version = isIP(network)
  if (version === 0 || version !== isIP(host) || bits > (version === 4 ? 32 : 128)) return false
  const family = version === 4 ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  list.addSubnet(network, bits, family)
  return list.check(host, family)
}

/** `*`, a name with all names below it, an address or a network; a name and an address may have a port. */
const exempts = (entry: string, host: string, port: string): boolean => {
  if (entry === '*') return true
  const [, network = '', bits] = /^(.*)\/(\d{1,3})$/.exec(entry) ?? []
  if (bits !== undefined) return isInNetwork(host, plainHost(network), Number(bits))
  const [, named = entry, itsPort = port] = (isIP(entry) === 6 ? null : /^(.*):(\d{1,5})$/.exec(entry)) ?? []
  const name = plainHost(named).replace(/^\*?\./, '')
  if (itsPort !== port || name === '') return false
  if (isIP(name) !== 0) return isInNetwork(host, name, isIP(name) === 4 ? 32 : 128)
  return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`))
}

/** Empty where the URL is reached without one. Left: what is named is no proxy of http or https. */
export const proxyOfEnvironment = (url: string): E.Either<'invalid', string> => {
  const { protocol, hostname, port } = new URL(url)
  const named = variable(`${protocol.slice(0, -1)}_proxy`) || variable('all_proxy')
  const host = plainHost(hostname)
  const itsPort = port === '' ? (protocol === 'https:' ? '443' : '80') : port
  const isExempt = variable('no_proxy')
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && exempts(entry, host, itsPort))
  if (named === '' || isExempt) return E.right('')
  const proxy = named.includes('://') ? named : `http://${named}`
  return isProxyUrl(proxy) ? E.right(proxy) : E.left('invalid')
}
