// 207: what became of several entries, or of an entry that the request did not name itself.
import { STATUS_CODES } from 'node:http'
import { xml, type Reply } from './reply'
import { documentHead, escapeText } from './xml-write'

export const statusLine = (status: number): string =>
  `<D:status>HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}</D:status>`

export const multistatusHead = `${documentHead}<D:multistatus xmlns:D="DAV:">\n`
export const multistatusEnd = '</D:multistatus>\n'

export const hrefElement = (href: string): string => `<D:href>${escapeText(href)}</D:href>`

export interface Told {
  readonly href: string
  readonly status: number
  /** A condition of RFC 4918 that did not hold. */
  readonly condition?: string
  readonly said?: string
}

const responseOf = ({ href, status, condition, said }: Told): string =>
  [
    '<D:response>',
    hrefElement(href),
    statusLine(status),
    condition === undefined ? '' : `<D:error>${condition}</D:error>`,
    said === undefined ? '' : `<D:responsedescription>${escapeText(said)}</D:responsedescription>`,
    '</D:response>\n',
  ].join('')

export const multistatus = (all: ReadonlyArray<Told>): Reply =>
  xml(207, multistatusHead + all.map(responseOf).join('') + multistatusEnd)
