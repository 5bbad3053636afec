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

test.each(Object.keys(drives))('webdav: directories, files, locks, moves and quota, over %s', async (name) => {
  const drive = (name === 'memory' ? undefined : await drives[name]?.()) ?? openMemory({ capacity: 1000 })
  // The vendors refuse a question mark in a name.
  const file = name === 'memory' || name === 'local' ? 'a#b?.txt' : 'a#b.txt'
  const { url } = await serve({ drive, users: new Map([['mary', plainCredential('sesame')]]) })
  const { out, err } = await runProgram(process.execPath, [join(__dirname, 'programs', 'npm-webdav.mjs'), url, file])
  expect(err).toBe('')
  expect(JSON.parse(out)).toEqual({
    refused: false,
    listed: [
      ['/ein Ordner', 'directory'],
      ['/moved %41', 'file'],
    ],
    size: 5,
    text: 'hello',
    range: 'ell',
    // Of a space without a limit there is nothing left to tell.
    quota: name === 'memory' ? 10 : name === 'tencent-smh' ? null : (expect.any(Number) as unknown),
    gone: true,
  })
})

test.each(Object.keys(drives))(
  'opendal: no write is lost when 16 writers make fresh directories at once, over %s',
  async (name) => {
    const drive = (await drives[name]?.()) ?? openMemory()
    const { url } = await serve({ drive })
    const operator = new Operator('webdav', { endpoint: url })
    const places = Array.from(
      { length: name === 'memory' || name === 'local' ? 480 : 160 },
      (_, i) => `d${i % 10}/s${i % 3}/f${i}`,
    )
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
)
