// The XML body of a request, read within bounds.
import * as E from 'fp-ts/Either'
import { header, type Answer, type Exchange } from './gateway'
import { watchedBody } from './patience'
import { plain } from './reply'
import { readXml, type Element } from './xml-read'

const mostBytes = 1024 * 1024
/** The rest is not read: the connection ends with the answer. */
const tooLarge = plain(413, `XML of more than ${mostBytes} bytes is not taken`, { Connection: 'close' })

const collected = async ({ request, proceed }: Exchange): Answer<Buffer> => {
  proceed()
  const stop = watchedBody(request)
  const chunks: Array<Uint8Array> = []
  let size = 0
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength
      if (size > mostBytes) return E.left(tooLarge)
      chunks.push(chunk)
    }
    return E.right(Buffer.concat(chunks))
  } catch {
    return E.left(plain(400, 'the body broke off'))
  } finally {
    stop()
  }
}

/** Nothing where the body is empty; what is no XML, or XML that nobody needs here, is 400. */
export const xmlBody = async (exchange: Exchange): Answer<Element | undefined> => {
  if (Number(header(exchange, 'content-length') ?? 0) > mostBytes) return E.left(tooLarge)
  const bytes = await collected(exchange)
  if (E.isLeft(bytes)) return bytes
  if (bytes.right.byteLength === 0) return E.right(undefined)
  const read = readXml(bytes.right)
  return E.isLeft(read) ? E.left(plain(400, `the XML of the request is refused: ${read.left}`)) : read
}

export const hasBody = (exchange: Exchange): boolean =>
  header(exchange, 'transfer-encoding') !== undefined || Number(header(exchange, 'content-length') ?? 0) > 0
