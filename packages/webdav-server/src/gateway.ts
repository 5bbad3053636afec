// What every request works with: the drive that is served, and what the gateway keeps beside it.
import { isInside, type DriveError, type DrivePath, type DriveProvider, type Entry } from '@anydrive/core'
import { locate, notFound } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { hrefOf, type Mount } from './address'
import type { Properties } from './dead-properties'
import { replyOf } from './faults'
import type { Origin } from './origin'
import type { Locks } from './locks'
import type { Reply } from './reply'
import type { State } from './state'

export interface Gateway extends Mount {
  readonly drive: DriveProvider
  readonly readOnly: boolean
  readonly locks: Locks
  readonly properties: Properties
  readonly state: State
  /** Where bodies wait that a drive cannot take as they come. */
  readonly spool: { readonly memory: number; readonly dir: string }
  /** Told what no client is told: a leftover that could not be removed. */
  readonly log: (text: string) => void
}

export interface Exchange {
  readonly gateway: Gateway
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly method: string
  /** By which this server is called in this request. */
  readonly origins: ReadonlyArray<Origin>
  readonly path: DrivePath
  readonly asDirectory: boolean
  /** Who asks; empty where nobody has to say. */
  readonly principal: string
  /** Lets a client send the body that it holds back until it is told to go on. */
  readonly proceed: () => void
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/** A left is an answer too: the one that ends the request early. */
export type Answer<A> = Promise<E.Either<Reply, A>>
export type Handler = (exchange: Exchange) => Answer<Reply>

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Node reads every byte of a header as one character; nothing where the bytes are not UTF-8. */
export const decodedUtf8 = (text: string): string | undefined => {
  try {
    return /[\x80-\xff]/.test(text) ? utf8.decode(Buffer.from(text, 'latin1')) : text
  } catch {
    return undefined
  }
}

/** Read as UTF-8, or as it is where it is not. */
export const header = ({ request }: Pick<Exchange, 'request'>, name: string): string | undefined => {
  const value = request.headers[name]
  const text = Array.isArray(value) ? value.join(', ') : value
  return text === undefined ? undefined : (decodedUtf8(text) ?? text)
}

export const hrefIn = (mount: Mount, { path, kind }: Pick<Entry, 'path' | 'kind'>): string => hrefOf(mount, path, kind)

/** What stands there; nothing, where neither it nor a directory for it is there. */
export const look = async ({ gateway, signal }: Exchange, path: DrivePath): Answer<Entry | undefined> => {
  const found = await gateway.drive.stat(path, { signal })()
  if (E.isRight(found)) return found
  const { left } = found
  const absent = (left._tag === 'NotFound' && left.what !== 'space') || left._tag === 'WrongKind'
  return absent ? E.right(undefined) : E.left(replyOf(gateway, left))
}

export const lookFor = async (exchange: Exchange, path: DrivePath): Answer<Entry> => {
  const found = await look(exchange, path)
  if (E.isLeft(found)) return found
  return found.right === undefined ? E.left(replyOf(exchange.gateway, missing(exchange, path))) : E.right(found.right)
}

const missing = ({ gateway }: Exchange, path: DrivePath): DriveError =>
  locate({ vendor: gateway.drive.vendor, operation: 'stat', path })(notFound({ what: 'source' }))

export const isRoot = ({ gateway, path }: Pick<Exchange, 'gateway' | 'path'>): boolean =>
  !isInside(gateway.base, path) || path === gateway.base
