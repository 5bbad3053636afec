// Each request beside those of the operations, byte for byte, and the documents' own example body of its response.
import { parsePath, secret, type DrivePath } from '@anydrive/core'
import { requireSettings } from '@anydrive/core/adapter'
import { createHttp } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import { tokenApi, type SmhApi } from '../src/api'
import { clientOf } from '../src/client'
import { TencentSmhSettings } from '../src/settings'
import { startRecorder, type Recorder, type Reply } from './recorder'

let recorder: Recorder
beforeAll(async () => {
  recorder = await startRecorder()
})
afterAll(() => recorder.close())

const settings = () =>
  requireSettings(TencentSmhSettings, {
    ...{ baseUrl: `http://${recorder.host}`, libraryId: 'L', spaceId: 'S', uploadScheme: 'http' },
    auth: { kind: 'token', accessToken: 'acctk' },
  })
const at = (text: string): DrivePath => {
  const path = parsePath(text)
  if (E.isLeft(path)) throw new Error(text)
  return path.right
}
const never = new AbortController().signal
const first = { marker: undefined, limit: 20 }

type Row = readonly [
  line: string,
  call: (api: SmhApi) => () => Promise<E.Either<unknown, unknown>>,
  reply: Reply,
  decoded: unknown,
]

const item = {
  ...{ recycledItemId: 7, name: 'a.pdf', type: 'file', originalPath: ['foo', 'a.pdf'], spaceId: 'S', size: '5' },
  ...{ creationTime: '2020-09-22T07:43:01.000Z', modificationTime: '2020-09-22T07:43:01.000Z' },
  ...{ removalTime: '2020-09-23T07:43:01.000Z', remainingTime: 10, fileType: 'portable' },
}
const hit = { name: 'a.pdf', type: 'file', path: ['foo', 'a.pdf'], size: '5', crc64: '1' }
const version = {
  ...{ id: 3, createdBy: 'u', creationWay: 0, version: 2, isLatestVersion: false, name: 'a.pdf', size: 5 },
  ...{ crc64: '1', contentType: 'application/pdf', creationTime: '2020-09-22T07:43:01.000Z', setLatestTime: null },
}
const history = { enableFileHistory: true, fileHistoryCount: 100, fileHistoryExpireDay: 0, mergeInterval: 5 }
const counts = { fileNum: '1', dirNum: '2', recycledFileNum: '3', recycledDirNum: '4', historyFileNum: '5' }
const quota = { capacity: '1099511627776', removeWhenExceed: false, removeAfterDays: 30 }
const event = {
  ...{ eventType: 'FILE.CREATE', eventTime: '2026-01-01T00:00:00.000Z', inode: 'i', parentInode: 'p' },
  ...{ name: 'a.pdf', type: 'file', location: ['foo', 'a.pdf'] },
}
const none = {}

