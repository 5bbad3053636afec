// Which URLs a service may name: none that is less protected than the drive itself, and none within the networks of whoever runs this.
import { unexpectedResponse } from '@anydrive/core/adapter'
import { lookup as resolve, type LookupAddress, type LookupOptions } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import type { HttpFault } from './request'

/** Loopback, link-local, private, shared and reserved networks (RFC 6890), and multicast. */
const privateNetworks: ReadonlyArray<readonly [network: string, bits: number]> = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
]
const privateNetworks6: ReadonlyArray<readonly [network: string, bits: number]> = [
  ['::', 128],
  ['::1', 128],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
]

/** `a.b.c.d` as two groups of an IPv6 address. */
const groupsOf = (network: string): string => {
  const [a = 0, b = 0, c = 0, d = 0] = network.split('.').map(Number)
  return [a * 256 + b, c * 256 + d].map((group) => group.toString(16)).join(':')
}

const privateAddresses = new BlockList()
for (const [network, bits] of privateNetworks) {
  privateAddresses.addSubnet(network, bits, 'ipv4')
  // The same networks within IPv6: mapped, compatible, translated (SIIT and NAT64) and 6to4.
  for (const prefix of ['::ffff:', '::', '::ffff:0:', '64:ff9b::'])
    privateAddresses.addSubnet(`${prefix}${groupsOf(network)}`, 96 + bits, 'ipv6')
  privateAddresses.addSubnet(`2002:${groupsOf(network)}::`, 16 + bits, 'ipv6')
}
for (const [network, bits] of privateNetworks6) privateAddresses.addSubnet(network, bits, 'ipv6')

/** Of the addresses asked for last, whether they are private: a service names few, and each for many files. */
const answered = new Map<string, boolean>()
const mostAnswered = 1000

export const isPrivateAddress = (address: string): boolean => {
  const [plain = ''] = address.split('%', 1)
  const known = answered.get(plain)
  if (known !== undefined) return known
  const isPrivate = privateAddresses.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')
  if (answered.size >= mostAnswered) answered.clear()
  answered.set(plain, isPrivate)
  return isPrivate
}

/** As the URL's parser writes it: decimal, octal, hexadecimal and short forms of IPv4 have become four numbers. */
const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')

const isLocalName = (host: string): boolean => host === 'localhost' || host.endsWith('.localhost')

/** By its spelling alone; undefined for a name that has to be looked up. */
const isPrivateHost = (host: string): boolean | undefined =>
  isLocalName(host) ? true : isIP(host) === 0 ? undefined : isPrivateAddress(host)

const ownHosts = new Map<string, Promise<boolean>>()

/** Whether a drive's own host is in such a network, so that what its service names may be as well. */
export const isPrivateUrl = (url: string): Promise<boolean> => {
  const host = hostOf(url)
  const known = isPrivateHost(host)
  if (known !== undefined) return Promise.resolve(known)
  const found =
    ownHosts.get(host) ??
    new Promise<boolean>((done) => {
      resolve(host, { all: true }, (error, addresses) => {
        if (error !== null) ownHosts.delete(host)
        done(error === null && addresses.some(({ address }) => isPrivateAddress(address)))
      })
    })
  ownHosts.set(host, found)
  return found
}

export const privateAddressCode = 'PRIVATE_ADDRESS'

const refusedAddress = (): NodeJS.ErrnoException =>
  Object.assign(new Error('the name leads to a private address'), { code: privateAddressCode })

/** Looks a name up and refuses it where any of its addresses is private; called at the moment of connecting, so that no later answer counts. */
export const guardedLookup: LookupFunction = (host, options: LookupOptions, callback) => {
  resolve(host, { ...options, all: true }, (error, found: ReadonlyArray<LookupAddress> | undefined) => {
    const addresses = [...(found ?? [])]
    const [first] = addresses
    if (error !== null) callback(error, '', 0)
    else if (first === undefined || addresses.some(({ address }) => isPrivateAddress(address)))
      callback(refusedAddress(), '', 0)
    else if (options.all === true) callback(null, addresses)
    else callback(null, first.address, first.family)
  })
}

const refused = (expected: string, got: string): HttpFault =>
  unexpectedResponse({ effect: 'none', issues: [{ at: 'URL named by the service', expected, got }] })

export const privateAddressRefused: HttpFault = refused('a public address', 'a loopback, link-local or private address')

/** What is wrong with a URL that the service of the drive at `own` names, as far as its spelling shows. */
export const namedUrlFault = (url: string, own: string, mayBePrivate: boolean): HttpFault | undefined => {
  if (!URL.canParse(url)) return refused('a URL', 'another text')
  const { protocol } = new URL(url)
  if (protocol !== 'https:' && (protocol !== 'http:' || new URL(own).protocol === 'https:'))
    return refused('an https URL', 'another scheme')
  return !mayBePrivate && isPrivateHost(hostOf(url)) === true ? privateAddressRefused : undefined
}
