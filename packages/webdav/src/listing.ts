// Pages of a directory, cut from one multistatus as it arrives: what follows a page is kept for the next one, within bounds.
import { root, type DrivePath, type Entry, type Page } from '@anydrive/core'
import {
  defined,
  notFound,
  onAbort,
  unexpectedResponse,
  wrongKind,
  type RequiredOperations,
  type RawResult,
} from '@anydrive/core/adapter'
import { FaultError } from '@anydrive/http'
import type { Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { Dav } from './client'
import { lookup, propertiesOf } from './entries'
import { faultOf, isAmbiguous, isMissing } from './errors'
import { plainBody } from './read'
import { childOf, directoryOf, isIn, isSame, segmentsIn, toEntry } from './translate'
import { MultistatusError, responsesIn, type DavResponse } from './wire'

/** Entries read ahead of a page; listings kept between two pages; milliseconds for which an unfinished one keeps its connection. */
const bounds = { ahead: 5000, kept: 8, idle: 5000 } as const
/** Responses that are read until it is known which of them is the directory. */
const mostUnplaced = 1000
const attempts = 3

interface Addressed {
  readonly at: ReadonlyArray<string>
  readonly href: string
  readonly response: DavResponse
}

interface Reading {
  readonly responses: AsyncGenerator<DavResponse, void>
  readonly close: () => void
  readonly dir: DrivePath
  /** The address that was requested. */
  readonly expected: ReadonlyArray<string>
  /** The address of the directory, as the server spells it, once it is known. */
  own: ReadonlyArray<string> | undefined
  /** Responses that came before that. */
  unplaced: Array<Addressed>
  isEmpty: boolean
  /** Whether the response of the directory itself was read. */
  isFound: boolean
  /** Names of the entries that were read: a server may send one twice. */
  readonly names: Set<string>
  ended: boolean
  ready: Array<Entry>
  skipped: Array<string>
}

type Result<A> = Promise<E.Either<Failure, A>>

const notADirectory = wrongKind({ expected: 'directory' })
const foreign = unexpectedResponse({
  effect: 'none',
  issues: [{ at: 'href', expected: 'addresses in the directory that was asked for', got: 'others' }],
})

/** The last name in an address, for `skipped`. */
const skippedName = (href: string): string => href.replace(/\/$/, '').replace(/^.*\//s, '')

/** Sorts a response in, once the address of the directory is known. Left: the address is that of a file. */
const place = (reading: Reading, { at, href, response }: Addressed): E.Either<Failure, void> => {
  const { own = [], dir } = reading
  if (isSame(at, own)) {
    const isFile = response.properties.collection !== true && response.status === undefined
    const wasFound = reading.isFound
    reading.isFound = true
    if (response.status !== undefined && response.status >= 400)
      return E.left(faultOf({ http: response.status, effect: 'none' }))
    if (!isFile) return E.right(undefined)
    if (!wasFound) return E.left(notADirectory)
    // Spaces around an href are ignored, so the href of an entry whose name is only spaces looks like that of the directory.
    reading.skipped.push(skippedName(href))
    return E.right(undefined)
  }
  const path = isIn(at, own) ? childOf(dir, at.at(-1) ?? '') : undefined
  if (path === undefined) reading.skipped.push(skippedName(href))
  else if (!reading.names.has(path)) {
    reading.names.add(path)
    reading.ready.push(toEntry(path, response))
  }
  return E.right(undefined)
}

const placeAll = (reading: Reading, complete: boolean): E.Either<Failure, void> => {
  const { unplaced, expected, dir } = reading
  reading.own ??= directoryOf(unplaced, expected, { isRoot: dir === root, complete })
  if (reading.own === undefined) {
    if (reading.isEmpty && complete) return E.left(notFound({ what: 'source' }))
    return complete || unplaced.length > mostUnplaced ? E.left(foreign) : E.right(undefined)
  }
  for (const one of unplaced.splice(0)) {
    const placed = place(reading, one)
    if (E.isLeft(placed)) return placed
  }
  return E.right(undefined)
}

const take = (reading: Reading, response: DavResponse): E.Either<Failure, void> => {
  reading.isEmpty = false
  for (const href of response.hrefs) {
    const at = segmentsIn(href)
    if (at === undefined) reading.skipped.push(skippedName(href))
    else reading.unplaced.push({ at, href, response })
  }
  return placeAll(reading, false)
}

const failureOf = (error: unknown): Failure => {
  if (error instanceof FaultError || error instanceof MultistatusError) return error.fault
  const issues = [{ at: 'multistatus', expected: 'a multistatus', got: 'an exception' }]
  return unexpectedResponse({ effect: 'none', issues })
}

/** Reads on until so many entries are ready, or the end. */
const fill = async (reading: Reading, most: number): Result<void> => {
  try {
    while (!reading.ended && reading.ready.length < most) {
      const next = await reading.responses.next()
      reading.ended = next.done === true
      const taken = next.done === true ? placeAll(reading, true) : take(reading, next.value)
      if (E.isLeft(taken)) return taken
    }
    return E.right(undefined)
  } catch (error) {
    return E.left(failureOf(error))
  } finally {
    if (reading.ended) reading.close()
  }
}

/** The reason of a refusal: of a file it is `WrongKind`. */
const refusal = async (dav: Dav, dir: DrivePath, fault: Failure, signal: AbortSignal): Result<never> => {
  if (!isAmbiguous(fault)) return E.left(fault)
  const found = await lookup(dav, dir, signal)()
  if (E.isLeft(found)) return E.left(isMissing(found.left) || isMissing(fault) ? found.left : fault)
  return E.left(found.right.kind === 'directory' ? fault : notADirectory)
}

const open = async (dav: Dav, dir: DrivePath, signal: AbortSignal): Result<Reading> => {
  const controller = new AbortController()
  const forget = onAbort(signal, () => controller.abort())
  const response = await dav.api.list(dir, propertiesOf(dav.server), controller.signal)()
  forget()
  if (E.isLeft(response)) return refusal(dav, dir, response.left, signal)
  const stream: Readable = plainBody(response.right.stream, response.right.header('content-encoding'))
  return E.right({
    responses: responsesIn(stream as AsyncIterable<Uint8Array>),
    close: () => stream.destroy(),
    dir,
    expected: dav.api.addressOf(dir),
    own: undefined,
    unplaced: [],
    isEmpty: true,
    isFound: false,
    names: new Set(),
    ended: false,
    ready: [],
    skipped: [],
  })
}

/** The names in a directory, of which up to a million are held. */
export const namesIn =
  (dav: Dav, dir: DrivePath, signal: AbortSignal): RawResult<ReadonlySet<string>> =>
  async () => {
    const reading = await open(dav, dir, signal)
    if (E.isLeft(reading)) return reading
    const forget = onAbort(signal, reading.right.close)
    const filled = await fill(reading.right, 1_000_000)
    forget()
    reading.right.close()
    return E.map(() => new Set(reading.right.ready.map(({ name }) => name)))(filled)
  }

interface Position {
  /** Entries before this position. */
  readonly offset: number
  /** The name of the last of them. */
  readonly after: string
}
const cursorOf = ({ offset, after }: Position): string => `${offset}:${randomBytes(4).toString('hex')}:${after}`
const positionIn = (cursor: string): Position | undefined => {
  const [, offset, after] = /^(\d{1,15}):[0-9a-f]{8}:(.+)$/s.exec(cursor) ?? []
  return offset === undefined || after === undefined ? undefined : { offset: Number(offset), after }
}

/** Reads the directory again up to a position: to its name, or past as many entries as there were if that name is gone. */
const reopen = async (dav: Dav, dir: DrivePath, { offset, after }: Position, signal: AbortSignal): Result<Reading> => {
  for (const by of ['name', 'number'] as const) {
    const opened = await open(dav, dir, signal)
    if (E.isLeft(opened)) return opened
    const reading = opened.right
    for (let passed = 0; ; passed++) {
      if (by === 'number' && passed === offset) return opened
      const filled = await fill(reading, 1)
      if (E.isLeft(filled)) {
        reading.close()
        return filled
      }
      const entry = reading.ready.shift()
      if (entry === undefined) break
      if (by === 'name' && entry.name === after) return opened
    }
  }
  return open(dav, dir, signal)
}

interface Kept {
  readonly reading: Reading
  readonly stop: () => void
}

/**
 * `list` of one drive. What was read beyond a page is kept for the next one for a while; a cursor without it, from another process for example, lists the
 * directory again up to its name.
 */
export const createList = (dav: Dav, { ahead, kept: most, idle } = bounds): RequiredOperations['list'] => {
  const kept = new Map<string, Kept>()
  const drop = (key: string): Reading | undefined => {
    const found = kept.get(key)
    found?.stop()
    kept.delete(key)
    return found?.reading
  }
  /** An unfinished one holds a connection, so it is kept only briefly. */
  const keep = (key: string, reading: Reading): void => {
    const timer = reading.ended ? undefined : setTimeout(() => drop(key)?.close(), idle)
    kept.set(key, { reading, stop: () => clearTimeout(timer) })
    for (const old of [...kept.keys()].slice(0, Math.max(0, kept.size - most))) drop(old)?.close()
  }

  const cut = (reading: Reading, at: Position | undefined, limit: number): Page<Entry> => {
    const items = reading.ready.splice(0, limit)
    const skipped = reading.skipped.splice(0)
    const last = items.at(-1)
    const goesOn = last !== undefined && (reading.ready.length > 0 || !reading.ended)
    const next = goesOn ? cursorOf({ offset: (at?.offset ?? 0) + items.length, after: last.name }) : undefined
    if (next === undefined) reading.close()
    else keep(next, reading)
    return { items, ...defined({ next, skipped: skipped.length > 0 ? skipped : undefined }) }
  }

  return (dir, { cursor, limit }, { signal }) =>
    async () => {
      const at = cursor === undefined ? undefined : positionIn(cursor)
      if (cursor !== undefined && at === undefined) return E.left(notFound({ what: 'cursor' }))
      let reading = cursor === undefined ? undefined : drop(cursor)
      for (let n = 1; ; n++) {
        const begin = () => (at === undefined ? open(dav, dir, signal) : reopen(dav, dir, at, signal))
        const begun = reading === undefined ? await begin() : E.right(reading)
        if (E.isLeft(begun)) return begun
        const forget = onAbort(signal, begun.right.close)
        const filled = await fill(begun.right, limit + ahead)
        forget()
        if (E.isRight(filled)) return E.right(cut(begun.right, at, limit))
        begun.right.close()
        const mayRepeat = filled.left._tag === 'Network' || filled.left._tag === 'Timeout'
        if (!mayRepeat || n >= attempts || signal.aborted) return filled
        reading = undefined
      }
    }
}
