// The KooDrive emulator: tokens, sessions, signatures, spaces and who may enter them, over real HTTP.
import { createHash } from 'node:crypto'
import { canonicalRequest, signatureOf, type SignedRequest } from '../src/koodrive/signature'
import { makeClient, noon, start, stopAll } from './koodrive-client'

afterEach(stopAll)

const MINUTE = 60_000

describe('the signature', () => {
  const headers = { host: '127.0.0.1:8080', 'x-date': '20251103T070140Z', 'x-user-id': '1505084218764547200' }
  const signed = Object.keys(headers)

  test.each<readonly [string, SignedRequest, string, string]>([
    [
      'a POST with a body',
      {
        method: 'POST',
        path: '/koodrive/ose/v1/directory',
        query: '',
        headers,
        body: Buffer.from(
          '{"containerId":"IAADemoContainer","fileName":"ttgg","fileType":"10","parentFolder":["root"],"renameMode":3}',
        ),
      },
      'ea2ea74e7406ee1ff642e325fe3595f7455f047157f0bb03065b4ad0d87471c8',
      '1f82c6494a9ce7759b4cbbd79be300fa2f8ffec3a8413ebc9e37724b66c0a93b',
    ],
    [
      'a GET with a query',
      { method: 'GET', path: '/koodrive/ose/v1/jobs', query: 'limit=10&offset=0', headers, body: Buffer.alloc(0) },
      'a724e0c352f123fec51ce08184427514352263278dc4c238e54d895199f2f38d',
      'b72a2a1823a4aa9afc8413a2b829522df7cb1e858487d1a44b7fec8514c17014',
    ],
  ])('of %s is the known one', (_, request, hash, signature) => {
    expect(createHash('sha256').update(canonicalRequest(request, signed)).digest('hex')).toBe(hash)
    expect(signatureOf(request, signed, 'demo-app-secret')).toBe(signature)
  })

  test('does not depend on the order of query parameters, and encodes them', () => {
    const of = (query: string) =>
      canonicalRequest({ method: 'GET', path: '/a b', query, headers, body: Buffer.alloc(0) }, signed)
    expect(of('b=2&a=%7e%20x&c')).toBe(of('c=&a=~%20x&b=2'))
    expect(of('a=1').split('\n').slice(0, 3)).toEqual(['GET', '/a%20b/', 'a=1'])
  })
})

describe('app authentication', () => {
  const config = {
    users: [{ id: '1505084218764547200' }],
    apps: [{ appId: 'demo-app-id', appSecret: 'demo-app-secret' }],
  }

  const signedAs = (
    path: string,
    date: string,
    userId: string,
    secret: string,
    host: string,
  ): Record<string, string> => {
    const headers = { host, 'x-date': date, 'x-user-id': userId }
    const [pathOnly = '', query = ''] = path.split('?')
    const request = { method: 'GET', path: `/koodrive/ose${pathOnly}`, query, headers, body: Buffer.alloc(0) }
    const signature = signatureOf(request, Object.keys(headers), secret)
    const authorization = `HMAC-SHA256 AppId=demo-app-id,SignedHeaders=host;x-date;x-user-id,Signature=${signature}`
    return { 'x-date': date, 'x-user-id': userId, authorization }
  }

  test('takes a right signature for 15 minutes, and none of the future', async () => {
    let now = noon
    const { api, emulator } = await start({ config, now: () => now })
    const host = new URL(emulator.url).host
    const status = async (date: string, userId = '1505084218764547200', secret = 'demo-app-secret') => {
      const path = '/v1/jobs?limit=10&offset=0'
      const { authorization, ...headers } = signedAs(path, date, userId, secret, host)
      return (await api('GET', path, { headers, authorization })).status
    }
    expect(await status('20251103T070140Z')).toBe(200)
    expect(await status('20251103T064641Z')).toBe(200)
    expect(await status('20251103T064639Z')).toBe(401)
    expect(await status('20251103T070142Z')).toBe(401)
    expect(await status('20251103T070140Z', '1505084218764547200', 'other')).toBe(401)
    expect(await status('20251103T070140Z', '15')).toBe(401)
    expect(await status('yesterday')).toBe(401)
    now += 16 * MINUTE
    expect(await status('20251103T070140Z')).toBe(401)
  })

  test('signs bodies too, and is no way to a session', async () => {
    const { api, emulator, containerId } = await start({ config })
    const host = new URL(emulator.url).host
    const user = { 'x-date': '20251103T070140Z', 'x-user-id': '1505084218764547200' }
    const body = { containerId, fileName: 'ttgg', fileType: '10', parentFolder: ['root'], renameMode: 3 }
    const path = '/koodrive/ose/v1/directory'
    const bytes = Buffer.from(JSON.stringify(body))
    const signature = signatureOf(
      { method: 'POST', path, query: '', headers: { host, ...user }, body: bytes },
      ['host', 'x-date', 'x-user-id'],
      'demo-app-secret',
    )
    const authorization = `HMAC-SHA256 AppId=demo-app-id,SignedHeaders=host;x-date;x-user-id,Signature=${signature}`
    const send = (sent: object) => api('POST', '/v1/directory', { headers: user, authorization, body: sent })
    expect((await send({ ...body, fileName: 'other' })).status).toBe(401)
    expect((await send(body)).body['code']).toBe(0)
    expect((await api('GET', '/v1/session/auth', { headers: user, authorization })).status).toBe(401)
    emulator.behave({ checkSignature: false })
    expect((await send({ ...body, fileName: 'other' })).body['code']).toBe(0)
  })

  test('is offered among the configured drives', async () => {
    const { emulator } = await start({ config })
    expect(emulator.configuration['koo-app']).toMatchObject({
      type: 'koodrive',
      baseUrl: emulator.url,
      auth: { kind: 'app', appId: 'demo-app-id', appSecret: 'demo-app-secret', userId: '1505084218764547200' },
    })
  })
})

