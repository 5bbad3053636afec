// Reading a JSON body, whatever content type it claims.
import { type IncomingMessage } from 'node:http'
import { type Trouble } from './route'

const limit = 64 * 1024 * 1024

/** `value` is undefined for an empty body; `raw` is the body as it came. */
export const readJson = async (
  stream: IncomingMessage,
): Promise<{ readonly value: unknown; readonly raw: Uint8Array } | { readonly trouble: Trouble }> => {
  const chunks: Array<Buffer> = []
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.byteLength
    if (size > limit) return { trouble: { kind: 'too-large' } }
    chunks.push(chunk)
  }
  const raw = Buffer.concat(chunks)
  if (size === 0) return { value: undefined, raw }
  try {
    return { value: JSON.parse(raw.toString('utf8')) as unknown, raw }
  } catch (cause) {
    return { trouble: { kind: 'bad-json', message: cause instanceof Error ? cause.message : 'not JSON' } }
  }
}
