// Reading a JSON body, whatever content type it claims.
import { type IncomingMessage } from 'node:http'
import { type Trouble } from './route'

const limit = 64 * 1024 * 1024

/** `value` is undefined for an empty body. */
export const readJson = async (
  stream: IncomingMessage,
): Promise<{ readonly value: unknown } | { readonly trouble: Trouble }> => {
  const chunks: Array<Buffer> = []
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.byteLength
    if (size > limit) return { trouble: { kind: 'too-large' } }
    chunks.push(chunk)
  }
  if (size === 0) return { value: undefined }
  try {
    return { value: JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown }
  } catch (cause) {
    return { trouble: { kind: 'bad-json', message: cause instanceof Error ? cause.message : 'not JSON' } }
  }
}
