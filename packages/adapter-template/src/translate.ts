// The service's words to ours and back: pure, and nothing is sent from here.
import {
  isSized,
  nameOf,
  parsePath,
  type DirEntry,
  type DrivePath,
  type Entry,
  type Fault,
  type SizedFile,
  type Page,
  type Placed,
} from '@anydrive/core'
import { defined, indeterminate, unexpectedResponse, wrongKind, type RawOutcome } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { faultOf, pathIn } from './errors'
import type { Node, Nodes, Results } from './wire'

/** Box's paths begin with a slash. */
export const pathText = (path: DrivePath): string => `/${path}`

/** A success whose path cannot be read does not say what was done. */
const toPath = (path: string): E.Either<Fault, DrivePath> =>
  pipe(
    parsePath(path),
    E.mapLeft(() =>
      unexpectedResponse({ effect: 'unknown', issues: [{ at: 'path', expected: 'a path', got: 'string' }] }),
    ),
  )

const dateOf = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text))

export const toEntry = ({ path, folder, bytes, sha256, created, changed }: Node): E.Either<Fault, Entry> =>
  pipe(
    toPath(path),
    E.map((at): Entry => {
      const times = defined({ createdAt: dateOf(created), modifiedAt: dateOf(changed) })
      const base = { path: at, name: nameOf(at), ...times }
      if (folder) return { kind: 'directory', ...base }
      return { kind: 'file', ...base, checksums: defined({ sha256 }), ...defined({ size: bytes, version: sha256 }) }
    }),
  )

export const toDirectory = (node: Node): E.Either<Fault, DirEntry> =>
  pipe(
    toEntry(node),
    E.flatMap((entry) => (entry.kind === 'directory' ? E.right(entry) : E.left(wrongKind({ expected: 'directory' })))),
  )

export const toFile = (node: Node): E.Either<Fault, SizedFile> =>
  pipe(
    toEntry(node),
    E.flatMap((entry) =>
      entry.kind === 'file' && isSized(entry) ? E.right(entry) : E.left(wrongKind({ expected: 'file' })),
    ),
  )

export const toPage = ({ nodes, next }: Nodes): E.Either<Fault, Page<Entry>> =>
  pipe(
    nodes,
    E.traverseArray(toEntry),
    E.map((items) => ({ items, ...defined({ next }) })),
  )

export const toPlaced = (asked: DrivePath, path: DrivePath): Placed => ({
  path,
  how: path === asked ? 'as-asked' : 'renamed',
})

/** One for each item that was sent; `asked` are the targets. What the response does not mention is `Indeterminate`. */
export const toOutcomes = ({ results }: Results, asked: ReadonlyArray<DrivePath>): ReadonlyArray<RawOutcome<Placed>> =>
  asked.map((to, i): RawOutcome<Placed> => {
    const { path, code, at } = results[i] ?? {}
    if (code !== undefined) return { status: 'failed', fault: faultOf(code, 'none', { code, ...pathIn(at) }) }
    if (path === undefined)
      return { status: 'failed', fault: indeterminate({ check: 'this item: the response leaves it out' }) }
    return pipe(
      toPath(path),
      E.match(
        (fault): RawOutcome<Placed> => ({ status: 'failed', fault }),
        (placed) => ({ status: 'done', ...toPlaced(to, placed) }),
      ),
    )
  })
