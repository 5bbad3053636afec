// Pages of a directory, cut from one multistatus as it arrives: what lies ahead of a page is kept for the next one, within bounds.
import {
  notFound,
  root,
  segments,
  unexpectedResponse,
  wrongKind,
  type Answered,
  type DrivePath,
  type Entry,
  type Page,
} from '@anydrive/core'
import { FaultError, urlOf } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import { randomBytes } from 'node:crypto'
import type { DavApi } from './api'
import { isMissing, isWorthALook, type Bad } from './faults'
import type { Looks } from './looks'
import { MultistatusError, responsesIn } from './multistatus'
import { childOf, isBelow, isSame, segmentsIn, toEntry } from './translate'
import type { Asking, DavResponse } from './wire'

/** Entries read ahead of a page; listings kept between two pages; milliseconds that one which is not at its end keeps its connection. */
const bounds = { ahead: 5000, kept: 8, idle: 5000 } as const
const attempts = 3

interface Reading {
  readonly responses: AsyncGenerator<DavResponse, void>
  readonly close: () => void
  /** Of the directory itself, as the server spells it. */
  own: ReadonlyArray<string>
  first: boolean
  ended: boolean
  ready: Array<Entry>
  skipped: Array<string>
}

const wrong = wrongKind({ expected: 'directory' })

/** A proxy may have rewritten the way to us: then the first response, if it bears our name, is the directory all the same. */
const isSelf = (reading: Reading, at: ReadonlyArray<string>, dir: DrivePath, collection: boolean): boolean => {
  if (isSame(at, reading.own)) return true
  if (!reading.first || !collection || isBelow(at, reading.own)) return false
  const renamed = dir === root || at.at(-1) === segments(dir).at(-1)
  if (renamed) reading.own = at
  return renamed
}

