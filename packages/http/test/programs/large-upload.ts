// Uploads many bytes from a stream and prints how far the memory grew, in MB.
import { Readable } from 'node:stream'
import { axiosHttp } from '../../src'
import { ask } from '../requests'

const base = process.argv[2] ?? ''
const megabytes = Number(process.argv[3])
const chunk = Buffer.alloc(1024 * 1024, 7)

const source = (): Readable => {
  let left = megabytes
  return new Readable({
    read() {
      left--
      this.push(left < 0 ? null : Buffer.from(chunk))
    },
  })
}

const run = async (): Promise<void> => {
  const send = axiosHttp()
  await send(ask({ base, method: 'POST', body: { text: 'warm', type: false } }))()
  const before = process.memoryUsage.rss()
  let peak = before
  const watching = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20)
  const body = { stream: source, size: megabytes * chunk.length, type: false } as const
  const result = await send(ask({ base, method: 'PUT', body, kind: 'change' }))()
  clearInterval(watching)
  const text = result._tag === 'Right' ? result.right.text : result.left._tag
  process.stdout.write(JSON.stringify({ text, grown: Math.round((peak - before) / 1e6) }))
}
void run()
