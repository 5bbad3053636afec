// MKCOL: one directory, in a directory that is there.
import * as E from 'fp-ts/Either'
import { hasBody } from '../body-xml'
import { replyUnless } from '../faults'
import { isRoot, look, type Answer, type Exchange } from '../gateway'
import { admitted } from '../guard'
import { empty, plain, type Reply } from '../reply'

/** Conditions need a look at what is there; without them the drive itself tells. */
const conditional = ['if', 'if-match', 'if-none-match', 'if-unmodified-since']

export const mkcol = async (exchange: Exchange): Answer<Reply> => {
  const { gateway, path, request } = exchange
  if (isRoot(exchange)) return E.left(plain(405, 'the root is there'))
  if (hasBody(exchange)) return E.left(plain(415, 'MKCOL takes no body'))
  const asks = conditional.some((name) => request.headers[name] !== undefined)
  const entry = asks ? await look(exchange, path) : E.right(undefined)
  if (E.isLeft(entry)) return entry
  const may = await admitted(exchange, entry.right, [{ path, what: 'member' }])
  if (E.isLeft(may)) return may
  const made = await gateway.drive.createDir(path, { conflict: 'ask', parents: 'require' })()
  if (E.isLeft(made)) return E.left(replyUnless(gateway, { WrongKind: 409 })(made.left))
  gateway.properties.forget(path)
  return E.right(empty(201))
}
