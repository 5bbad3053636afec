// How long a silent client is waited for.
import type { IncomingMessage } from 'node:http'

/** Milliseconds. */
export const patience = 60_000

/** While a body is read as fast as it comes: without a byte for a minute the connection ends. Answers how to stop watching. */
export const watchedBody = (request: IncomingMessage, ms = patience): (() => void) => {
  const { socket } = request
  let seen = -1
  const timer = setInterval(() => {
    if (socket.bytesRead === seen) request.destroy()
    seen = socket.bytesRead
  }, ms)
  timer.unref()
  return () => {
    clearInterval(timer)
  }
}
