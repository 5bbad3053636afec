// What becomes of a connection on which something arrived that is no request.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

const statusLines: ReadonlyMap<unknown, string> = new Map([
  ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', '413 Payload Too Large'],
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
])

interface Exchanged {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

export interface Connections {
  readonly add: (request: IncomingMessage, response: ServerResponse) => void
  readonly clientError: (error: Error, socket: Duplex) => void
}

/** Whole requests before what cannot be read are answered first, as lftp sends a line too much after some of its bodies; then the connection ends. */
export const createConnections = (): Connections => {
  const open = new WeakMap<Duplex, Set<Exchanged>>()
  return {
    add: (request, response) => {
      const all = open.get(request.socket) ?? new Set()
      const one = { request, response }
      open.set(request.socket, all.add(one))
      response.once('close', () => all.delete(one))
    },
    clientError: (error, socket) => {
      const all = [...(open.get(socket) ?? [])]
      const last = all.at(-1)?.response
      if (last !== undefined && all.every(({ request }) => request.complete)) {
        if (!last.headersSent) last.setHeader('Connection', 'close')
        last.once('finish', () => socket.end())
        return
      }
      const code = 'code' in error ? error.code : undefined
      if (socket.writable && last?.headersSent !== true)
        socket.write(`HTTP/1.1 ${statusLines.get(code) ?? '400 Bad Request'}\r\nConnection: close\r\n\r\n`)
      socket.destroy()
    },
  }
}
