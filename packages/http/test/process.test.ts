// What only shows in a process of its own: memory, and whether it ends.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { servers } from './server'

const serve = servers()

const run = async (program: string, ...args: ReadonlyArray<string>): Promise<{ stdout: string; stderr: string }> => {
  const file = join(__dirname, 'programs', `${program}.ts`)
  return promisify(execFile)(process.execPath, ['-r', join(__dirname, 'transpile.js'), file, ...args])
}

test('a program that has its answers ends, although connections are kept for reuse, and has not warned of listeners', async () => {
  const { base, server } = await serve((_, res) => res.end('done'))
  server.keepAliveTimeout = 600_000
  const closed = new Promise<void>((resolve) =>
    server.once('connection', (socket) => socket.once('close', () => resolve())),
  )
  expect(await run('finished', base)).toEqual({ stdout: '100', stderr: '' })
  await closed
})

test('an upload of 200 MB from a stream is not held in memory', async () => {
  const { base } = await serve((req, res) => {
    let received = 0
    req.on('data', (chunk: Buffer) => (received += chunk.length))
    req.on('end', () => res.end(String(received)))
  })
  const { text, grown } = JSON.parse((await run('large-upload', base, '200')).stdout) as { text: string; grown: number }
  expect(text).toBe(String(200 * 1024 * 1024))
  expect(grown).toBeLessThan(100)
})
