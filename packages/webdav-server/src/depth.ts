// The Depth header; its values are the same in every case of letters.
import type { Entry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { header, type Exchange } from './gateway'
import { plain, type Reply } from './reply'

export type Depth = '0' | '1' | 'infinity'

/** `infinity` where it is missing; 400 where it is none of those that the method allows. */
export const depthOf = <D extends Depth>(exchange: Exchange, allowed: ReadonlyArray<D>): E.Either<Reply, D> => {
  const text = header(exchange, 'depth')?.trim().toLowerCase() ?? 'infinity'
  const depth = allowed.find((it) => it === text)
  return depth === undefined
    ? E.left(plain(400, `the Depth of ${exchange.method} is ${allowed.join(' or ')}`))
    : E.right(depth)
}

/** DELETE and MOVE change a whole tree: a file alone may have a Depth of 0. */
export const coversTree = (exchange: Exchange, entry: Entry): E.Either<Reply, void> => {
  const depth = depthOf(exchange, ['0', 'infinity'])
  if (E.isLeft(depth)) return depth
  return depth.right === '0' && entry.kind === 'directory'
    ? E.left(plain(400, `${exchange.method} includes everything below a directory: its Depth is infinity`))
    : E.right(undefined)
}
