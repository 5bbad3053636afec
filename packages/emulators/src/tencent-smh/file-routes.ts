// Files other than their upload: download, head, move, copy, delete, links (docs/wire/tencent-smh.md, files).
import { empty, type Call, type Reply, type Route } from '../common'
import { carryOut, remove, type Transfer } from './actions'
import { entryOf, fileHeaders } from './entries'
import { fail } from './errors'
import { isFile, pathOf, type File } from './nodes'
import {
  bodyHas,
  digits,
  isOn,
  ok,
  queryStrategy,
  spaceRoute,
  strategyQuery,
  textOf,
  trueFalse,
  wantedOf,
  zeroOne,
  type Context,
  type Operation,
} from './operation'
import { segmentsOf } from './paths'
import { checkCas, lookUp, shownBy } from './placing'
import { symlink, virtual } from './link-operations'
import { linkTo } from './object-link'
import { positive } from './list-operation'
import { type Space, type World } from './world'
import {
  abortUpload,
  allStrategies,
  beginForm,
  beginMultipart,
  beginSimple,
  confirm,
  renew,
  uploadStatus,
} from './upload-routes'

const fileAt = (space: Space, path: ReadonlyArray<string>): File => {
  const node = lookUp(space, path)
  return isFile(node) ? node : fail('FileNotFound')
}

interface Readable {
  readonly file: File
  /** What is read: the end of a chain of links. */
  readonly shown: File
  readonly content: NonNullable<File['content']>
}

const versionOf = ({ behaviour }: World, file: File, historyId: string | undefined): File['content'] => {
  if (historyId === undefined) return file.content
  if (behaviour.history === 'latest')
    return historyId === String(file.versionId) ? file.content : fail('DirectoryHistoryNotFound')
  const version = file.history.find(({ id }) => String(id) === historyId)
  return version?.content ?? fail('DirectoryHistoryNotFound')
}

const readable = ({ world, call, space, path }: Context): Readable => {
  const file = fileAt(space, path)
  const shown = shownBy(world, file) ?? fail('RootLinkFileNotFound')
  checkCas(world, file, call.query.get('content_cas'))
  return { file, shown, content: versionOf(world, shown, call.query.get('history_id')) ?? fail('FileNotFound') }
}

const link = ({ world, call, library }: Context, { file, content }: Readable): string => {
  const period = call.query.get('period')
  const longest = world.behaviour.downloadSeconds
  return linkTo(world, library, content, {
    name: file.name,
    seconds: period === undefined ? longest : Math.min(longest, Math.max(60, positive(period, longest))),
    disposition: call.query.get('content_disposition'),
  })
}

const downloadQuery = {
  history_id: digits,
  content_disposition: ['inline', 'attachment'],
  purpose: ['download', 'preview'],
  traffic_limit: digits,
  internal_domain: zeroOne,
  content_cas: true,
  with_content_cas: zeroOne,
} as const

const download: Operation<Context> = {
  name: 'download',
  publicRead: true,
  query: downloadQuery,
  handle: (context) => {
    const found = readable(context)
    return empty(302, { location: link(context, found), ...fileHeaders(found.file, found.shown) })
  },
}

const downloadInfo: Operation<Context> = {
  name: 'downloadInfo',
  publicRead: true,
  query: {
    ...downloadQuery,
    info: true,
    pre_check: zeroOne,
    with_short_link: zeroOne,
    period: digits,
    preview: zeroOne,
    with_favorite_status: zeroOne,
    with_inode: zeroOne,
  },
  handle: (context) => {
    const { call } = context
    const found = readable(context)
    const { file, shown, content } = found
    const { name: _, ...entry } = entryOf(file, shown, wantedOf(context))
    const { crc64, size, eTag } = content
    return ok({
      ...(isOn(call, 'pre_check') ? {} : { cosUrl: link(context, found) }),
      ...entry,
      crc64,
      size: String(size),
      eTag,
    })
  },
}

const head: Operation<Context> = {
  name: 'headFile',
  publicRead: true,
  query: { history_id: digits },
  handle: ({ world, space, path }) => {
    const node = lookUp(space, path)
    const shown = isFile(node) ? shownBy(world, node) : undefined
    return isFile(node) && shown !== undefined ? empty(200, fileHeaders(node, shown)) : empty(404)
  },
}

