// LOCK and UNLOCK: taken, refreshed and given back; an unmapped URL becomes an empty file.
import { fromBytes, type Entry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { xmlBody } from '../body-xml'
import { ifConditions } from '../conditions'
import { depthOf } from '../depth'
import { replyUnless } from '../faults'
import { header, hrefIn, look, lookFor, type Answer, type Exchange } from '../gateway'
import { admitted, lockCondition } from '../guard'
import { lockDocument } from '../lock-xml'
import type { Lock, LockRequest } from '../locks'
import { multistatus } from '../multistatus'
import { empty, plain, xml, type Reply } from '../reply'
import { childOf, isDav, type Element } from '../xml-read'
import { errorDocument, writeElement } from '../xml-write'

const usual = 3600
const longest = 86_400

/** The first that can be had of those wished for, and no more than a day. */
const secondsOf = (exchange: Exchange): number => {
  const wishes = (header(exchange, 'timeout') ?? '').split(',').map((wish) => wish.trim())
  for (const wish of wishes) {
    if (/^infinite$/i.test(wish)) return longest
    const told = /^Second-(\d+)$/i.exec(wish)?.[1]
    if (told !== undefined) return Math.max(1, Math.min(longest, Number(told)))
  }
  return usual
}

const refused = (why: string): E.Either<Reply, never> => E.left(plain(400, why))

const requestOf = (exchange: Exchange, info: Element): E.Either<Reply, Omit<LockRequest, 'kind'>> => {
  const scope = childOf(info, 'lockscope')
  const isShared = scope !== undefined && childOf(scope, 'shared') !== undefined
  const isExclusive = scope !== undefined && childOf(scope, 'exclusive') !== undefined
  const type = childOf(info, 'locktype')
  if (!isDav(info, 'lockinfo') || isShared === isExclusive) return refused('the body is no lockinfo with a scope')
  if (type === undefined || childOf(type, 'write') === undefined) return refused('only write locks are given')
  const depth = depthOf(exchange, ['0', 'infinity'])
  if (E.isLeft(depth)) return depth
  const owner = childOf(info, 'owner')
  return E.right({
    root: exchange.path,
    depth: depth.right,
    scope: isShared ? 'shared' : 'exclusive',
    owner: owner === undefined ? undefined : writeElement(owner),
    principal: exchange.principal,
    seconds: secondsOf(exchange),
  })
}

const refresh = async (exchange: Exchange): Answer<Reply> => {
  const { gateway, path, principal } = exchange
  const entry = await lookFor(exchange, path)
  if (E.isLeft(entry)) return entry
  if (header(exchange, 'if') === undefined) return refused('a lock is refreshed by its token in the If header')
  const tokens = await ifConditions(exchange, entry.right)
  if (E.isLeft(tokens)) return tokens
  const own = gateway.locks.covering(path).find((it) => tokens.right.has(it.token) && it.principal === principal)
  const lock = own === undefined ? undefined : gateway.locks.refresh(own.token, secondsOf(exchange))
  return lock === undefined
    ? E.left(plain(412, 'there is no such lock'))
    : E.right(xml(200, lockDocument(gateway, lock)))
}

const inTheWay = (exchange: Exchange, locks: ReadonlyArray<Lock>): Reply => {
  if (locks.length === 0) return plain(503, 'there are too many locks')
  const condition = lockCondition(exchange, 'no-conflicting-lock', locks)
  const below = locks.filter(({ root }) => root !== exchange.path && root.startsWith(`${exchange.path}/`))
  if (below.length === 0) return xml(423, errorDocument(condition))
  const href = (lock: Lock) => hrefIn(exchange.gateway, { path: lock.root, kind: lock.kind })
  return multistatus([
    ...below.map((lock) => ({ href: href(lock), status: 423 })),
    { href: hrefIn(exchange.gateway, { path: exchange.path, kind: 'directory' }), status: 424 },
  ])
}

/** Nothing is left of a name that could not be taken. */
const takeName = async (exchange: Exchange, entry: Entry | undefined): Answer<void> => {
  if (entry !== undefined) return E.right(undefined)
  const { gateway, path } = exchange
  const made = await gateway.drive.writeFile(path, fromBytes(''), { conflict: 'ask', parents: 'require' })()
  if (E.isRight(made)) {
    gateway.properties.forget(path)
    return E.right(undefined)
  }
  return made.left._tag === 'NameConflict'
    ? E.right(undefined)
    : E.left(replyUnless(gateway, { WrongKind: 409 })(made.left))
}

const take = async (exchange: Exchange, info: Element): Answer<Reply> => {
  const { gateway, path } = exchange
  const request = requestOf(exchange, info)
  if (E.isLeft(request)) return request
  const entry = await look(exchange, path)
  if (E.isLeft(entry)) return entry
  // Another's lock on the entry itself is a conflict, not a closed door: only a new member needs the lock of its directory.
  const may = await admitted(exchange, entry.right, entry.right === undefined ? [{ path, what: 'member' }] : [])
  if (E.isLeft(may)) return may
  const lock = gateway.locks.grant({ ...request.right, kind: entry.right?.kind ?? 'file' })
  if (E.isLeft(lock)) return E.left(inTheWay(exchange, lock.left))
  const named = await takeName(exchange, entry.right)
  if (E.isLeft(named)) {
    gateway.locks.release(lock.right.token)
    return named
  }
  return E.right(
    xml(entry.right === undefined ? 201 : 200, lockDocument(gateway, lock.right), {
      'Lock-Token': `<${lock.right.token}>`,
    }),
  )
}

export const lock = async (exchange: Exchange): Answer<Reply> => {
  const body = await xmlBody(exchange)
  if (E.isLeft(body)) return body
  return body.right === undefined ? refresh(exchange) : take(exchange, body.right)
}

export const unlock = (exchange: Exchange): Answer<Reply> => {
  const { gateway, path, principal } = exchange
  const answer = (): E.Either<Reply, Reply> => {
    // Some clients leave the brackets out.
    const token = /^\s*<?([^<>\s]+)>?\s*$/.exec(header(exchange, 'lock-token') ?? '')?.[1]
    if (token === undefined) return refused('the request says no Lock-Token')
    const held = gateway.locks.covering(path).find((it) => it.token === token)
    if (held === undefined) return E.left(xml(409, errorDocument('<D:lock-token-matches-request-uri/>')))
    if (held.principal !== principal) return E.left(plain(403, 'the lock is of somebody else'))
    gateway.locks.release(token)
    return E.right(empty(204))
  }
  return Promise.resolve(answer())
}
