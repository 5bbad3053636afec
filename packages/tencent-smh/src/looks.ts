// Looks that cost a request more: what stands at a path, and what exactly a 404 or a 409 is about.
import {
  ancestorsOf,
  nameConflict,
  notFound,
  root,
  unavailable,
  unexpectedResponse,
  wrongKind,
  type Answer,
  type DrivePath,
  type Entry,
  type Fault,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Asked, SmhApi } from './api'
import { toEntry, toPage } from './translate'

export const looksOf = (api: SmhApi) => {
  /** The root has no `?info` that the documents promise; a list proves the same. */
  const stat = (path: DrivePath, signal: AbortSignal, space?: string): Asked<Entry> =>
    path === root
      ? pipe(
          api.list(root, { marker: undefined, limit: 1 }, signal, space),
          TE.mapLeft((fault) => (isMissing(fault) ? notFound({ ...answerIn(fault), what: 'space' }) : fault)),
          TE.map((): Entry => ({ kind: 'directory', path: root, name: '' })),
        )
      : pipe(
          api.info(path, signal, space),
          TE.flatMapEither((info) => toEntry(path, info.type, info)),
        )

  /** Undefined where there is nothing. */
  const find = (path: DrivePath, signal: AbortSignal, space?: string): Asked<Entry | undefined> =>
    pipe(
      stat(path, signal, space),
      TE.orElse((fault): Asked<Entry | undefined> => (isMissing(fault) ? TE.right(undefined) : TE.left(fault))),
    )

  /** The nearest ancestor that is there; `WrongKind` if it is no directory. Nothing: the root. */
  const blocker =
    (path: DrivePath, signal: AbortSignal): Asked<Fault | undefined> =>
    async () => {
      for (const dir of [...ancestorsOf(path)].reverse()) {
        if (dir === root) break
        const found = await find(dir, signal)()
        if (E.isLeft(found)) return found
        if (found.right?.kind === 'directory') break
        if (found.right !== undefined) return E.right(wrongKind({ expected: 'directory', at: dir }))
      }
      return E.right(undefined)
    }

  /** SMH says `SameNameDirectoryOrFileExists` for a taken name and for a file among the parents. */
  const conflictAt =
    (path: DrivePath, answer: Answer, signal: AbortSignal): Asked<Fault> =>
    async () => {
      const existing = await find(path, signal)()
      if (E.isLeft(existing)) return E.right(nameConflict(answer))
      if (existing.right !== undefined) return E.right(nameConflict({ ...answer, existing: existing.right }))
      const blocking = await blocker(path, signal)()
      if (E.isLeft(blocking)) return E.right(nameConflict(answer))
      return E.right(
        blocking.right ?? unavailable({ ...answer, said: 'the name is taken, but nothing is seen there yet' }),
      )
    }

  /** One page of a directory, and of a file `WrongKind`. */
  const list = (
    dir: DrivePath,
    page: { readonly marker: string | undefined; readonly limit: number },
    signal: AbortSignal,
    space?: string,
  ) =>
    pipe(
      api.list(dir, page, signal, space),
      TE.flatMapEither((contents) => toPage(dir, contents)),
    )

  return { stat, find, blocker, conflictAt, list }
}
export type Looks = ReturnType<typeof looksOf>

export const isMissing = (fault: Fault): fault is Fault<'NotFound'> =>
  fault._tag === 'NotFound' && (fault.what === 'source' || fault.what === 'parent')

/** What the service said, apart from what it means. */
export const answerIn = ({ http, code, requestId, said, attempts }: Answer): Answer => ({
  ...(http === undefined ? {} : { http }),
  ...(code === undefined ? {} : { code }),
  ...(requestId === undefined ? {} : { requestId }),
  ...(said === undefined ? {} : { said }),
  ...(attempts === undefined ? {} : { attempts }),
})

/** The answer is lost, or a 5xx says nothing of what was done before it. */
export const leavesDoubt = (fault: Fault): boolean => {
  const { effect } = fault as { readonly effect?: string }
  if (fault._tag === 'Network' || fault._tag === 'Timeout') return effect !== 'none'
  return fault._tag === 'Unavailable' && (fault.http ?? 500) >= 500
}

/** Neither a result nor a task. */
export const missingTask: Fault = unexpectedResponse({
  issues: [{ at: 'taskId', expected: 'a result or a task', got: 'missing' }],
})