const transferOf = (context: Context, verb: 'move' | 'copy', from: unknown): Transfer => {
  const { call, access, space, path, body } = context
  const contentCas = body['contentCas']
  return {
    verb,
    access,
    from: { space, path: segmentsOf(textOf(from, verb === 'move' ? 'from' : 'copyFrom')) },
    to: { space, path },
    kind: 'file',
    strategy: queryStrategy(call, allStrategies, 'rename'),
    parents: { directory: 'create', file: 'require' },
    cas: {
      target: call.query.get('content_cas'),
      source: contentCas === undefined ? undefined : textOf(contentCas, 'contentCas'),
    },
  }
}

const placed = (context: Context, transfer: Transfer): Reply => {
  const { world, space } = context
  const path = carryOut(world, transfer)
  if (world.behaviour.placedFile === 'strategy' && transfer.strategy !== 'rename') return empty(204)
  const node = lookUp(space, path)
  return ok({ path, ...(wantedOf(context).contentCas && isFile(node) ? { contentCas: node.cas } : {}) })
}

const transferQuery = { ...strategyQuery, content_cas: true, with_content_cas: zeroOne } as const

const move: Operation<Context> = {
  name: 'moveFile',
  query: transferQuery,
  body: { from: 'string', contentCas: 'string?' },
  handle: (context) => placed(context, transferOf(context, 'move', context.body['from'])),
}

const copy: Operation<Context> = {
  name: 'copyFile',
  query: transferQuery,
  body: { copyFrom: 'string', contentCas: 'string?' },
  handle: (context) => placed(context, transferOf(context, 'copy', context.body['copyFrom'])),
}

const removeFile: Operation<Context> = {
  name: 'deleteFile',
  query: { permanent: trueFalse, content_cas: true },
  handle: ({ world, call, access, space, path }) => {
    const permanent = isOn(call, 'permanent')
    const cas = call.query.get('content_cas')
    const recycledItemId = remove(world, { access, space, path, kind: 'file', permanent, cas })
    return recycledItemId === undefined ? empty(204) : ok({ recycledItemId })
  },
}

const notEnabled = (name: string): Operation<Context> => ({
  name,
  query: { [name]: true },
  body: 'items',
  handle: () => fail('FunctionNotEnabled'),
})

const byInode: Operation<Context> = {
  name: 'byInode',
  publicRead: true,
  handle: ({ world, call, space }) => {
    const node = world.tree.byInode(call.params['inode'] ?? '')
    const isHere = node !== undefined && lookUp(space, pathOf(node)) === node
    if (!isHere) return fail('PathNotFound')
    const entry = entryOf(node, isFile(node) ? shownBy(world, node) : undefined, wantedOf({ world, call }))
    return ok({ ...entry, path: pathOf(node) })
  },
}

const choosePut = (call: Call): Operation<Context> => {
  if (bodyHas(call, 'copyFrom')) return copy
  if (bodyHas(call, 'from')) return move
  if (bodyHas(call, 'linkTo')) return symlink
  if (call.query.has('virtual_file')) return virtual
  if (call.query.has('convert') || bodyHas(call, 'fromTemplate')) return notEnabled('convert')
  return beginSimple
}

const choosePost = ({ query }: Call): Operation<Context> => {
  if (query.has('confirm')) return confirm
  if (query.has('renew')) return renew
  if (query.has('multipart')) return beginMultipart
  return query.has('uncompress') ? notEnabled('uncompress') : beginForm
}

const chooseGet = ({ query }: Call): Operation<Context> => {
  if (query.has('upload')) return uploadStatus
  if (query.has('info')) return downloadInfo
  const other = ['preview', 'zip-preview', 'transcoding_template_id'].find((key) => query.has(key))
  return other === undefined ? download : notEnabled(other)
}

export const fileRoutes = (world: World): ReadonlyArray<Route> => {
  const path = '/api/v1/file/:library/:space/*'
  return [
    spaceRoute(world, 'PUT', path, choosePut),
    spaceRoute(world, 'POST', path, choosePost),
    spaceRoute(world, 'GET', path, chooseGet),
    spaceRoute(world, 'HEAD', path, () => head),
    spaceRoute(world, 'DELETE', path, ({ query }) => (query.has('upload') ? abortUpload : removeFile)),
    spaceRoute(world, 'GET', '/api/v1/inode/:library/:space/:inode', () => byInode),
  ]
}
