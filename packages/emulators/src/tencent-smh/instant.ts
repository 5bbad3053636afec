// Instant upload: bytes that some file has already need not be sent (docs/wire/tencent-smh.md, instant upload).
import { type Content } from './nodes'
import { type Context } from './operation'

const hexOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.toLowerCase() : undefined

/** The content to use; `send-full-hash` where the beginning of one fits; undefined where the bytes must be sent. */
export const findInstant = async ({ world, body }: Context): Promise<Content | 'send-full-hash' | undefined> => {
  const beginning = hexOf(body['beginningHash'])
  const full = hexOf(body['fullHash'])
  const size = Number(body['size'])
  if (beginning === undefined || !(size >= world.behaviour.instantMinSize)) return undefined
  let begins = false
  for (const content of [...world.contents.ofSize(size)]) {
    const hashes = await world.contents.hashesOf(content)
    if (hashes.beginning !== beginning || world.contents.find(content.id) === undefined) continue
    if (hashes.full === full) return content
    begins = true
  }
  return begins && full === undefined ? 'send-full-hash' : undefined
}