const rows: ReadonlyArray<Row> = [
  [
    'GET /recycled/L/S?by-marker=1&limit=20&order_by=removalTime&order_by_type=desc',
    (api) => api.listRecycled(first, never),
    [200, { nextMarker: '20', contents: [item] }],
    { nextMarker: '20', contents: [{ recycledItemId: 7, originalPath: ['foo', 'a.pdf'], remainingTime: 10 }] },
  ],
  [
    'GET /recycled/L/S/7?info',
    (api) => api.recycledInfo('7', never),
    [200, { ...item, path: ['foo', 'a.pdf'], cosUrl: 'https://store/x' }],
    { type: 'file', path: ['foo', 'a.pdf'] },
  ],
  [
    'POST /recycled/L/S/7?restore&conflict_resolution_strategy=ask&restore_path_strategy=originalPath',
    (api) => api.restoreRecycled('7', 'ask', 'originalPath', never),
    [200, { path: ['foo', 'a.pdf'] }],
    { path: ['foo', 'a.pdf'] },
  ],
  [
    'POST /recycled/L/S?restore&restore_path_strategy=fallbackToRoot [1,2,3]',
    (api) => api.restoreManyRecycled([1, 2, 3], 'fallbackToRoot', never),
    [
      207,
      {
        result: [
          { status: 200, path: ['a'], recycledItemId: 1 },
          { status: 404, code: 'DirectoryNotFound', message: 'Directory not found.', recycledItemId: 3 },
        ],
      },
    ],
    {
      result: [
        { status: 200, path: ['a'], recycledItemId: 1 },
        { status: 404, recycledItemId: 3 },
      ],
    },
  ],
  ['POST /recycled/L/S?delete [1,2]', (api) => api.deleteManyRecycled([1, 2], never), [204], none],
  ['DELETE /recycled/L/S?', (api) => api.emptyRecycled(never), [204], none],
  ['POST /recycled/L/S?lifecycle {"retentionDays":10}', (api) => api.setRetention(10, never), [204], none],
  [
    'POST /search/L/S/search-fs?limit=20&with_inode=1 {"type":"filename","keywords":["a"],"scope":"foo"}',
    (api) => api.searchFs({ type: 'filename', keywords: ['a'], scope: 'foo' }, first, never),
    [200, { nextMarker: '', contents: [{ name: 'a.pdf', type: 'file' }, hit] }],
    { contents: [{ name: 'a.pdf' }, { path: ['foo', 'a.pdf'] }] },
  ],
  [
    'POST /search/L/S/space-contents?with_inode=1 {"keyword":"a"}',
    (api) => api.startSearch({ keyword: 'a' }, never),
    [200, { searchId: 's', searchFinished: true, hasMore: false, nextMarker: 20, contents: [hit] }],
    { searchId: 's', hasMore: false, nextMarker: 20 },
  ],
  [
    'GET /search/L/S/s?marker=20',
    (api) => api.continueSearch('s', '20', never),
    [200, { searchFinished: true, hasMore: false, contents: [hit] }],
    { searchFinished: true, contents: [{ name: 'a.pdf' }] },
  ],
  ['DELETE /search/L/S/s?', (api) => api.endSearch('s', never), [204], none],
  [
    'GET /inode/L/S/i?',
    (api) => api.byInode('i', never),
    [
      200,
      { path: ['foo', 'a.pdf'], name: 'a.pdf', type: 'file', size: '5', crc64: '1', contentType: 'application/pdf' },
    ],
    { path: ['foo', 'a.pdf'], type: 'file' },
  ],
  [
    'GET /file-deletion-check/L/S/i?',
    (api) => api.deletionReason('i', never),
    [200, { reason: 'RemovedByQuota', deletedAt: '2026-01-01T00:00:00.000Z' }],
    { reason: 'RemovedByQuota' },
  ],
  [
    'GET /directory-history/L/S/history-list/foo/a.pdf?limit=20',
    (api) => api.listHistory(at('foo/a.pdf'), first, never),
    [200, { totalNum: 1, hasMore: false, contents: [version] }],
    { hasMore: false, contents: [{ id: 3, version: 2, size: 5, isLatestVersion: false }] },
  ],
  [
    'POST /directory-history/L/S/latest-version/3?',
    (api) => api.setLatestVersion('3', never),
    [200, { path: ['foo', 'a.pdf'], name: 'a.pdf', type: 'file', size: '5' }],
    { type: 'file', size: '5' },
  ],
  ['POST /directory-history/L/S/delete? [3,4]', (api) => api.deleteHistory([3, 4], never), [204], none],
  [
    'GET /directory-history/L/library-history?',
    (api) => api.historySettings(never),
    [200, history],
    { enableFileHistory: true, mergeInterval: 5 },
  ],
  [
    'POST /directory-history/L/library-history? {"enableFileHistory":false}',
    (api) => api.setHistorySettings({ enableFileHistory: false }, never),
    [204],
    none,
  ],
  [
    'DELETE /directory-history/L/library-history?',
    (api) => api.clearHistory(never),
    [202, { taskId: 10 }],
    { taskId: 10, started: true },
  ],
  ['GET /fs-delta/L/S/cursor?', (api) => api.changeCursor(never), [200, { cursor: 'c' }], { cursor: 'c' }],
  [
    'GET /fs-delta/L/S/delta?cursor=c&limit=100',
    (api) => api.changes('c', 100, never),
    [200, { cursor: 'd', hasMore: true, contents: [event] }],
    { cursor: 'd', hasMore: true, contents: [{ eventType: 'FILE.CREATE', location: ['foo', 'a.pdf'] }] },
  ],
  [
    'PUT /file/L/S/b/link?conflict_resolution_strategy=ask {"linkTo":"dir/src.xlsx"}',
    (api) => api.createSymlink(at('dir/src.xlsx'), at('b/link'), 'ask', never),
    [200, { path: ['b', 'link'] }],
    { path: ['b', 'link'] },
  ],
  [
    'GET /directory/L/S/foo?stats&stats_type=normal',
    (api) => api.directoryStats(at('foo'), 'normal', never),
    [200, { userId: 'u', statsType: 'normal', storage: 1048576000, fileCount: 128, dirCount: 16 }],
    { storage: 1048576000, fileCount: 128, dirCount: 16 },
  ],
  [
    'PUT /directory/L/S/foo?calibrate&stats_type=history',
    (api) => api.calibrateStats(at('foo'), 'history', never),
    [202, { taskId: 10 }],
    { taskId: 10 },
  ],
  [
    'GET /space/L/list?limit=20&prefix=a&ordered=1',
    (api) => api.listSpaces({ ...first, prefix: 'a' }, never),
    [
      200,
      {
        list: [{ spaceId: 'a1', userId: 'u', creationTime: '2026-01-01T00:00:00.000Z' }],
        marker: 'm',
        nextMarker: 'm',
      },
    ],
    { list: [{ spaceId: 'a1' }], nextMarker: 'm' },
  ],
  ['GET /space/L/count?', (api) => api.countSpaces(never), [200, { total: 3 }], { total: 3 }],
  [
    'POST /space/L?space_id=my {"isPublicRead":false}',
    (api) => api.createSpace('my', { isPublicRead: false }, never),
    [201, { spaceId: 'my' }],
    { spaceId: 'my' },
  ],
  ['DELETE /space/L/my?force=1', (api) => api.deleteSpace('my', true, never), [204], none],
  [
    'GET /space/L/S/extension?',
    (api) => api.spaceAttributes('S', never),
    [200, { isPublicRead: false, spaceTag: null }],
    { isPublicRead: false },
  ],
  [
    'POST /space/L/S/extension? {"spaceTag":"x"}',
    (api) => api.setSpaceAttributes('S', { spaceTag: 'x' }, never),
    [204],
    none,
  ],
  ['GET /space/L/S/file-count?', (api) => api.fileCounts('S', never), [200, counts], counts],
  [
    'POST /quota/L? {"spaces":["S"],"capacity":"1099511627776","removeWhenExceed":false,"removeAfterDays":30}',
    (api) => api.createQuota({ spaces: ['S'], ...quota }, never),
    [201, { quotaId: 1 }],
    { quotaId: 1 },
  ],
  [
    'GET /space-quota/L/S?',
    (api) => api.quotaOfSpace('S', never),
    [200, { id: 1, capacity: '1099511627776' }],
    { id: 1, capacity: '1099511627776' },
  ],
  [
    'GET /quota/L/1?',
    (api) => api.quota('1', never),
    [200, { spaces: ['S'], ...quota }],
    { spaces: ['S'], capacity: '1099511627776' },
  ],
  ['PUT /quota/L/1? {"capacity":"5"}', (api) => api.updateQuota('1', { capacity: '5' }, never), [204], none],
  ['GET /usage/L?', (api) => api.libraryUsage(never), [200, { totalFileSize: '5' }], { totalFileSize: '5' }],
  [
    'GET /task-result/L/S/17?',
    (api) => api.taskResult('17', never),
    [
      200,
      { taskId: '17', taskType: 'batchMove', status: 200, batchMoveResults: [{ status: 204, from: ['a'], to: ['b'] }] },
    ],
    { taskId: '17', taskType: 'batchMove', status: 200 },
  ],
  [
    'GET /task-result/L/17?',
    (api) => api.libraryTaskResult('17', never),
    [
      200,
      { taskId: '17', taskType: 'clearLibraryHistory', status: 200, clearLibraryHistoryResult: { deleteCount: 4 } },
    ],
    { taskType: 'clearLibraryHistory' },
  ],
]

