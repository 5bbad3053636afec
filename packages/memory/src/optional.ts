// What only some drives do: trash, search, versions, download URLs, times and changes.
import * as E from 'fp-ts/Either'
import {
  matchesQuery,
  root,
  secret,
  type CallOptions,
  type Changes,
  type DownloadUrl,
  type DrivePath,
  type Fault,
  type FileVersion,
  type OptionalVerb,
  type OptionalVerbs,
  type Page,
  type PageOptions,
  type Placed,
  type Purged,
  type RestoreOptions,
  type Result,
  type TrashEntry,
  type TrashItem,
  type WaitOptions,
} from '@anydrive/core'
import { isTemporary, limitExceeded, notFound, unsupported } from '@anydrive/core/adapter'
import { inOrder } from './batches'
import { runCall, type Call } from './call'
import * as changes from './changes'
import { howOf, resultOf, type Context } from './context'
import { entryOf, fileEntry, subtree, type DirNode, type FileNode, type Node, type OldContent } from './nodes'
import type { MemoryStore, Trashed } from './store'
import { find, findDir, findFile, record, type Answer } from './tree'
import { at, step } from './verbs'

/** Bytes of a file that fits into a URL. */
const longestUrl = 64 * 1024

/** The items after the one that the cursor names, in ascending order of their keys. */
const pageAfter = <A>(
  all: ReadonlyArray<A>,
  keyOf: (one: A) => string,
  { cursor, limit = Infinity }: PageOptions,
  most: number,
  mark: string,
): Answer<Page<A>> => {
  if (cursor?.startsWith(mark) === false) return E.left(notFound({ what: 'cursor' }))
  const last = cursor?.slice(mark.length)
  const rest = last === undefined ? all : all.filter((one) => keyOf(one) > last)
  const items = rest.slice(0, Math.max(1, Math.min(most, Number.isNaN(limit) ? most : Math.floor(limit))))
  const end = items.at(-1)
  return E.right({ items, ...(end !== undefined && items.length < rest.length ? { next: mark + keyOf(end) } : {}) })
}

/** What has happened since the cursor, which holds how many changes there were then. */
const feedAfter = (
  { tree, feedMark }: MemoryStore,
  { cursor, limit = Infinity }: PageOptions,
  most: number,
): Answer<Changes> => {
  const { feed, forgotten } = tree
  const now = forgotten + feed.length
  const cursorAt = (number: number): string => `${feedMark}${number}`
  if (cursor === undefined) return E.right({ items: [], cursor: cursorAt(now), more: false })
  const since = cursor.startsWith(feedMark) ? Number(cursor.slice(feedMark.length)) : NaN
  const isKept = Number.isInteger(since) && since <= now && now - since <= tree.feedKeeps
  if (!isKept) return E.left(notFound({ what: 'cursor' }))
  const end = Math.min(now, since + Math.max(1, Math.min(most, Number.isNaN(limit) ? most : Math.floor(limit))))
  return E.right({ items: feed.slice(since - forgotten, end - forgotten), cursor: cursorAt(end), more: end < now })
}

/** Numbers as text that sorts like them. */
const sortable = (n: string | number): string => String(n).padStart(15, '0')

const trashEntry = ({ id, path, node, removedAt }: Trashed): TrashEntry => ({
  trashId: id,
  kind: node.kind,
  name: node.name,
  path,
  ...(node.kind === 'file' ? { size: node.content.byteLength } : {}),
  modifiedAt: new Date(node.modifiedAt),
  removedAt: new Date(removedAt),
})

const versionsOf = (file: FileNode): ReadonlyArray<FileVersion> =>
  [file, ...file.history].map(({ content, checksums, version, modifiedAt }: OldContent, i) => ({
    versionId: version,
    current: i === 0,
    size: content.byteLength,
    checksums: { ...checksums },
    createdAt: new Date(modifiedAt),
  }))

const urlOf = ({ content, contentType = 'application/octet-stream' }: FileNode): Answer<DownloadUrl> =>
  content.byteLength > longestUrl
    ? E.left(limitExceeded({ limit: 'size', max: longestUrl }))
    : E.right({ url: secret(`data:${contentType};base64,${Buffer.from(content).toString('base64')}`) })