describe('an access token', () => {
  test.each(['Bearer ', 'Bearer+', 'Bearer%20', 'bearer ', 'AT ', 'AT+', ''])('is taken after %j', async (scheme) => {
    const { api, settings } = await start({ strict: false })
    const authorization = `${scheme}${settings.auth.accessToken}`
    expect((await api('GET', '/v1/session/auth', { authorization })).body['code']).toBe(0)
  })

  test('needs a scheme when strict', async () => {
    const { api, settings } = await start()
    expect((await api('GET', '/v1/session/auth', { authorization: settings.auth.accessToken })).status).toBe(401)
  })

  test('lives for 20 minutes from its last use', async () => {
    let now = noon
    const { get } = await start({ now: () => now })
    const look = () => get('/v1/jobs?offset=0&limit=1')
    now += 19 * MINUTE
    expect((await look()).status).toBe(200)
    now += 19 * MINUTE
    expect((await look()).status).toBe(200)
    now += 20 * MINUTE
    expect(await look()).toMatchObject({ status: 401, body: { code: 401, msg: 'Unauthorized' } })
  })

  test('is refused in the way that is asked for', async () => {
    const { api, emulator } = await start()
    const refused = () => api('GET', '/v1/session/auth', { authorization: 'Bearer wrong' })
    expect(await refused()).toMatchObject({ status: 401, body: { code: 401 } })
    emulator.behave({ authFailure: 'bad-request' })
    expect(await refused()).toMatchObject({ status: 400, body: { code: 13000420 } })
    emulator.behave({ authFailure: 'gateway' })
    expect(await refused()).toMatchObject({ status: 401, body: { error_code: 'APIGW.0301' } })
    expect((await api('GET', '/v1/session/auth', { authorization: undefined })).status).toBe(401)
  })
})

