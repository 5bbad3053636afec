// What a method answers, and how it is put on the wire.
import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { once } from 'node:events'

type Content =
  | { readonly kind: 'text'; readonly type: string; readonly text: string }
  /** Exactly `length` bytes, or in chunks where the length is unknown. */
  | { readonly kind: 'bytes'; readonly type: string; readonly length?: number; readonly stream: Readable }
  /** Written as it is made; a failure on the way ends the connection, so that nobody takes a part for the whole. */
  | { readonly kind: 'pieces'; readonly type: string; readonly pieces: AsyncIterable<string> }
  /** To a HEAD: what a GET would carry. */
  | { readonly kind: 'none'; readonly type: string; readonly length?: number }

export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly content?: Content
}

export const xmlType = 'application/xml; charset=utf-8'

export const plain = (status: number, text: string, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers,
  content: { kind: 'text', type: 'text/plain; charset=utf-8', text: `${text}\n` },
})

export const empty = (status: number, headers: Readonly<Record<string, string>> = {}): Reply => ({ status, headers })

export const xml = (status: number, text: string, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers,
  content: { kind: 'text', type: xmlType, text },
})

const sendPieces = async (response: ServerResponse, pieces: AsyncIterable<string>): Promise<void> => {
  const gone = new AbortController()
  response.once('close', () => {
    gone.abort()
  })
  for await (const piece of pieces) {
    if (gone.signal.aborted) return
    if (!response.write(piece)) await once(response, 'drain', { signal: gone.signal })
  }
  response.end()
}

/** Milliseconds after which a client that reads nothing is taken for gone. */
const stalled = 300_000

const begin = (response: ServerResponse, { status, headers = {}, content }: Reply): void => {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.statusCode = status
  if (content === undefined) {
    if (status !== 204 && status !== 304) response.setHeader('Content-Length', 0)
    return
  }
  response.setHeader('Content-Type', content.type)
  if (content.kind === 'text') response.setHeader('Content-Length', Buffer.byteLength(content.text))
  else if (content.kind !== 'pieces' && content.length !== undefined)
    response.setHeader('Content-Length', content.length)
}

/** Settles when all is sent, or when nobody reads any more; a stream is closed in every outcome. */
export const send = async (response: ServerResponse, reply: Reply, bodiless: boolean): Promise<void> => {
  begin(response, reply)
  const { content } = reply
  try {
    if (content?.kind === 'bytes' && bodiless) {
      content.stream.destroy()
      response.end()
    } else if (content === undefined || content.kind === 'none' || bodiless) response.end()
    else if (content.kind === 'text') response.end(content.text)
    else if (content.kind === 'bytes')
      await pipeline(
        content.stream,
        response.setTimeout(stalled, () => response.destroy()),
      )
    else await sendPieces(response, content.pieces)
  } catch {
    response.destroy()
  }
}
