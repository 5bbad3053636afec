// Client libraries of npm.
import { path, readText, root } from '@anydrive/core'
import { openMemory } from '@anydrive/memory'
import { plainCredential } from '@anydrive/webdav-server'
import { pipe } from 'fp-ts/function'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { join } from 'node:path'
import { Operator } from 'opendal'
import { drives } from './drives'
import { runProgram } from './running'
import { serve } from './serving'

test('webdav: directories, files, locks, moves and quota', async () => {
  const { url } = await serve({
    drive: openMemory({ capacity: 1000 }),
    users: new Map([['mary', plainCredential('sesame')]]),
  })
  const { out, err } = await runProgram(process.execPath, [join(__dirname, 'programs', 'npm-webdav.mjs'), url])
  expect(err).toBe('')
  expect(JSON.parse(out)).toEqual({
    refused: false,
    listed: [
      ['/ein Ordner', 'directory'],
      ['/moved %41', 'file'],
    ],
    size: 5,
    text: 'hello',
    quota: 10,
    gone: true,
  })
}, 30_000)

test.each(['memory', 'local', 'tencent-smh'])(
  'opendal: no write is lost when 16 writers make fresh directories at once, over %s',
  async (name) => {
    const drive = (await drives[name]?.()) ?? openMemory()
    const { url } = await serve({ drive })
    const operator = new Operator('webdav', { endpoint: url })
    const places = Array.from({ length: name === 'tencent-smh' ? 160 : 480 }, (_, i) => `d${i % 10}/s${i % 3}/f${i}`)
    const queue = [...places]
    const writer = async (): Promise<void> => {
      for (let place = queue.pop(); place !== undefined; place = queue.pop())
        await operator.write(place, Buffer.from(place))
    }
    await Promise.all(Array.from({ length: 16 }, writer))
    for (const place of places) {
      const text = await pipe(drive.readFile(path(place as 'x')), TE.flatMap(readText))()
      expect(text).toEqual(E.right(place))
    }
    const top = await drive.list(root)()
    expect(E.isRight(top) && top.right.items).toHaveLength(10)
  },
  120_000,
)
