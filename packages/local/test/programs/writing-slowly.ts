// Writes the first bytes of a file, says so, and never gets to the end.
import * as E from 'fp-ts/Either'
import { Readable } from 'node:stream'
import { path } from '@anydrive/core'
import { openLocal } from '@anydrive/local'

const slow = (): Readable => {
  const stream = new Readable({ read: () => undefined })
  stream.push(Buffer.alloc(100_000, 'x'))
  return stream
}
const onProgress = () => {
  process.stdout.write('under way\n')
}
const source = { size: 200_000, open: () => () => Promise.resolve(E.right(slow())) }

setInterval(() => undefined, 1000)
void openLocal({ root: process.argv[2] ?? '' }).writeFile(path('f'), source, { onProgress })()