test.each(rows)('%s', async (line, call, reply, decoded) => {
  recorder.script(reply)
  const { api } = clientOf(settings(), {})
  const answer = await call(api)()
  const [request = '', body] = line.split(/ (?=[[{])/)
  const [route = '', query = ''] = request.split('?')
  const sent = `${route.replace(' /', ' /api/v1/')}?${query === '' ? '' : `${query}&`}access_token=acctk`
  expect(recorder.lines()).toEqual([body === undefined ? sent : `${sent} ${body}`])
  expect(answer).toMatchObject({ _tag: 'Right', right: decoded })
})

test('a body without the field that matters is not a success', async () => {
  const { api } = clientOf(settings(), {})
  const calls: ReadonlyArray<() => Promise<E.Either<unknown, unknown>>> = [
    api.listRecycled(first, never),
    api.restoreRecycled('7', 'ask', 'originalPath', never),
    api.searchFs({ type: 'filename' }, first, never),
    api.listHistory(at('f'), first, never),
    api.changeCursor(never),
    api.createSpace(undefined, {}, never),
    api.createQuota(quota, never),
    api.byInode('i', never),
  ]
  for (const call of calls) {
    recorder.script([200, {}])
    expect(await call()).toMatchObject({ left: { _tag: 'UnexpectedResponse' } })
  }
})

test('tokens are revoked by themselves, or all of a user with the secret', async () => {
  const tokens = tokenApi(settings(), createHttp({}, {}, { again: () => false, unprocessed: () => false }))
  recorder.script([204], [204])
  expect(await tokens.revoke(secret('acc/tk'), never)()).toMatchObject({ _tag: 'Right' })
  expect(await tokens.revokeOf('u1', secret('s'), never)()).toMatchObject({ _tag: 'Right' })
  expect(recorder.lines()).toEqual([
    'DELETE /api/v1/token/L/acc%2Ftk',
    'DELETE /api/v1/token/L?user_id=u1&library_secret=s',
  ])
})
