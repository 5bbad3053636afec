// Requests beside those of the operations, as a plain server sees them, and the documents' own example body of each response.
import { requireSettings } from '@anydrive/core/adapter'
import { axiosHttp } from '@anydrive/http'
import type * as E from 'fp-ts/Either'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { signInApi, type Api } from '../src/api'
import { openContext } from '../src/client'
import { Settings } from '../src/settings'

let server: Server
let seen: Array<string> = []
let reply: object = {}
beforeAll(async () => {
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const path = (request.url ?? '').replace('/koodrive/ose', '')
      seen.push([request.method, path, body].filter((part) => part !== '').join(' '))
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(reply))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
beforeEach(() => {
  seen = []
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

const baseUrl = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const open = (more: object = {}): Api => {
  const given = { baseUrl: baseUrl(), containerId: 'IAADemo', auth: { kind: 'token', accessToken: 't' }, ...more }
  return openContext(requireSettings(Settings, given), {}).context.api
}
const never = new AbortController().signal
const done = { code: 0, msg: 'success' }
const page = { offset: 0, limit: 100 }

const folder = { id: 'Fq', fileName: 'reports', fileType: '10', recycled: true, size: 0 }
const hit = {
  ...{ id: 'Fx', fileName: 'plan.pdf', fileSuffix: 'pdf', fileType: '45', size: '12' },
  ...{ updateTime: '2025-11-03T07:01:40.000Z', namePath: '/rootIAADemo/a/plan.pdf', idPath: '/DEUI/Fa/Fx' },
  ...{ downloadLinks: [], teamName: '', teamId: '', containerId: 'IAADemo', containerType: '1', favorite: false },
}
const department = { id: '369528170000000002', name: 'Research', status: 0, capacity: 800, spaceUsed: 91966408 }

type Row = readonly [
  line: string,
  call: (api: Api) => () => Promise<E.Either<unknown, unknown>>,
  answer: object,
  decoded: unknown,
]

const rows: ReadonlyArray<Row> = [
  [
    'POST /v1/files/1 {"containerId":"IAADemo","parentFileId":"root","pageInfo":{"pageSize":50,"pageCursor":"c"},"sortInfo":{"sortType":5,"sortDirection":2}}',
    (api) => api.listBin({ pageSize: 50, cursor: 'c' }, never),
    { category: 'drive#fileList', files: [folder], nextCursor: 'd', ...done },
    { files: [{ id: 'Fq', recycled: true }], nextCursor: 'd' },
  ],
  ['POST /v1/files/recycle {"containerId":"IAADemo"}', (api) => api.emptyBin(never), done, { code: '0' }],
  [
    'POST /v1/files/search {"searchType":"personal","pageInfo":{"pageSize":100},"filter":{"keyWord":"plan","parentFolder":"root","containerId":"IAADemo"},"recursived":true}',
    (api) => api.search({ keyWord: 'plan', parentFolder: 'root', pageSize: 100 }, never),
    { total: 1, nextPageCursor: '', files: [hit], ...done },
    { total: 1, files: [{ id: 'Fx', size: 12, idPath: '/DEUI/Fa/Fx' }] },
  ],
  [
    'GET /v1/files/statsDir?fileId=Fq&containerId=IAADemo&recursive=true',
    (api) => api.folderStats('Fq', true, never),
    { ...done, data: { totalSize: '0', subDirCount: 1, subFileCount: '0' } },
    { totalSize: 0, subDirCount: 1, subFileCount: 0 },
  ],
  [
    'GET /v1/space/groupList?offset=0&limit=100',
    (api) => api.groups(page, never),
    {
      total: 1,
      groupsTotal: 1,
      groupsMax: 10,
      assignedCapacity: 800,
      maxCapacity: 9000,
      groups: [department],
      ...done,
    },
    { total: 1, groups: [{ id: '369528170000000002', name: 'Research' }] },
  ],
  [
    'GET /v1/space/departmentList?offset=0&limit=100',
    (api) => api.departments(page, never),
    { total: '1', departments: [{ ...department, containerId: 'IAADep' }], ...done },
    { total: 1, departments: [{ containerId: 'IAADep' }] },
  ],
  ['GET /v1/session/auth', (api) => api.checkSession(never), done, { code: '0' }],
  ['GET /v1/session/logoff', (api) => api.signOut(never), { ...done, failedList: [] }, { code: '0' }],
  [
    'POST /v1/jobs {"taskType":4,"dstContainerId":"IAADemo","taskInfo":{"srcContainerId":"IAADemo","fileInfo":[{"fileId":"Fq"}]}}',
    (api) => api.createJob({ taskType: 4, items: [{ fileId: 'Fq' }] }, never),
    { data: '1309243162258308352', ...done },
    { data: '1309243162258308352' },
  ],
]

test.each(rows)('%s', async (line, call, answer, decoded) => {
  reply = answer
  expect(await call(open())()).toMatchObject({ _tag: 'Right', right: decoded })
  expect(seen).toEqual([line])
})

test('a team has a bin of its own, and its files are searched as a team’s', async () => {
  const api = open({ space: { kind: 'team', groupId: '77', teamType: 'group' } })
  reply = { files: [], ...done }
  await api.listBin({ pageSize: 10 }, never)()
  await api.search({ keyWord: 'a', parentFolder: 'Fa', pageSize: 10 }, never)()
  expect(seen.map((line) => line.split('{')[0])).toEqual(['POST /v1/files/77/1?team_type=2 ', 'POST /v1/files/search '])
  expect(seen[1]).toContain('"searchType":"team"')
})

test('nothing without the field that matters is a success', async () => {
  reply = done
  const api = open()
  for (const call of [
    api.search({ keyWord: 'a', parentFolder: 'root', pageSize: 1 }, never),
    api.folderStats('Fq', true, never),
    api.groups(page, never),
    api.departments(page, never),
  ])
    expect(await call()).toMatchObject({ left: { _tag: 'UnexpectedResponse' } })
})

describe('signing in', () => {
  const api = () => signInApi({ baseUrl: baseUrl(), http: axiosHttp({}, {}), now: Date.now })

  test('the page of the standard edition, by either name of its field', async () => {
    reply = { data: 'https://orgid.example/authorize', ...done }
    expect(await api().signInUrl('https://app.example', never)()).toMatchObject({
      right: 'https://orgid.example/authorize',
    })
    reply = { url: 'https://orgid.example/other', ...done }
    expect(await api().signInUrl('https://app.example', never)()).toMatchObject({
      right: 'https://orgid.example/other',
    })
    expect(seen[0]).toBe('GET /v1/session/authCodeURL?domain=https%3A%2F%2Fapp.example')
  })

  test('a session for its code, as the pages of two years show it', async () => {
    reply = { accessToken: 'Bearer+013b', userId: '1', userName: 'u', ...done }
    expect(await api().createSession({ code: 'c' }, never)()).toMatchObject({ right: { accessToken: 'Bearer+013b' } })
    reply = { data: { accessToken: 'Bearer 6ebb', sessionId: 's', userId: '1', userInfo: { role: 1 } }, ...done }
    const created = await api().createSession({ code: 'c', domain: 'd' }, never)()
    expect(created).toMatchObject({ right: { accessToken: 'Bearer 6ebb', sessionId: 's' } })
    expect(seen).toEqual(['POST /v1/session/ {"code":"c"}', 'POST /v1/session/ {"code":"c","domain":"d"}'])
  })

  test('an account of the carrier edition', async () => {
    const sessionInfo = { accessToken: 'AT 3b91', expiresIn: 1800, issuedAt: '1700000000000', refreshToken: 'r' }
    reply = { data: { userInfo: { userId: '1' }, sessionInfo }, ...done }
    const session = await api().login({ account: 'a', password: 'p', agentName: 'carrier' }, never)()
    expect(session).toMatchObject({ right: { accessToken: 'AT 3b91', refreshToken: 'r' } })
    expect(seen).toEqual(['POST /v1/auth/login {"account":"a","password":"p","authType":"1"}'])
  })
})