describe('a session', () => {
  test('is opened with a code, refreshed by its id, and closed', async () => {
    let now = noon
    const { api, emulator } = await start({ now: () => now })
    const code = emulator.population.users[0]?.id
    const open = (path: string) => api('POST', path, { body: { code, domain: 'x' }, authorization: undefined })
    expect((await open('/v1/session')).status).toBe(200)
    const data = (await open('/v1/session/')).body['data'] as Record<string, string>
    expect(data['accessToken']).toMatch(/^Bearer [0-9a-f]{48}$/)
    expect(data).toMatchObject({ userId: code, userInfo: { role: 0, tenantId: emulator.population.tenantId } })
    now += 30 * MINUTE
    const refresh = (sessionId = '') =>
      api('POST', '/v1/session/refresh', {
        headers: { 'x-session-id': sessionId },
        authorization: data['accessToken'],
      })
    expect((await refresh('wrong')).status).toBe(401)
    const fresh = (await refresh(data['sessionId'])).body['accessToken'] as string
    const auth = async (authorization: string | undefined) =>
      (await api('GET', '/v1/session/auth', { authorization })).status
    expect(await auth(fresh)).toBe(200)
    expect(await auth(data['accessToken'])).toBe(401)
    expect((await api('GET', '/v1/session/logoff', { authorization: fresh })).body).toMatchObject({ failedList: [] })
    expect(await auth(fresh)).toBe(401)
  })

  test('of 2024 answers flat, with a plus', async () => {
    const { api } = await start({ config: { behaviour: { sessionShape: '2024' } } })
    const answer = await api('POST', '/v1/session/', { body: { code: 'user1' }, authorization: undefined })
    expect(answer.body).toMatchObject({ userName: 'user1', code: 0 })
    expect(answer.body['accessToken']).toMatch(/^Bearer\+[0-9a-f]{48}$/)
  })

  test('cannot be opened with an unknown code, and its login page can be asked for', async () => {
    const { api } = await start()
    expect((await api('POST', '/v1/session/', { body: { code: 'x' }, authorization: undefined })).status).toBe(401)
    const url = await api('GET', '/v1/session/authCodeURL?domain=a.example', { authorization: undefined })
    expect(url.body['data']).toContain('a.example')
  })

  test('of the carrier edition begins with a password and goes on with a refresh token, once', async () => {
    let now = noon
    const { api } = await start({
      now: () => now,
      config: { users: [{ account: 'a@example.com', password: 'secret' }] },
    })
    const login = (password: string) =>
      api('POST', '/v1/auth/login', {
        headers: { 'x-hw-agentName': 'x' },
        body: { account: 'a@example.com', authType: '1', password },
        authorization: undefined,
      })
    expect((await login('wrong')).status).toBe(401)
    type Info = Readonly<{ sessionInfo: Record<string, string> }>
    const { sessionInfo } = (await login('secret')).body['data'] as Info
    expect(sessionInfo).toMatchObject({ expiresIn: 1800, issuedAt: String(noon) })
    expect(sessionInfo['accessToken']).toMatch(/^AT [0-9a-f]{48}$/)
    const use = async (authorization: string | undefined) =>
      (await api('GET', '/v1/jobs?offset=0&limit=1', { authorization })).status
    now += 29 * MINUTE
    expect(await use(sessionInfo['accessToken'])).toBe(200)
    now += MINUTE
    expect(await use(sessionInfo['accessToken'])).toBe(401)
    const refresh = () =>
      api('POST', '/v1/auth/refreshToken', {
        body: { refreshToken: sessionInfo['refreshToken'] },
        authorization: sessionInfo['accessToken'],
      })
    const fresh = (await refresh()).body['data'] as Info
    expect(await use(fresh.sessionInfo['accessToken'])).toBe(200)
    expect((await refresh()).status).toBe(401)
  })
})

