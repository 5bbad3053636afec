// The vendor's words ↔ ours: pure, and nothing is sent from here.
import {
  asAsk,
  forbidden,
  indeterminate,
  invalidPath,
  nameConflict,
  nameOf,
  native,
  nestedTarget,
  notFound,
  parsePath,
  rateLimited,
  checksumMismatch,
  unauthenticated,
  unavailable,
  unexpectedResponse,
  wrongKind,
  type Answer,
  type Dialect,
  type DirEntry,
  type DrivePath,
  type Entry,
  type Fault,
  type FileEntry,
  type Page,
  type Placed,
  type RawOutcome,
} from '@anydrive/core'
import { parseJson, type HttpResponse } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { ErrorBody, type Node, type Nodes, type Results } from './wire'

/** Box's word for what to do when a name is taken. */
export type Conflict = 'fail' | 'number' | 'replace'

/** One table: what is sent for a strategy, and what the capabilities say of it. Box refuses to replace a directory. */
export const dialect = {
  directory: { ask: native('fail'), rename: native('number'), overwrite: asAsk('fail') },
  file: { ask: native('fail'), rename: native('number'), overwrite: native('replace') },
} as const satisfies Dialect

type Said = Answer & { readonly at?: DrivePath }

/** Every code of the vendor's list. A missing parent is not a missing source: core makes the parent, and tries again. */
const faults: Readonly<Record<string, (said: Said) => Fault>> = {
  'bad-token': unauthenticated,
  'not-allowed': forbidden,
  'no-such': (said) => notFound({ ...said, what: 'source' }),
  'no-parent': (said) => notFound({ ...said, what: 'parent' }),
  'not-a-folder': (said) => wrongKind({ ...said, expected: 'directory' }),
  'not-a-file': (said) => wrongKind({ ...said, expected: 'file' }),
  taken: nameConflict,
  'into-itself': nestedTarget,
  'bad-name': (said) => invalidPath({ ...said, reason: 'the vendor refuses this name' }),
  'bad-checksum': (said) => checksumMismatch({ ...said, algorithm: 'sha256' }),
  slow: rateLimited,
}

/** Where the table does not know the code, the status decides. After a 5xx nobody knows whether Box acted: `Unavailable`. */
const faultOf = (code: string | undefined, said: Said): Fault => {
  const known = code === undefined ? undefined : faults[code]
  const { http = 0 } = said
  if (known !== undefined) return known(said)
  if (http === 401) return unauthenticated(said)
  if (http === 403) return forbidden(said)
  if (http === 429) return rateLimited(said)
  if (http === 408 || http >= 500) return unavailable({ ...said, effect: 'unknown' })
  return unexpectedResponse({ ...said, effect: 'unknown', issues: [{ at: 'code', expected: 'a documented code', got: typeof code }] })
}

const placeOf = (at: string | undefined): { readonly at?: DrivePath } => {
  const parsed = at === undefined ? undefined : parsePath(at)
  return parsed === undefined || E.isLeft(parsed) ? {} : { at: parsed.right }
}

/** Of an answer with any status but 2xx, also one that a proxy sent. */
export const toFault = ({ status, text }: HttpResponse): Fault => {
  const body = pipe(
    parseJson(text),
    E.flatMap((json) => ErrorBody.decode(json)),
  )
  if (E.isLeft(body)) return faultOf(undefined, { http: status })
  const { code, message, at } = body.right
  return faultOf(code, { http: status, code, ...(message === undefined ? {} : { said: message }), ...placeOf(at) })
}

/** Box's paths begin with a slash. */
export const pathText = (path: DrivePath): string => `/${path}`

const unreadable = (at: string): Fault => unexpectedResponse({ effect: 'unknown', issues: [{ at, expected: 'a path', got: 'string' }] })

const toPath = (path: string): E.Either<Fault, DrivePath> =>
  pipe(
    parsePath(path),
    E.mapLeft(() => unreadable('path')),
  )

export const toEntry = ({ path, folder, bytes = 0, sha256, changed }: Node): E.Either<Fault, Entry> =>
  pipe(
    toPath(path),
    E.map((at): Entry => {
      const base = { path: at, name: nameOf(at), ...(changed === undefined ? {} : { modifiedAt: new Date(changed) }) }
      if (folder) return { kind: 'directory', ...base }
      const checksums = sha256 === undefined ? {} : { sha256 }
      return { kind: 'file', ...base, size: bytes, checksums, ...(sha256 === undefined ? {} : { version: sha256 }) }
    }),
  )

export const toDirectory = (node: Node): E.Either<Fault, DirEntry> =>
  pipe(
    toEntry(node),
    E.flatMap((entry) => (entry.kind === 'directory' ? E.right(entry) : E.left(wrongKind({ expected: 'directory' })))),
  )

export const toFile = (node: Node): E.Either<Fault, FileEntry> =>
  pipe(
    toEntry(node),
    E.flatMap((entry) => (entry.kind === 'file' ? E.right(entry) : E.left(wrongKind({ expected: 'file' })))),
  )

export const toPage = ({ nodes, next }: Nodes): E.Either<Fault, Page<Entry>> =>
  pipe(
    nodes,
    E.traverseArray(toEntry),
    E.map((items) => (next === undefined ? { items } : { items, next })),
  )

export const toPlaced = (asked: DrivePath, path: DrivePath): Placed => ({
  path,
  how: path === asked ? 'as-asked' : 'renamed',
})

/** One an item that was sent; `asked` are the targets. What Box does not mention is `Indeterminate`. */
export const toOutcomes = ({ results }: Results, asked: ReadonlyArray<DrivePath>): ReadonlyArray<RawOutcome<Placed>> =>
  asked.map((to, i) => {
    const { path, code, at } = results[i] ?? {}
    if (code !== undefined) return { status: 'failed', fault: faultOf(code, { code, ...placeOf(at) }) }
    if (path === undefined)
      return { status: 'failed', fault: indeterminate({ check: 'this item: the answer leaves it out' }) }
    const placed = toPath(path)
    return E.isLeft(placed)
      ? { status: 'failed', fault: placed.left }
      : { status: 'done', ...toPlaced(to, placed.right) }
  })