/** False: the directory is none. */
const take = (reading: Reading, dir: DrivePath, response: DavResponse): boolean => {
  for (const href of response.hrefs) {
    const at = segmentsIn(href)
    const collection = response.properties.collection === true
    if (at !== undefined && isSelf(reading, at, dir, collection)) {
      if (!collection && response.status === undefined) return false
    } else {
      const path = at !== undefined && isBelow(at, reading.own) ? childOf(dir, at.at(-1) ?? '') : undefined
      if (path === undefined) reading.skipped.push(href.replace(/\/$/, '').replace(/^.*\//s, ''))
      else reading.ready.push(toEntry(path, response))
    }
    reading.first = false
  }
  return true
}

const faultOf = (error: unknown): Bad => {
  if (error instanceof FaultError || error instanceof MultistatusError) return error.fault
  return unexpectedResponse({ issues: [{ at: 'multistatus', expected: 'a multistatus', got: 'an exception' }] })
}

/** Reads on until so many entries are ready, or the end. */
const fill = async (reading: Reading, dir: DrivePath, most: number): Promise<E.Either<Bad, void>> => {
  try {
    while (!reading.ended && reading.ready.length < most) {
      const next = await reading.responses.next()
      if (next.done === true) reading.ended = true
      else if (!take(reading, dir, next.value)) return E.left(wrong)
    }
    return E.right(undefined)
  } catch (error) {
    return E.left(faultOf(error))
  } finally {
    if (reading.ended) reading.close()
  }
}

interface Position {
  /** Entries before this place. */
  readonly offset: number
  /** The name of the last of them. */
  readonly after: string
}
const cursorOf = ({ offset, after }: Position): string => `${offset}:${randomBytes(4).toString('hex')}:${after}`
const positionIn = (cursor: string): Position | undefined => {
  const [, offset, after] = /^(\d{1,15}):[0-9a-f]{8}:(.+)$/s.exec(cursor) ?? []
  return offset === undefined || after === undefined ? undefined : { offset: Number(offset), after }
}

/** Reads and forgets the entries before a place: those up to its name, or as many as there were if that name is gone. */
const forgetUntil = async (
  open: () => Promise<E.Either<Bad, Reading>>,
  dir: DrivePath,
  { offset, after }: Position,
): Promise<E.Either<Bad, Reading>> => {
  for (const by of ['name', 'number'] as const) {
    const opened = await open()
    if (E.isLeft(opened)) return opened
    const reading = opened.right
    for (let passed = 0; ; passed++) {
      if (by === 'number' && passed === offset) return opened
      const filled = await fill(reading, dir, 1)
      if (E.isLeft(filled)) return filled
      const entry = reading.ready.shift()
      if (entry === undefined) break
      if (by === 'name' && entry.name === after) return opened
    }
  }
  return open()
}

export interface Listings {
  /** Two pages of one listing meet in what the first left, else the directory is listed again up to there. */
  readonly page: (
    dir: DrivePath,
    request: { readonly cursor?: string | undefined; readonly limit: number },
    signal: AbortSignal,
  ) => Answered<Page<Entry>>
}

interface Kept {
  readonly reading: Reading
  readonly stop: () => void
}

export const createListings = (
  {
    api,
    looks,
    base,
    asking,
  }: { readonly api: DavApi; readonly looks: Looks; readonly base: string; readonly asking: Asking },
  { ahead, kept: most, idle }: { readonly ahead: number; readonly kept: number; readonly idle: number } = bounds,
): Listings => {
  const kept = new Map<string, Kept>()
  const drop = (key: string): Reading | undefined => {
    const found = kept.get(key)
    found?.stop()
    kept.delete(key)
    return found?.reading
  }
  /** One that is not at its end holds a connection, so not for long. */
  const keep = (key: string, reading: Reading): void => {
    const timer = reading.ended ? undefined : setTimeout(() => drop(key)?.close(), idle)
    kept.set(key, { reading, stop: () => clearTimeout(timer) })
    for (const old of [...kept.keys()].slice(0, Math.max(0, kept.size - most))) drop(old)?.close()
  }

  /** A refusal is looked into: of a file it is `WrongKind`. */
  const refusal = async (dir: DrivePath, fault: Bad, signal: AbortSignal): Promise<E.Either<Bad, never>> => {
    if (!isWorthALook(fault)) return E.left(fault)
    const found = await looks.stat(dir, signal)()
    if (E.isLeft(found)) return E.left(isMissing(found.left) || isMissing(fault) ? found.left : fault)
    return E.left(found.right.kind === 'directory' ? fault : wrong)
  }

  const open = async (dir: DrivePath, signal: AbortSignal): Promise<E.Either<Bad, Reading>> => {
    const controller = new AbortController()
    const stop = () => controller.abort()
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    const stream = await api.children(dir, asking, controller.signal)()
    signal.removeEventListener('abort', stop)
    if (E.isLeft(stream)) return refusal(dir, stream.left, signal)
    return E.right({
      responses: responsesIn(stream.right as AsyncIterable<Uint8Array>),
      close: () => stream.right.destroy(),
      own: segmentsIn(urlOf({ base, segments: segments(dir) })) ?? [],
      first: true,
      ended: false,
      ready: [],
      skipped: [],
    })
  }

  const begin = (dir: DrivePath, at: Position | undefined, signal: AbortSignal): Promise<E.Either<Bad, Reading>> =>
    at === undefined ? open(dir, signal) : forgetUntil(() => open(dir, signal), dir, at)

  const cut = (reading: Reading, at: Position | undefined, limit: number): Page<Entry> => {
    const items = reading.ready.splice(0, limit)
    const skipped = reading.skipped.splice(0)
    const last = items.at(-1)
    const goesOn = last !== undefined && (reading.ready.length > 0 || !reading.ended)
    const next = goesOn ? cursorOf({ offset: (at?.offset ?? 0) + items.length, after: last.name }) : undefined
    if (next !== undefined) keep(next, reading)
    else reading.close()
    return { items, ...(next === undefined ? {} : { next }), ...(skipped.length > 0 ? { skipped } : {}) }
  }

  return {
    page:
      (dir, { cursor, limit }, signal) =>
      async () => {
        const at = cursor === undefined ? undefined : positionIn(cursor)
        if (cursor !== undefined && at === undefined) return E.left(notFound({ what: 'cursor' }))
        let reading = cursor === undefined ? undefined : drop(cursor)
        for (let attempt = 1; ; attempt++) {
          const begun = reading === undefined ? await begin(dir, at, signal) : E.right(reading)
          if (E.isLeft(begun)) return begun
          const stop = () => begun.right.close()
          signal.addEventListener('abort', stop, { once: true })
          const filled = await fill(begun.right, dir, limit + ahead)
          signal.removeEventListener('abort', stop)
          if (E.isRight(filled)) return E.right(cut(begun.right, at, limit))
          begun.right.close()
          const again = filled.left._tag === 'Network' || filled.left._tag === 'Timeout'
          if (!again || attempt >= attempts || signal.aborted) return filled
          reading = undefined
        }
      },
  }
}