describe('spaces', () => {
  test('are told by user, by type, by id, and as teams', async () => {
    const { get, emulator, containerId, upload } = await start()
    await upload('a', 'hello')
    const user = emulator.population.users[0]?.id ?? ''
    const all = (await get(`/v2/space/${user}`)).body['data'] as ReadonlyArray<object>
    expect(all).toHaveLength(3)
    expect(all[0]).toEqual({
      type: '1',
      status: '0',
      ownerId: user,
      containerId,
      rootFileId: expect.stringMatching(/^H[\w-]{32}$/) as string,
      bizRootFileId: `DEUI7pa0C24Aroot${containerId}`,
      bizSboxFileId: `DEUI7pa0C24Asbox${containerId}`,
      capacity: '100',
      spaceUsed: '5',
      tenantId: emulator.population.tenantId,
    })
    expect((await get(`/v2/space/${user}?type=2`)).body['data']).toMatchObject([{ type: '2' }])
    expect((await get(`/v1/space/${user}?type=1`)).body['data']).toMatchObject({ type: 1, capacity: 100, spaceUsed: 5 })
    expect((await get(`/v1/space/${user}`)).body['code']).toBe(13000102)
    expect((await get(`/v1/space/container/${containerId}`)).body['data']).toMatchObject({ containerId })
    expect((await get('/v1/space/container/IAAx')).body['code']).toBe(13000301)
    const teams = await get('/v1/space/teamList?offset=0&limit=100')
    expect(teams.body).toMatchObject({ total: 2, teams: [{ userNum: 1 }, {}] })
    expect((await get('/v1/space/teamList?offset=0&limit=100&teamType=0')).body).toMatchObject({ total: 1 })
    expect((await get('/v1/space/groupList?offset=0&limit=100')).body).toMatchObject({ total: 1, groupsTotal: 1 })
    expect((await get('/v1/space/departmentList?offset=0&limit=100')).body).toMatchObject({
      departments: [{ containerId: emulator.configuration['koo-department']?.['containerId'] }],
    })
  })

  test('of teams are listed by team id and team type', async () => {
    const { emulator, post } = await start()
    for (const [drive, teamType] of [
      ['koo-department', undefined],
      ['koo-group', '2'],
    ] as const) {
      const team = makeClient(emulator, drive)
      await team.mkdir(drive)
      const list = (groupId = team.settings.space?.groupId, type: string | undefined = teamType) =>
        post(`/v1/files/${groupId ?? ''}/0${type === undefined ? '' : `?team_type=${type}`}`, {
          containerId: team.containerId,
          parentFileId: 'root',
        })
      expect((await list()).body['files']).toMatchObject([{ fileName: drive }])
      expect((await list('123')).body['code']).toBe(13000416)
      expect((await list(undefined, teamType === '2' ? '0' : '2')).body['code']).toBe(13000416)
      const personal = await post('/v1/files/0', { containerId: team.containerId, parentFileId: 'root' })
      expect(personal.body['code']).toBe(13000416)
    }
  })

  test('are closed to strangers, read-only to readers, and to all when inactive', async () => {
    const { emulator, get } = await start({
      config: {
        users: [
          { id: '1', tokens: [{ accessToken: 'one' }] },
          { id: '2', tokens: [{ accessToken: 'two' }] },
        ],
        spaces: [
          { kind: 'personal', containerId: 'IAAone' },
          { kind: 'group', containerId: 'IAAgroup', members: [{ userId: '1', access: 'read' }] },
          { kind: 'group', containerId: 'IAAoff', active: false },
        ],
      },
    })
    const { api } = makeClient(emulator)
    const make = async (containerId: string, token: string) =>
      (
        await api('POST', '/v1/directory', {
          authorization: `Bearer ${token}`,
          body: { containerId, fileName: token, fileType: '10', renameMode: 3 },
        })
      ).body['code']
    expect(await make('IAAone', 'one')).toBe(0)
    expect(await make('IAAone', 'two')).toBe(13000410)
    expect(await make('IAAgroup', 'one')).toBe(13000410)
    expect((await get('/v1/space/container/IAAgroup')).body['code']).toBe(0)
    expect(await make('IAAgroup', 'two')).toBe(13000410)
    expect(await make('IAAoff', 'one')).toBe(13000412)
  })

  test('come out as drives that a configuration can hold', async () => {
    const { emulator, settings } = await start()
    expect(emulator.configuration).toMatchObject({
      koo: { type: 'koodrive', baseUrl: emulator.url, auth: { kind: 'token', ...settings.auth } },
      'koo-department': { space: { kind: 'team', teamType: 'department' } },
      'koo-group': { space: { kind: 'team', teamType: 'group' } },
    })
  })
})

describe('answers', () => {
  test('speak Chinese if asked, and in the varied texts of the examples if configured', async () => {
    const { api, emulator, get, containerId } = await start()
    const wrong = { headers: { language: 'zh-CN' }, body: { containerId } }
    expect((await api('POST', '/v1/directory', wrong)).body).toEqual({ code: 13000102, msg: '参数校验失败' })
    emulator.behave({ successMsg: 'varied', codeType: 'string' })
    const id = (
      await api('POST', '/v1/directory', {
        body: { containerId, fileName: 'a', fileType: '10', renameMode: 3 },
      })
    ).body['id'] as string
    expect((await get(`/v1/files/path?fileId=${id}&containerId=${containerId}`)).body).toMatchObject({
      code: '0',
      msg: 'OK',
    })
    emulator.behave({ errorKeys: 'error_code' })
    expect((await get('/v1/files/path')).body).toEqual({
      error_code: '13000102',
      error_msg: 'Verify parameters failed.',
    })
    emulator.behave({ errorKeys: 'code', errorStatus: 200 })
    expect(await get('/v1/files/path')).toMatchObject({ status: 200, body: { code: '13000102' } })
  })
})
