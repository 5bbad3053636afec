// Reading a multistatus as it arrives: one response at a time, however many there are, and nothing that is not plain XML.
import { unexpectedResponse, type Fault } from '@anydrive/core'
import { SaxesParser, type SaxesTagNS } from 'saxes'
import { davNamespace, ownCloudNamespace, textProperties, type DavResponse } from './wire'

/** Bytes between two elements, of one text, and elements within each other: what more than suffices for any server. */
export const bounds = { silence: 1024 * 1024, text: 256 * 1024, depth: 64, hrefs: 10_000 } as const

export class MultistatusError extends Error {
  override readonly name = 'MultistatusError'
  readonly fault: Fault<'UnexpectedResponse'>
  constructor(expected: string, got: string) {
    super(expected)
    this.fault = unexpectedResponse({ issues: [{ at: 'multistatus', expected, got }] })
  }
}

interface Building {
  hrefs: Array<string>
  status: number | undefined
  properties: Record<string, string | boolean>
  refused: Array<number>
  propstat: { readonly properties: Record<string, string | boolean>; status: number | undefined } | undefined
}

/** `HTTP/1.1 200 OK`. */
const statusIn = (line: string): number | undefined => {
  const found = /^\s*HTTP\/[\d.]+\s+(\d{3})\b/i.exec(line)?.[1]
  return found === undefined ? undefined : Number(found)
}
const succeeded = (status: number | undefined): boolean => status === undefined || (status >= 200 && status < 300)

const begun = (): Building => ({ hrefs: [], status: undefined, properties: {}, refused: [], propstat: undefined })
const built = ({ hrefs, status, properties, refused }: Building): DavResponse => ({
  hrefs,
  ...(status === undefined ? {} : { status }),
  properties,
  refused,
})

/** Names of elements within each other, as far as they are of RFC 4918: `response/propstat/prop/getetag`. */
const nameOf = ({ uri, local }: SaxesTagNS): string =>
  uri === davNamespace ? local : uri === ownCloudNamespace ? `oc:${local}` : '?'

/** Fed with text, it gives the responses that have ended; it throws `MultistatusError` for anything else than a multistatus. */
export const multistatusParser = (): {
  readonly push: (text: string) => ReadonlyArray<DavResponse>
  readonly end: () => void
} => {
  const parser = new SaxesParser({ xmlns: true, position: false })
  /** Where we are: `response/propstat/prop`, one for each element that is open. */
  const places: Array<string> = []
  let done: Array<DavResponse> = []
  let building: Building | undefined
  let text: string | undefined
  let silence = 0
  let complete = false
  const refuse = (expected: string, got = 'something else'): never => {
    throw new MultistatusError(expected, got)
  }

  const opened = (tag: SaxesTagNS) => {
    silence = 0
    if (places.length >= bounds.depth) refuse(`at most ${bounds.depth} elements within each other`, 'more')
    const name = nameOf(tag)
    if (places.length === 0 && name !== 'multistatus') refuse('a multistatus')
    const within = places.at(-1) ?? ''
    const place = places.length === 0 ? '' : within === '' ? name : `${within}/${name}`
    places.push(place)
    if (place === 'response') building = begun()
    if (building === undefined) return
    if (place === 'response/propstat') building.propstat = { properties: {}, status: undefined }
    if (place === 'response/propstat/prop/resourcetype/collection' && building.propstat !== undefined)
      building.propstat.properties['collection'] = true
    const local = tag.local
    const wanted =
      place === 'response/href' ||
      place === 'response/status' ||
      place === 'response/propstat/status' ||
      (within === 'response/propstat/prop' && textProperties[tag.uri]?.has(local) === true)
    if (wanted) text = ''
  }

  const closed = (tag: SaxesTagNS) => {
    silence = 0
    const place = places.pop() ?? ''
    if (building === undefined) return
    const found = text ?? ''
    if (place === 'response/href') {
      building.hrefs.push(found.trim())
      if (building.hrefs.length > bounds.hrefs) refuse(`at most ${bounds.hrefs} addresses in a response`, 'more')
    } else if (place === 'response/status') building.status = statusIn(found)
    else if (place === 'response/propstat/status' && building.propstat !== undefined)
      building.propstat.status = statusIn(found)
    else if (place === 'response/propstat' && building.propstat !== undefined) {
      const { properties, status } = building.propstat
      if (succeeded(status)) Object.assign(building.properties, properties)
      else if (status !== undefined && building.refused.length < bounds.hrefs) building.refused.push(status)
      building.propstat = undefined
    } else if (place === 'response') {
      done.push(built(building))
      building = undefined
    } else if (places.length === 4 && text !== undefined && building.propstat !== undefined)
      building.propstat.properties[tag.local] = found.trim()
    // Within a property, the texts of its elements are its text: `<oc:checksums><oc:checksum>…`.
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
      silence += chunk.length
      parser.write(chunk)
      // What saxes holds back until the next tag is bounded by what has come since the last.
      if (silence > bounds.silence + chunk.length) refuse(`an element every ${bounds.silence} bytes`, 'none')
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

/** As they arrive; an error of the stream, or `MultistatusError`. */
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

/** Of a body that is there as a whole. */
export const responsesOf = (text: string): ReadonlyArray<DavResponse> => {
  const parser = multistatusParser()
  const responses = parser.push(text)
  parser.end()
  return responses
}
