// What a server receives and sends, exactly: the body of a PROPFIND, and a multistatus that is parsed while it arrives.
import type { Fault } from '@anydrive/core'
import { defined, unexpectedResponse } from '@anydrive/core/adapter'
import { SaxesParser, type SaxesTagNS } from 'saxes'

/** The properties that are read; one whose status is not 2xx is absent. */
export interface DavProperties {
  /** Whether `resourcetype` holds `collection`; absent where it was not sent, or holds other types alone. */
  readonly collection?: boolean
  readonly getcontentlength?: string
  readonly getcontenttype?: string
  readonly getlastmodified?: string
  readonly creationdate?: string
  readonly getetag?: string
  readonly 'quota-used-bytes'?: string
  readonly 'quota-available-bytes'?: string
  /** ownCloud and Nextcloud: `SHA1:… MD5:… ADLER32:…`. */
  readonly checksums?: string
  /** ownCloud and Nextcloud. */
  readonly fileid?: string
}

export interface DavResponse {
  /** As sent: URLs or paths, percent-encoded in any way. */
  readonly hrefs: ReadonlyArray<string>
  /** The status of the whole resource, in a response without properties. */
  readonly status?: number
  readonly properties: DavProperties
  /** The statuses of `propstat` elements that are not 2xx. */
  readonly refused: ReadonlyArray<number>
}

const davNamespace = 'DAV:'
const ownCloudNamespace = 'http://owncloud.org/ns'

const live = ['resourcetype', 'getcontentlength', 'getcontenttype', 'getlastmodified', 'creationdate', 'getetag']
const quota = ['quota-used-bytes', 'quota-available-bytes']
const ownCloud = ['checksums', 'fileid']
const textProperties: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [davNamespace, new Set([...live.slice(1), ...quota])],
  [ownCloudNamespace, new Set(ownCloud)],
])

export type PropertySet = 'entry' | 'ownCloud entry' | 'quota' | 'all'

/** The body of a PROPFIND. A server repeats unknown properties for every entry, so only what it may know is requested. */
export const propfindBody = (wanted: PropertySet): string => {
  const names = [
    ...(wanted === 'quota' ? ['resourcetype'] : live),
    ...(wanted === 'quota' || wanted === 'all' ? quota : []),
  ]
  const extra = wanted === 'ownCloud entry' || wanted === 'all' ? ownCloud : []
  const properties = [...names.map((name) => `<D:${name}/>`), ...extra.map((name) => `<o:${name}/>`)].join('')
  const declared = extra.length === 0 ? '' : ` xmlns:o="${ownCloudNamespace}"`
  return `<?xml version="1.0" encoding="utf-8"?>\n<D:propfind xmlns:D="DAV:"${declared}><D:prop>${properties}</D:prop></D:propfind>`
}

/** For the body of a PROPPATCH: whole seconds. */
export const modifiedBody = (modifiedAt: Date): string =>
  `<?xml version="1.0" encoding="utf-8"?>\n<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:getlastmodified>${modifiedAt.toUTCString()}</D:getlastmodified></D:prop></D:set></D:propertyupdate>`

/** Characters between two elements, characters of one text, nested elements, addresses in one response. */
export const bounds = { gap: 1024 * 1024, text: 256 * 1024, depth: 64, hrefs: 10_000 } as const

export class MultistatusError extends Error {
  override readonly name = 'MultistatusError'
  readonly fault: Fault<'UnexpectedResponse'>
  constructor(expected: string, got: string) {
    super(expected)
    this.fault = unexpectedResponse({ effect: 'none', issues: [{ at: 'multistatus', expected, got }] })
  }
}

interface Building {
  hrefs: Array<string>
  status: number | undefined
  properties: Record<string, string | boolean>
  refused: Array<number>
  propstat: { readonly properties: Record<string, string | boolean>; status: number | undefined } | undefined
}

/** `HTTP/1.1 200 OK`; some servers leave the protocol out. */
const statusIn = (line: string): number | undefined => {
  const found = /^\s*(?:HTTP\/[\d.]+\s+)?(\d{3})\b/i.exec(line)?.[1]
  return found === undefined ? undefined : Number(found)
}
const resourceType = 'response/propstat/prop/resourcetype'
/** Properties under a status that cannot be read are not taken for found. */
const unreadableStatus = 500
const succeeded = (status: number | undefined): boolean => status === undefined || (status >= 200 && status < 300)

const emptyResponse = (): Building => ({
  hrefs: [],
  status: undefined,
  properties: {},
  refused: [],
  propstat: undefined,
})

/** One step of a path of elements such as `response/propstat/prop/getetag`. */
const stepOf = ({ uri, local }: SaxesTagNS): string =>
  uri === davNamespace ? local : uri === ownCloudNamespace ? `oc:${local}` : '?'