export const optionalVerbs = (context: Context): OptionalVerbs => {
  const { store, capabilities, clock } = context
  const { tree, bin } = store
  const most = capabilities.limits.page

  const refusal = (verb: OptionalVerb): Fault | undefined =>
    capabilities.operations[verb] ? undefined : unsupported({ feature: `operations.${verb}` })

  /** One step on the tree. */
  const simple = <A>(
    verb: OptionalVerb,
    path: DrivePath | undefined,
    options: CallOptions,
    run: () => Answer<A>,
  ): Result<A> => runCall(clock, at(verb, path), options, (call) => step(call, refusal(verb), run))

  const idOf = (item: TrashItem): string => (typeof item === 'string' ? item : item.trashId)
  const trashedAs = (item: TrashItem): Trashed | undefined => bin.find(({ id }) => id === idOf(item))

  const batch = async <A extends object>(
    call: Call,
    operation: 'restore' | 'purge',
    items: ReadonlyArray<TrashItem>,
    run: (trashed: Trashed) => Answer<A>,
  ) => {
    const refused = refusal(operation)
    if (refused !== undefined) return E.left(refused)
    return inOrder<TrashItem, A>(call, items, {
      operation,
      placeOf: (item) => trashedAs(item)?.path,
      refused: () => undefined,
      run: (item) => {
        const trashed = trashedAs(item)
        if (trashed === undefined) return E.left(notFound({ what: 'trash' }))
        const done = run(trashed)
        if (E.isRight(done)) bin.splice(bin.indexOf(trashed), 1)
        return done
      },
    })
  }

  const restore = (items: ReadonlyArray<TrashItem>, options: RestoreOptions & WaitOptions<boolean> = {}) =>
    runCall(clock, at('restore'), options, async (call) => {
      const settled = await batch<Placed>(call, 'restore', items, ({ path, node }) =>
        changes.putBack(tree, node, path, howOf(context, options)),
      )
      return E.isLeft(settled) ? settled : E.right(resultOf(context, 'restore', options.wait, settled.right))
    })

  const purge = (items: ReadonlyArray<TrashItem>, options: CallOptions & WaitOptions<boolean> = {}) =>
    runCall(clock, at('purge'), options, async (call) => {
      const settled = await batch<Purged>(call, 'purge', items, () => E.right({ how: 'erased' }))
      return E.isLeft(settled) ? settled : E.right(resultOf(context, 'purge', options.wait, settled.right))
    })

  return {
    restore: restore as OptionalVerbs['restore'],
    purge: purge as OptionalVerbs['purge'],
    listTrash: (options = {}) =>
      simple('listTrash', undefined, options, () =>
        E.map((page: Page<Trashed>): Page<TrashEntry> => ({ ...page, items: page.items.map(trashEntry) }))(
          pageAfter(bin, ({ id }) => sortable(id), options, most, 'trash:'),
        ),
      ),
    emptyTrash: (options = {}) =>
      simple('emptyTrash', undefined, options, () => {
        bin.length = 0
        return E.right(undefined)
      }),
    search: (query, options = {}) =>
      simple('search', undefined, options, () =>
        E.flatMap((dir: DirNode) => {
          const found = [...subtree(dir)].map((node) => entryOf(node)).filter(matchesQuery(query))
          const shown = found.filter(({ name }) => !isTemporary(name))
          return pageAfter(
            shown.sort((a, b) => (a.path < b.path ? -1 : 1)),
            ({ path }) => path,
            options,
            most,
            'search:',
          )
        })(findDir(tree, query.below ?? root)),
      ),
    listVersions: (path, options = {}) =>
      simple('listVersions', path, options, () =>
        E.flatMap((file: FileNode) => {
          const all = versionsOf(file).map((version, i) => ({ version, place: sortable(i) }))
          return E.map((page: Page<(typeof all)[number]>) => ({
            ...page,
            items: page.items.map((one) => one.version),
          }))(pageAfter(all, ({ place }) => place, options, most, `${file.id}:`))
        })(findFile(tree, path)),
      ),
    restoreVersion: (path, version, options = {}) =>
      simple('restoreVersion', path, options, () =>
        E.map((file: FileNode) => fileEntry(file))(
          E.flatMap((file: FileNode) => changes.restoreContent(tree, file, version, context.now()))(
            findFile(tree, path),
          ),
        ),
      ),
    downloadUrl: (path, options = {}) =>
      simple('downloadUrl', path, options, () => E.flatMap(urlOf)(findFile(tree, path))),
    setTimes: (path, { createdAt, modifiedAt }, options = {}) =>
      simple('setTimes', path, options, () =>
        E.map((node: Node) => {
          node.createdAt = createdAt?.getTime() ?? node.createdAt
          node.modifiedAt = modifiedAt?.getTime() ?? node.modifiedAt
          record(tree, 'modified', node, context.now())
        })(find(tree, path)),
      ),
    changes: (options = {}) => simple('changes', undefined, options, () => feedAfter(store, options, most)),
  }
}
