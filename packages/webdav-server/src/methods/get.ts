// GET and HEAD: a file's bytes, whole or a range; of a directory, a page for people.
import type { Entry, FileContent, FileEntry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { etagOf, httpConditions, ifConditions, rangeHolds } from '../conditions'
import { contentTypeOf } from '../content-type'
import { replyUnless } from '../faults'
import { header, lookFor, type Answer, type Exchange } from '../gateway'
import { pageReply } from '../page'
import { isTime } from '../properties'
import { rangeOf, type Span } from '../range'
import { plain, type Reply } from '../reply'

/** Several ranges are answered by the whole file. */
const wanted = (exchange: Exchange, file: FileEntry): Span | 'all' | 'none' => {
  const text = header(exchange, 'range')
  if (
    text === undefined ||
    file.size === undefined ||
    exchange.method !== 'GET' ||
    !rangeHolds(header(exchange, 'if-range'), file)
  )
    return 'all'
  return rangeOf(text, file.size)
}

/** What a file says in a browser runs without the rights of this origin. */
const isActive = /html|xml|svg|javascript/i

const headersOf = (file: FileEntry, type: string): Record<string, string> => ({
  ETag: etagOf(file),
  'Accept-Ranges': 'bytes',
  'X-Content-Type-Options': 'nosniff',
  ...(isTime(file.modifiedAt) ? { 'Last-Modified': file.modifiedAt.toUTCString() } : {}),
  ...(isActive.test(type) ? { 'Content-Security-Policy': 'sandbox' } : {}),
})

const fileReply = async (exchange: Exchange, file: FileEntry): Answer<Reply> => {
  const { drive } = exchange.gateway
  const span = wanted(exchange, file)
  const type = contentTypeOf(file)
  const headers = headersOf(file, type)
  if (span === 'none')
    return E.right(plain(416, 'the range lies outside of the file', { 'Content-Range': `bytes */${file.size ?? '*'}` }))
  const length = span === 'all' ? file.size : span.end - span.start
  const known = length === undefined ? {} : { length }
  if (exchange.method === 'HEAD') return E.right({ status: 200, headers, content: { kind: 'none', type, ...known } })
  const content = await drive.readFile(file.path, {
    ...(span === 'all' ? {} : { range: span }),
    ifVersion: file.version,
    signal: exchange.signal,
  })()
  if (E.isLeft(content)) return E.left(replyUnless(exchange.gateway, { PreconditionFailed: 503 })(content.left))
  const { stream }: FileContent = content.right
  const ranged =
    span === 'all'
      ? headers
      : { ...headers, 'Content-Range': `bytes ${span.start}-${span.end - 1}/${file.size ?? '*'}` }
  return E.right({
    status: span === 'all' ? 200 : 206,
    headers: ranged,
    content: { kind: 'bytes', type, ...known, stream },
  })
}

const replyTo = (exchange: Exchange, entry: Entry): Answer<Reply> => {
  if (entry.kind === 'directory') return pageReply(exchange, entry)
  if (entry.kind === 'file') return fileReply(exchange, entry)
  return Promise.resolve(E.left(plain(403, `this is no file, but ${entry.what}`)))
}

export const get = async (exchange: Exchange): Answer<Reply> => {
  const entry = await lookFor(exchange, exchange.path)
  if (E.isLeft(entry)) return entry
  const tokens = await ifConditions(exchange, entry.right)
  if (E.isLeft(tokens)) return tokens
  const failed = httpConditions(exchange, entry.right)
  return failed === undefined ? replyTo(exchange, entry.right) : E.left(failed)
}
