// DELETE: an entry with all below it, to the drive's bin where it has one.
import { remove } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { coversTree } from '../depth'
import { failure } from '../failing'
import { header, isRoot, lookFor, type Answer, type Exchange } from '../gateway'
import { admitted } from '../guard'
import { empty, plain, type Reply } from '../reply'

export const deleteEntry = async (exchange: Exchange): Answer<Reply> => {
  const { gateway, path } = exchange
  if (isRoot(exchange)) return E.left(plain(403, 'the root stays'))
  const entry = await lookFor(exchange, path)
  if (E.isLeft(entry)) return entry
  const whole = coversTree(exchange, entry.right)
  if (E.isLeft(whole)) return whole
  const may = await admitted(exchange, entry.right, [{ path, what: 'tree' }])
  if (E.isLeft(may)) return may
  const version =
    header(exchange, 'if-match') !== undefined && entry.right.kind === 'file' ? entry.right.version : undefined
  const removed = await remove(gateway.drive, version === undefined ? path : { path, ifVersion: version })()
  if (E.isLeft(removed)) return E.left(failure(exchange, removed.left, [path]))
  gateway.locks.forget(path)
  gateway.properties.forget(path)
  return E.right(empty(204))
}
