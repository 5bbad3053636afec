// Locks as clients are told of them.
import { hrefIn, type Gateway } from './gateway'
import type { Lock } from './locks'
import { hrefElement } from './multistatus'
import { documentHead } from './xml-write'

const active = (gateway: Gateway, { scope, depth, owner, seconds, token, root, kind }: Lock): string =>
  [
    '<D:activelock><D:locktype><D:write/></D:locktype>',
    `<D:lockscope><D:${scope}/></D:lockscope><D:depth>${depth}</D:depth>`,
    owner ?? '',
    `<D:timeout>Second-${seconds}</D:timeout><D:locktoken>${hrefElement(token)}</D:locktoken>`,
    `<D:lockroot>${hrefElement(hrefIn(gateway, { path: root, kind }))}</D:lockroot>`,
    '</D:activelock>',
  ].join('')

export const activeLocks = (gateway: Gateway, locks: ReadonlyArray<Lock>): string =>
  locks.map((lock) => active(gateway, lock)).join('')

export const lockDocument = (gateway: Gateway, lock: Lock): string =>
  `${documentHead}<D:prop xmlns:D="DAV:"><D:lockdiscovery>${active(gateway, lock)}</D:lockdiscovery></D:prop>\n`
