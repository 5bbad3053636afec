// Where COPY and MOVE go, and how.
import { isInside, type DrivePath } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { addressOfUrl } from './address'
import { depthOf } from './depth'
import { header, type Answer, type Exchange } from './gateway'
import { plain, type Reply } from './reply'

export interface Destination {
  readonly to: DrivePath
  readonly overwrite: boolean
  readonly depth: '0' | 'infinity'
}

const refused = (status: number, why: string): E.Either<Reply, never> => E.left(plain(status, why))

const placeOf = (exchange: Exchange): E.Either<Reply, DrivePath> => {
  const { gateway, path } = exchange
  const text = header(exchange, 'destination')
  if (text === undefined) return refused(400, 'the request says no Destination')
  const address = addressOfUrl(gateway, text, exchange.origins)
  if (E.isLeft(address)) return refused(address.left.kind === 'elsewhere' ? 502 : 400, address.left.why)
  const to = address.right.path
  if (to === path) return refused(403, 'source and destination are the same')
  if (isInside(path, to)) return refused(403, 'the destination lies in the source')
  // That would replace what holds the source.
  if (isInside(to, path)) return refused(403, 'the source lies in the destination')
  return E.right(to)
}

export const destinationOf = (exchange: Exchange): Awaited<Answer<Destination>> => {
  const to = placeOf(exchange)
  if (E.isLeft(to)) return to
  const depth = depthOf(exchange, ['0', 'infinity'])
  if (E.isLeft(depth)) return depth
  const overwrite = header(exchange, 'overwrite')?.toUpperCase() ?? 'T'
  return overwrite === 'T' || overwrite === 'F'
    ? E.right({ to: to.right, depth: depth.right, overwrite: overwrite === 'T' })
    : refused(400, 'Overwrite is T or F')
}
