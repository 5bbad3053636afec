// Looks: what stands at a path, and what exactly a refusal is about, which servers tell in different ways.
import { ancestorsOf, notFound, root, wrongKind, type Answered, type DrivePath, type Entry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { DavApi } from './api'
import { isMissing, type Bad } from './faults'
import type { ServerTraits } from './settings'
import { toEntry } from './translate'
import type { Asking } from './wire'

export const entryAsking = (server: ServerTraits): Asking => (server.ownCloud === true ? 'ownCloud entry' : 'entry')

/** What is said of a path below a file: 404, or 400 by Apache (docs/wire/webdav.md, statuses). */
const isVague = (fault: Bad): boolean => fault.http !== undefined && [400, 403, 405, 409].includes(fault.http)

export const looksOf = (api: DavApi, server: ServerTraits) => {
  const asking = entryAsking(server)
  const look = (path: DrivePath, signal: AbortSignal): Answered<Entry> =>
    pipe(
      api.look(path, asking, signal),
      TE.map((response) => toEntry(path, response)),
    )

  /**
   * What is in the way above a path: a file (`WrongKind`), or nothing where a directory should be (`NotFound('parent')`, with the first that
   * is missing). Undefined where the parent is there, or nothing can be told.
   */
  const blocker =
    (path: DrivePath, signal: AbortSignal): Answered<Bad | undefined> =>
    async () => {
      let missing: DrivePath | undefined
      for (const dir of [...ancestorsOf(path)].reverse()) {
        if (dir === root) break
        const found = await look(dir, signal)()
        if (E.isRight(found) && found.right.kind !== 'directory')
          return E.right(wrongKind({ expected: 'directory', at: dir }))
        if (E.isRight(found)) break
        if (!isMissing(found.left) && !isVague(found.left)) return found
        missing = dir
      }
      return E.right(missing === undefined ? undefined : notFound({ what: 'parent', at: missing }))
    }

  const stat = (path: DrivePath, signal: AbortSignal): Answered<Entry> =>
    path === root
      ? pipe(
          look(root, signal),
          TE.mapLeft((fault): Bad => (isMissing(fault) ? { ...fault, ...notFound({ what: 'space' }) } : fault)),
        )
      : pipe(
          look(path, signal),
          TE.orElse((fault): Answered<Entry> => {
            if (!isVague(fault))
              return TE.left(isMissing(fault) ? { ...fault, ...notFound({ what: 'source' }) } : fault)
            return pipe(
              blocker(path, signal),
              TE.flatMap((blocking) => TE.left(blocking === undefined ? fault : notFound({ what: 'source' }))),
            )
          }),
        )

  /** Undefined where there is nothing. */
  const find = (path: DrivePath, signal: AbortSignal): Answered<Entry | undefined> =>
    pipe(
      stat(path, signal),
      TE.orElse((fault): Answered<Entry | undefined> => (isMissing(fault) ? TE.right(undefined) : TE.left(fault))),
    )

  return { stat, find, blocker }
}
export type Looks = ReturnType<typeof looksOf>
