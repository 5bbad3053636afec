// What a client demands of the state before anything is done: entity tags, times, and the If header.
import { type Entry, type FileEntry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { createHash } from 'node:crypto'
import { addressOfUrl } from './address'
import { header, look, type Answer, type Exchange } from './gateway'
import { secondsOfDate } from './http-date'
import { parseIf, tokensOf, type Condition, type ConditionList } from './if-header'
import { empty, plain, type Reply } from './reply'

/** Of the drive's version; where it has none, of what changes with the content: id, size and time. */
export const etagOf = ({ version, id, size, modifiedAt }: FileEntry): string => {
  const told = version === undefined ? [id, size, modifiedAt?.getTime()] : [version]
  return `"${createHash('sha256').update(JSON.stringify(told)).digest('base64url').slice(0, 27)}"`
}

const entryTag = (entry: Entry | undefined): string | undefined => (entry?.kind === 'file' ? etagOf(entry) : undefined)

/** The quoted tags. Joplin sends one without quotes with every change, so that it matches nothing. */
const listed = (text: string): ReadonlyArray<string> => text.match(/(?:W\/)?"[^"]*"/g) ?? []
const opaque = (tag: string): string => tag.replace(/^W\//, '')

const secondsOf = (entry: Entry | undefined): number => Math.floor((entry?.modifiedAt?.getTime() ?? NaN) / 1000)

/** An `If-Range` that is an entity tag or a date, and still holds. */
export const rangeHolds = (text: string | undefined, entry: FileEntry): boolean => {
  if (text === undefined) return true
  if (text.startsWith('"')) return text === etagOf(entry)
  return secondsOf(entry) === secondsOfDate(text)
}

const reads = new Set(['GET', 'HEAD'])
const failed = plain(412, 'a precondition does not hold')

const unmet = (exchange: Exchange, entry: Entry | undefined): Reply | undefined => {
  const match = header(exchange, 'if-match')
  if (match === undefined) {
    const since = secondsOfDate(header(exchange, 'if-unmodified-since'))
    return since !== undefined && secondsOf(entry) > since ? failed : undefined
  }
  const tag = entryTag(entry)
  const met = match.trim() === '*' ? entry !== undefined : tag !== undefined && listed(match).includes(tag)
  return met ? undefined : failed
}

/** RFC 9110, 13.2.2. A date that cannot be read, or an entry without one, demands nothing. */
export const httpConditions = (exchange: Exchange, entry: Entry | undefined): Reply | undefined => {
  const first = unmet(exchange, entry)
  if (first !== undefined) return first
  const tag = entryTag(entry)
  const isRead = reads.has(exchange.method)
  const notModified = empty(304, tag === undefined ? {} : { ETag: tag })
  const none = header(exchange, 'if-none-match')
  if (none !== undefined) {
    const hit = none.trim() === '*' ? entry !== undefined : tag !== undefined && listed(none).map(opaque).includes(tag)
    if (!hit) return undefined
    return isRead ? notModified : failed
  }
  // The page of a directory changes with its members, which its own time does not show.
  if (!isRead || entry?.kind !== 'file') return undefined
  const since = secondsOfDate(header(exchange, 'if-modified-since'))
  return since !== undefined && secondsOf(entry) <= since ? notModified : undefined
}

/** The state of one URL that a list speaks of. */
interface State {
  readonly tokens: ReadonlySet<string>
  readonly tag: string | undefined
}

const holds =
  ({ tokens, tag }: State) =>
  ({ not, kind, value }: Condition): boolean =>
    (kind === 'token' ? tokens.has(value) : tag !== undefined && opaque(value) === tag) !== not

const stateOf = async (exchange: Exchange, list: ConditionList, own: Entry | undefined): Answer<State | undefined> => {
  const { gateway, path } = exchange
  const address =
    list.resource === undefined ? E.right({ path }) : addressOfUrl(gateway, list.resource, exchange.origins)
  // A URL that is not ours has no state that we know of.
  if (E.isLeft(address)) return E.right(undefined)
  const there = address.right.path
  const asks = list.conditions.some(({ kind }) => kind === 'etag')
  const entry = there === path || !asks ? E.right(own) : await look(exchange, there)
  const tokens = new Set(gateway.locks.covering(there).map(({ token }) => token))
  return E.map((it: Entry | undefined): State => ({ tokens, tag: entryTag(it) }))(entry)
}

/** The tokens that the client submits; 412 unless one of the lists holds, 400 where the header is malformed. */
export const ifConditions = async (exchange: Exchange, own: Entry | undefined): Answer<ReadonlySet<string>> => {
  const text = header(exchange, 'if')
  if (text === undefined) return E.right(new Set())
  const lists = parseIf(text)
  if (E.isLeft(lists)) return E.left(plain(400, lists.left))
  for (const list of lists.right) {
    const state = await stateOf(exchange, list, own)
    if (E.isLeft(state)) return state
    if (state.right !== undefined && list.conditions.every(holds(state.right))) return E.right(tokensOf(lists.right))
  }
  return E.left(failed)
}
