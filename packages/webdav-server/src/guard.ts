// What stands before every change: conditions first, then locks.
import { parentOf, type DrivePath, type Entry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { httpConditions, ifConditions } from './conditions'
import { hrefIn, type Answer, type Exchange } from './gateway'
import type { Lock } from './locks'
import { hrefElement, multistatus } from './multistatus'
import { xml, type Reply } from './reply'
import { errorDocument } from './xml-write'

/** `content`: of the entry itself; `member`: it comes into its directory, or leaves it; `tree`: that, with all below it. */
export interface Touched {
  readonly path: DrivePath
  readonly what: 'content' | 'member' | 'tree'
}

const lockHref = ({ gateway }: Exchange, { root, kind }: Lock): string => hrefIn(gateway, { path: root, kind })

export const lockCondition = (exchange: Exchange, name: string, locks: ReadonlyArray<Lock>): string =>
  `<D:${name}>${locks.map((lock) => hrefElement(lockHref(exchange, lock))).join('')}</D:${name}>`

/** The locks of this path, unless the client holds one of them and says so. */
const closed = (exchange: Exchange, tokens: ReadonlySet<string>, path: DrivePath): ReadonlyArray<Lock> => {
  const locks = exchange.gateway.locks.covering(path)
  const opened = locks.some(({ token, principal }) => tokens.has(token) && principal === exchange.principal)
  return opened ? [] : locks
}

const closedBy = (exchange: Exchange, tokens: ReadonlySet<string>, { path, what }: Touched): ReadonlyArray<Lock> => {
  const places = [path, ...(what !== 'content' && path !== exchange.gateway.base ? [parentOf(path)] : [])]
  for (const place of places) {
    const locks = closed(exchange, tokens, place)
    if (locks.length > 0) return locks
  }
  if (what !== 'tree') return []
  return exchange.gateway.locks.below(path).filter(({ root }) => closed(exchange, tokens, root).length > 0)
}

const locked = (exchange: Exchange, locks: ReadonlyArray<Lock>, { path }: Touched): Reply => {
  const condition = lockCondition(exchange, 'lock-token-submitted', locks)
  const inside = locks.filter(({ root }) => root !== path && root.startsWith(`${path}/`))
  return inside.length === 0
    ? xml(423, errorDocument(condition))
    : multistatus(inside.map((lock) => ({ href: lockHref(exchange, lock), status: 423 })))
}

/** A left where the request may not go on; nothing has been changed then. `entry`: what the request's own URL names now. */
export const admitted = async (
  exchange: Exchange,
  entry: Entry | undefined,
  touched: ReadonlyArray<Touched>,
): Answer<void> => {
  const tokens = await ifConditions(exchange, entry)
  if (E.isLeft(tokens)) return tokens
  const failed = httpConditions(exchange, entry)
  if (failed !== undefined) return E.left(failed)
  for (const it of touched) {
    const locks = closedBy(exchange, tokens.right, it)
    if (locks.length > 0) return E.left(locked(exchange, locks, it))
  }
  return E.right(undefined)
}