/** `push` takes text and returns the responses that it completes; both functions throw `MultistatusError` for anything but a multistatus. */
export const multistatusParser = (): {
  readonly push: (text: string) => ReadonlyArray<DavResponse>
  readonly end: () => void
} => {
  const parser = new SaxesParser({ xmlns: true, position: false })
  /** The path of each open element, such as `response/propstat/prop`. */
  const places: Array<string> = []
  let done: Array<DavResponse> = []
  let building: Building | undefined
  let text: string | undefined
  let gap = 0
  let complete = false
  const refuse = (expected: string, got = 'something else'): never => {
    throw new MultistatusError(expected, got)
  }

  const opened = (tag: SaxesTagNS) => {
    gap = 0
    if (places.length >= bounds.depth) refuse(`at most ${bounds.depth} nested elements`, 'more')
    const name = stepOf(tag)
    if (places.length === 0 && name !== 'multistatus') refuse('a multistatus')
    const within = places.at(-1) ?? ''
    const place = places.length === 0 ? '' : within === '' ? name : `${within}/${name}`
    places.push(place)
    if (place === 'response') building = emptyResponse()
    if (building === undefined) return
    if (place === 'response/propstat') building.propstat = { properties: {}, status: undefined }
    const its = building.propstat?.properties
    if (place === `${resourceType}/collection` && its !== undefined) its['collection'] = true
    else if (place === resourceType && its !== undefined) its['collection'] = false
    else if (within === resourceType && its?.['collection'] === false) delete its['collection']
    const local = tag.local
    const wanted =
      place === 'response/href' ||
      place === 'response/status' ||
      place === 'response/propstat/status' ||
      (within === 'response/propstat/prop' && textProperties.get(tag.uri)?.has(local) === true)
    if (wanted) text = ''
  }

  const closed = (tag: SaxesTagNS) => {
    gap = 0
    const place = places.pop() ?? ''
    if (building === undefined) return
    const found = text ?? ''
    if (place === 'response/href') {
      building.hrefs.push(found.trim())
      if (building.hrefs.length > bounds.hrefs) refuse(`at most ${bounds.hrefs} addresses in a response`, 'more')
    } else if (place === 'response/status') building.status = statusIn(found)
    else if (place === 'response/propstat/status' && building.propstat !== undefined)
      building.propstat.status = statusIn(found) ?? unreadableStatus
    else if (place === 'response/propstat' && building.propstat !== undefined) {
      const { properties, status } = building.propstat
      if (succeeded(status)) Object.assign(building.properties, properties)
      else if (status !== undefined && building.refused.length < bounds.hrefs) building.refused.push(status)
      building.propstat = undefined
    } else if (place === 'response') {
      const { hrefs, status, properties, refused } = building
      done.push({ hrefs, properties, refused, ...defined({ status }) })
      building = undefined
    } else if (places.length === 4 && text !== undefined && building.propstat !== undefined)
      building.propstat.properties[tag.local] = found.trim()
    // The text of a property includes that of the elements in it: `<oc:checksums><oc:checksum>…`.
    if (places.length <= 4) text = undefined
  }

  parser.on('doctype', () => refuse('no document type', 'a document type'))
  parser.on('error', () => refuse('well-formed XML'))
  parser.on('xmldecl', ({ encoding }) => {
    if (encoding !== undefined && !/^(utf-?8|us-ascii)$/i.test(encoding)) refuse('UTF-8', 'another encoding')
  })
  parser.on('opentag', opened)
  parser.on('closetag', (tag) => {
    closed(tag)
    if (places.length === 0) complete = true
  })
  const take = (found: string) => {
    if (text === undefined) return
    text += found
    if (text.length > bounds.text) refuse(`at most ${bounds.text} characters in a property`, 'more')
  }
  parser.on('text', take)
  parser.on('cdata', take)

  return {
    push: (chunk) => {
      gap += chunk.length
      parser.write(chunk)
      // saxes buffers what follows the last tag, so this bounds its memory.
      if (gap > bounds.gap + chunk.length) refuse(`an element every ${bounds.gap} bytes`, 'none')
      const ready = done
      done = []
      return ready
    },
    end: () => {
      parser.close()
      if (!complete) refuse('a whole multistatus', 'a part')
    },
  }
}

/** The responses of a body, as they arrive. Throws the stream's error or `MultistatusError`. */
export async function* responsesIn(stream: AsyncIterable<Uint8Array>): AsyncGenerator<DavResponse, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const parser = multistatusParser()
  const decoded = (bytes?: Uint8Array): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
    } catch {
      throw new MultistatusError('UTF-8', 'other bytes')
    }
  }
  for await (const bytes of stream) yield* parser.push(decoded(bytes))
  yield* parser.push(decoded())
  parser.end()
}

/** The responses of a complete body. Throws `MultistatusError`. */
export const responsesOf = (text: string): ReadonlyArray<DavResponse> => {
  const parser = multistatusParser()
  const responses = parser.push(text)
  parser.end()
  return responses
}
