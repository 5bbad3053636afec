// Versions of files (docs/wire/tencent-smh.md, history).
import { empty, json, type Route } from '../common'
import { need, needAdmin } from './access'
import { recordChange } from './changes'
import { contentTypeOfFile, entryOf, iso } from './entries'
import { fail } from './errors'
import { positive } from './list-operation'
import { isFile, subtree, type Content, type File } from './nodes'
import {
  digits,
  libraryRoute,
  ok,
  spaceRoute,
  wantedOf,
  type Context,
  type LibraryContext,
  type Operation,
} from './operation'
import { itemsOf } from './batch-routes'
import { lookUp } from './placing'
import { type HistorySettings } from './records'
import { startTask } from './tasks'
import { taskId } from './task-routes'
import { type Space, type World } from './world'

const versionOf = (file: File, content: Content, version: number, latest: boolean, at: number, by: string) => ({
  createdBy: by,
  creationWay: 0,
  version,
  isLatestVersion: latest,
  name: file.name,
  size: content.size,
  crc64: content.crc64,
  contentType: contentTypeOfFile(file),
  creationTime: iso(at),
  setLatestTime: latest ? iso(at) : null,
})

const list: Operation<Context> = {
  name: 'listHistory',
  query: {
    marker: digits,
    limit: digits,
    page: digits,
    page_size: digits,
    order_by: ['id', 'creationTime'],
    order_by_type: true,
  },
  handle: ({ world, call, space, path }) => {
    const { query } = call
    const file = lookUp(space, path)
    if (!isFile(file) || file.content === undefined) return fail('FileNotFound')
    const isAll = world.behaviour.history === 'all'
    const current = {
      ...(isAll ? {} : { id: file.versionId }),
      ...versionOf(file, file.content, file.versionId, true, file.modifiedAt, file.userId),
    }
    const older = (isAll ? [...file.history] : []).reverse().map(({ id, content, version, createdAt, userId }) => ({
      id,
      ...versionOf(file, content, version, false, createdAt, userId),
    }))
    const all = [current, ...older]
    const limit = positive(query.get('limit') ?? query.get('page_size'), 20)
    const start = query.has('page') ? (positive(query.get('page'), 1) - 1) * limit : Number(query.get('marker') ?? 0)
    const hasMore = start + limit < all.length
    return ok({
      totalNum: all.length,
      hasMore,
      ...(hasMore ? { nextMarker: String(start + limit) } : {}),
      contents: all.slice(start, start + limit),
    })
  },
}

const filesOf = (space: Space): ReadonlyArray<File> => [...subtree(space.root)].filter(isFile)

const dropVersions = (world: World, space: Space, file: File, isGone: (id: number) => boolean): number => {
  const gone = file.history.filter(({ id }) => isGone(id))
  if (gone.length === 0) return 0
  space.used -= gone.reduce((sum, { content }) => sum + content.size, 0)
  world.tree.setHistory(
    file,
    file.history.filter(({ id }) => !isGone(id)),
  )
  return gone.length
}

const removeVersions: Operation<Context> = {
  name: 'deleteHistory',
  body: 'items',
  handle: (context) => {
    const { world, access, space } = context
    need(access, 'delete_history')
    const ids = new Set(itemsOf(context).map(Number))
    if (ids.size > 100) fail('TooManyItems')
    for (const file of filesOf(space))
      if (dropVersions(world, space, file, (id) => ids.has(id)) > 0) recordChange(world, space, 'HISTORY.DELETE', file)
    return empty(204)
  },
}

const setLatest: Operation<Context> = {
  name: 'setLatestVersion',
  handle: ({ world, call, access, space }) => {
    need(access, 'set_history_latest')
    const id = Number(call.params['history'])
    const file = filesOf(space).find(({ history }) => history.some((version) => version.id === id))
    const chosen = file?.history.find((version) => version.id === id)
    if (file?.content === undefined || chosen === undefined) return fail('DirectoryHistoryNotFound')
    const { content: current, versionId, modifiedAt, userId } = file
    const replaced = {
      id: world.nextNumber('version'),
      version: versionId,
      content: current,
      createdAt: modifiedAt,
      userId,
    }
    // Both contents are held until the file has the chosen one.
    world.tree.setHistory(file, [...file.history, replaced])
    world.tree.setContent(file, chosen.content)
    world.tree.setHistory(
      file,
      file.history.filter((version) => version.id !== id),
    )
    recordChange(world, space, 'HISTORY.LATEST', file)
    return ok(entryOf(file, undefined, wantedOf({ world, call })))
  },
}

const readSettings: Operation<LibraryContext> = {
  name: 'readHistorySettings',
  handle: ({ library }) => ok(library.history),
}

const within = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most

const checkSettings = (settings: HistorySettings): void => {
  const { fileHistoryCount, fileHistoryExpireDay, mergeInterval } = settings
  if (!within(fileHistoryCount, 1, 999)) fail('InvalidFileHistoryCount')
  if (!within(fileHistoryExpireDay, 0, 999)) fail('InvalidFileHistoryExpireDay')
  if (mergeInterval !== 0 && !within(mergeInterval, 5, 600)) fail('InvalidFileHistoryMergeInterval')
}

const writeSettings: Operation<LibraryContext> = {
  name: 'updateHistorySettings',
  body: {
    enableFileHistory: 'boolean?',
    fileHistoryCount: 'integer?',
    fileHistoryExpireDay: 'integer?',
    mergeInterval: 'integer?',
  },
  handle: ({ world, access, library, body }) => {
    needAdmin(access)
    const settings = { ...library.history, ...(body as Partial<HistorySettings>) }
    checkSettings(settings)
    library.history = settings
    world.save.library(library)
    return empty(204)
  },
}

const clear: Operation<LibraryContext> = {
  name: 'clearHistory',
  handle: ({ world, access, library }) => {
    needAdmin(access)
    if (library.history.enableFileHistory) fail('BadRequest', 'The history must be switched off first.')
    let deleteCount = 0
    for (const space of library.spaces.values())
      for (const file of filesOf(space)) deleteCount += dropVersions(world, space, file, () => true)
    const work = { kind: 'nothing', result: { deleteCount } } as const
    return json(202, { taskId: taskId(world, startTask(world, 'clearLibraryHistory', library.id, undefined, work)) })
  },
}

export const historyRoutes = (world: World): ReadonlyArray<Route> => {
  const base = '/api/v1/directory-history/:library'
  return [
    spaceRoute(world, 'GET', `${base}/:space/history-list/*`, () => list),
    spaceRoute(world, 'POST', `${base}/:space/delete`, () => removeVersions),
    spaceRoute(world, 'POST', `${base}/:space/latest-version/:history`, () => setLatest),
    libraryRoute(world, 'GET', `${base}/library-history`, () => readSettings),
    libraryRoute(world, 'POST', `${base}/library-history`, () => writeSettings),
    libraryRoute(world, 'DELETE', `${base}/library-history`, () => clear),
  ]
}
