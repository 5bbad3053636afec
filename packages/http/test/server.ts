// A real HTTP server on a free port, for one test.
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export interface TestServer {
  readonly base: string
  readonly port: number
  readonly server: Server
  readonly sockets: ReadonlySet<Socket>
  readonly close: () => Promise<void>
}

const serve = async (listener: RequestListener): Promise<TestServer> => {
  const server = createServer(listener)
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    base: `http://127.0.0.1:${port}`,
    port,
    server,
    sockets,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** Servers of the running test; closed after each. */
export const servers = (): ((listener: RequestListener) => Promise<TestServer>) => {
  const open: Array<TestServer> = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((server) => server.close()))
  })
  return async (listener) => {
    const server = await serve(listener)
    open.push(server)
    return server
  }
}

export const bodyOf = async (stream: AsyncIterable<Buffer>): Promise<Buffer> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
