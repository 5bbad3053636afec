// The Tencent SMH emulator's tokens, permissions, spaces, quotas, strictness, faults and persistence.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTencentSmh } from '../src'
import { clientOf, clock, library, secret, startClient, using, type Begun } from './tencent-smh-client'

const directories: Array<string> = []
const temporary = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'anydrive-smh-'))
  directories.push(made)
  return made
}
afterAll(() => directories.forEach((directory) => rmSync(directory, { recursive: true, force: true })))

const two = {
  libraries: [
    { id: library, secret, spaces: [{ id: 'one' }, { id: 'two', publicRead: true }], tokens: [{ token: 't' }] },
  ],
}

describe('tokens', () => {
  const create = `/api/v1/token?library_id=${library}&library_secret=${secret}`

  test('are made with GET and POST, with grants and a period', () =>
    using({ strict: true }, async ({ emulator, at }) => {
      for (const method of ['GET', 'POST']) {
        const made = await fetch(`${emulator.url}${create}&grant=create_directory,upload_file&period=60`, { method })
        const { accessToken, expiresIn } = (await made.json()) as { accessToken: string; expiresIn: number }
        expect([made.status, expiresIn]).toEqual([200, 60])
        const mine = clientOf(emulator, accessToken)
        expect((await mine.mkdir(method)).status).toBe(201)
        expect(await mine.code(mine.call('DELETE', at('directory', method)))).toEqual([403, 'NoPermission'])
      }
    }))

  test.each([
    ['library_id=x', 400, 'EmptyLibraryIdOrSecret'],
    [`library_id=${library}&library_secret=no`, 404, 'WrongLibraryIdOrSecret'],
    [`library_id=${library}&library_secret=${secret}`, 400, 'EmptySpaceId'],
    [`library_id=${library}&library_secret=${secret}&space_id=one,three`, 404, 'SpaceNotFound'],
  ])('are refused for %s', (query, status, code) =>
    using({ config: two }, async ({ emulator }) => {
      const made = await fetch(`${emulator.url}/api/v1/token?${query}`)
      expect([made.status, await made.json()]).toMatchObject([
        status,
        { code, requestId: expect.any(String) as string },
      ])
    }),
  )

  test('live a period from their last use, are renewed and deleted', () => {
    const time = clock()
    return using({ now: time.now }, async ({ emulator, at }) => {
      const made = await fetch(`${emulator.url}${create}&period=60&grant=admin&user_id=u2`)
      const { accessToken } = (await made.json()) as { accessToken: string }
      const mine = clientOf(emulator, accessToken)
      const list = () => mine.code(mine.call('GET', at('directory')))
      for (let i = 0; i < 3; i += 1) {
        time.pass(59_000)
        expect((await list())[0]).toBe(200)
      }
      time.pass(59_000)
      const renewed = await fetch(`${emulator.url}/api/v1/token/${library}/${accessToken}`, { method: 'POST' })
      expect([renewed.status, await renewed.json()]).toEqual([200, { accessToken, expiresIn: 60 }])
      time.pass(60_000)
      expect(await list()).toEqual([403, 'InvalidAccessToken'])
      const again = ((await (await fetch(`${emulator.url}${create}&user_id=u2`)).json()) as { accessToken: string })
        .accessToken
      const all = `${emulator.url}/api/v1/token/${library}?user_id=u2&library_secret=${secret}`
      expect((await fetch(all, { method: 'DELETE' })).status).toBe(204)
      expect((await fetch(`${emulator.url}${at('directory')}?access_token=${again}`)).status).toBe(403)
      expect((await fetch(`${emulator.url}/api/v1/token/${library}/t`, { method: 'DELETE' })).status).toBe(204)
      expect((await fetch(`${emulator.url}${at('directory')}?access_token=t`)).status).toBe(403)
      expect(emulator.requests.list('deleteToken')[0]?.path).toBe(`/api/v1/token/${library}/…`)
    })
  })

  test('come in the query, as Bearer, or are replaced by the secret', () =>
    using({ config: two }, async ({ emulator, at }) => {
      const url = emulator.url + at('directory', '', 'one')
      const status = async (suffix: string, headers = {}) => (await fetch(url + suffix, { headers })).status
      expect(await status('?access_token=t')).toBe(200)
      expect(await status('', { authorization: 'Bearer t' })).toBe(200)
      expect(await status(`?library_secret=${secret}`)).toBe(200)
      expect(await status('?library_secret=no')).toBe(404)
      expect(await (await fetch(url)).json()).toMatchObject({ code: 'EmptyAccessToken' })
      expect(await status('?access_token=no')).toBe(403)
      expect((await fetch(emulator.url + at('directory', '', 'two'))).status).toBe(200)
      expect((await fetch(emulator.url + at('directory', 'x', 'two'), { method: 'PUT' })).status).toBe(400)
    }))

  test('serve their spaces and library only', () =>
    using(
      {
        config: {
          libraries: [
            { ...two.libraries[0], id: library, secret, tokens: [{ token: 'one', spaceIds: ['one'] }] },
            { id: 'smhother', secret: 'x', tokens: [{ token: 'other' }] },
          ],
        },
      },
      async ({ emulator, at }) => {
        const list = async (token: string, path: string) => {
          const mine = clientOf(emulator, token)
          return mine.code(mine.call('GET', path))
        }
        expect(await list('one', at('directory', '', 'one'))).toEqual([200, undefined])
        expect(await list('one', at('directory', '', 'two'))).toEqual([403, 'AccessTokenNotMatchSpace'])
        expect(await list('other', at('directory', '', 'one'))).toEqual([403, 'AccessTokenNotMatchLibrary'])
        expect(await list('one', '/api/v1/directory/smhnone/-')).toEqual([404, 'LibraryNotFound'])
        expect(await list('one', at('directory', '', 'three'))).toEqual([404, 'SpaceNotFound'])
      },
    ))

  test.each([
    ['create_directory', 'PUT', 'directory/x', undefined],
    ['delete_directory', 'DELETE', 'directory/d', undefined],
    ['delete_directory_permanent', 'DELETE', 'directory/d?permanent=1', undefined],
    ['move_directory', 'PUT', 'directory/x', { from: 'd' }],
    ['copy_directory', 'PUT', 'directory/x', { copyFrom: 'd' }],
    ['delete_file', 'DELETE', 'file/f', undefined],
    ['delete_file_permanent', 'DELETE', 'file/f?permanent=1', undefined],
    ['move_file', 'PUT', 'file/x', { from: 'f' }],
    ['copy_file', 'PUT', 'file/x', { copyFrom: 'f' }],
    ['move_file_force', 'PUT', 'file/g?conflict_resolution_strategy=overwrite', { from: 'f' }],
    ['copy_file_force', 'PUT', 'file/g?conflict_resolution_strategy=overwrite', { copyFrom: 'f' }],
    ['begin_upload', 'PUT', 'file/x', undefined],
    ['begin_upload_force', 'PUT', 'file/f?conflict_resolution_strategy=overwrite', undefined],
    ['create_symlink', 'PUT', 'file/x', { linkTo: 'f' }],
  ])('need %s, or an administrator’s grant, for %s %s', (grant, method, target, body) =>
    using(
      {
        config: {
          libraries: [
            {
              id: library,
              secret,
              tokens: [
                { token: 't' },
                { token: 'yes', grant: [grant] },
                {
                  token: 'no',
                  grant: ['confirm_upload', grant.replace(/_(force|permanent)$/, '')].filter((name) => name !== grant),
                },
              ],
            },
          ],
        },
      },
      async ({ emulator, mkdir, upload }) => {
        await mkdir('d')
        await upload('f', 'x')
        await upload('g', 'x')
        const [kind, rest = ''] = target.split(/\/(.*)/)
        const as = async (token: string) => {
          const mine = clientOf(emulator, token)
          return mine.code(mine.call(method, `/api/v1/${kind}/${library}/-/${rest}`, body))
        }
        expect(await as('no')).toEqual([403, 'NoPermission'])
        expect((await as('yes'))[0]).toBeLessThan(300)
      },
    ),
  )
})

describe('spaces and quotas', () => {
  test('are made, listed by pages, and deleted when empty or forced', () =>
    using({ config: two, strict: true }, async ({ call, code, mkdir }) => {
      const base = `/api/v1/space/${library}`
      expect(await call('POST', `${base}?space_id=three`, { isPublicRead: true })).toMatchObject({
        status: 201,
        body: { spaceId: 'three' },
      })
      expect((await call('POST', base)).body).toMatchObject({
        spaceId: expect.stringMatching(/^space[0-9a-f]{13}$/) as string,
      })
      expect(await code(call('POST', `${base}?space_id=-x`))).toEqual([400, 'SpaceIdInvalid'])
      expect((await call('GET', `${base}/count`)).body).toEqual({ total: 4 })
      expect((await call('GET', `${base}/list?limit=1`)).body).toMatchObject({
        list: [{ spaceId: 'one' }],
        marker: 'one',
        nextMarker: 'one',
      })
      expect((await call('GET', `${base}/list?marker=three`)).body).toMatchObject({ list: [{ spaceId: 'two' }] })
      expect((await call('GET', `${base}/three/extension`)).body).toMatchObject({ isPublicRead: true })
      await mkdir('d', '', 'three')
      expect(await code(call('DELETE', `${base}/three`))).toEqual([409, 'SpaceNotEmpty'])
      expect((await call('DELETE', `${base}/three?force=1`)).status).toBe(204)
      expect(await code(call('GET', `${base}/three/size`))).toEqual([404, 'SpaceNotFound'])
    }))

  test('a quota stops uploads at begin and at confirm, and copies', () =>
    using({ strict: true }, async ({ call, code, upload, at }) => {
      const quota = { capacity: '8', removeWhenExceed: false, removeAfterDays: 30 }
      expect(await call('POST', `/api/v1/quota/${library}`, quota)).toMatchObject({ status: 201, body: { quotaId: 1 } })
      expect(await code(call('POST', `/api/v1/quota/${library}`, quota))).toEqual([409, 'DuplicateQuota'])
      expect(await code(upload('f', 'x', 'filesize=9'))).toEqual([400, 'QuotaLimitReached'])
      expect(await code(upload('f', '123456789'))).toEqual([400, 'QuotaLimitReached'])
      expect((await upload('f', '12345')).status).toBe(200)
      expect(await code(call('PUT', at('file', 'g'), { copyFrom: 'f' }))).toEqual([400, 'QuotaLimitReached'])
      expect((await call('GET', `/api/v1/usage/${library}/-`)).body).toEqual([
        ...[{ spaceId: '-', capacity: '8', availableSpace: '3', size: '5' }],
      ])
      expect((await call('PUT', `/api/v1/quota/${library}/-`, { capacity: 10 })).status).toBe(204)
      expect((await call('GET', `/api/v1/space-quota/${library}/-`)).body).toEqual({ id: 1, capacity: '10' })
      expect((await call('GET', `/api/v1/usage/${library}`)).body).toEqual({ totalFileSize: '5' })
    }))
})

describe('strictness', () => {
  test.each([
    ['PUT', 'directory/d?conflict=ask', undefined, 'parameter "conflict" is not known'],
    ['PUT', 'directory/d?with_inode=yes', undefined, 'parameter "with_inode" must not be "yes"'],
    ['PUT', 'directory/d', { lables: [] }, 'field "lables" is not known'],
    ['PUT', 'directory/d', { from: 3 }, 'field "from" must be of type string'],
    ['PUT', 'directory/d', { from: 'a', strategy: 'ask' }, 'field "strategy" is not known'],
    ['GET', 'directory/?by-marker=1&limt=3', undefined, 'parameter "limt" is not known'],
    ['GET', 'directory/?by-marker=1&by-marker=1', undefined, 'parameter "by-marker" came twice'],
    ['DELETE', 'directory/d', { permanent: true }, 'there must be no body'],
    ['POST', 'batch?move', [{ from: 'a', to: 'b', mode: 1 }], 'field "mode" is not known'],
    ['POST', 'file/k?confirm', { crc64: 5 }, 'field "crc64" must be of type string'],
  ])('refuses %s %s %j, which tolerance lets pass or fail otherwise', async (method, target, body, message) => {
    const path = target.replace(/^(\w+)/, `/api/v1/$1/${library}/-`)
    const answer = await using({ strict: true }, ({ call }) => call(method, path, body))
    expect([answer.status, answer.body]).toMatchObject([
      400,
      { code: 'ParamInvalid', message: expect.stringContaining(message) as string },
    ])
    const tolerant = await using({}, ({ call }) => call(method, path, body))
    expect(tolerant.text).not.toContain(message === 'field "from" must be of type string' ? 'nothing' : message)
  })

  test('answers wrong methods, unknown paths and broken JSON the vendor’s way', () =>
    using({}, async ({ call, at, code }) => {
      expect(await code(call('PATCH', at('directory', 'd')))).toEqual([404, 'RouteNotFound'])
      expect(await code(call('GET', '/api/v1/nothing'))).toEqual([404, 'RouteNotFound'])
      const broken = call('PUT', at('directory', 'd'), undefined, { body: '{' })
      expect(await code(broken)).toEqual([400, 'BadRequest'])
      expect(await code(call('GET', at('directory', '%zz')))).toEqual([400, 'BadRequest'])
    }))

  test('treats flags by their presence, whatever their value', () =>
    using({}, async ({ mkdir, call, at }) => {
      await mkdir('a')
      for (const flag of ['copy', 'copy=', 'copy=1', 'copy=true'])
        expect(
          (
            await call('POST', `${at('batch')}?${flag}`, [
              { copyFrom: 'a', to: 'b', conflictResolutionStrategy: 'rename' },
            ])
          ).status,
        ).toBe(200)
    }))
})

describe('faults', () => {
  test('lose the answer of a call that had its effect, or cut one that had none', () =>
    using({}, async ({ emulator, mkdir, names }) => {
      emulator.faults.next('createDirectory', 'lost')
      await expect(mkdir('lost')).rejects.toThrow()
      emulator.faults.next('createDirectory', 'cut')
      await expect(mkdir('cut')).rejects.toThrow()
      expect(await names('')).toEqual(['lost'])
      expect(emulator.requests.list('createDirectory').map(({ status, fault }) => [status, fault])).toEqual([
        ...[
          [0, 'lost'],
          [0, 'cut'],
        ],
      ])
    }))

  test('expire tokens, refuse with 429 and 503, in the vendor’s words', () =>
    using({ retryAfter: 7 }, async ({ emulator, mkdir, code }) => {
      emulator.faults.next('createDirectory', '429')
      const limited = await mkdir('a')
      expect([limited.status, limited.body, limited.headers.get('retry-after')]).toMatchObject([
        429,
        { code: 'RateLimitExceeded' },
        '7',
      ])
      emulator.faults.next('createDirectory', '5xx')
      expect(await code(mkdir('a'))).toEqual([503, 'ServerOverloaded'])
      emulator.faults.next('createDirectory', 'token')
      expect(await code(mkdir('a'))).toEqual([403, 'InvalidAccessToken'])
      expect(await code(mkdir('a'))).toEqual([403, 'InvalidAccessToken'])
    }))

  test('come the same way for the same seed', async () => {
    const run = (seed: number) =>
      using({ seed, faults: '5xx=0.5' }, async ({ mkdir }) => {
        const statuses: Array<number> = []
        for (let i = 0; i < 12; i += 1) statuses.push((await mkdir(`d${i}`)).status)
        return statuses
      })
    expect(await run(5)).toEqual(await run(5))
    expect(await run(5)).not.toEqual(await run(6))
  })

  test('of the object store speak XML', () =>
    using({}, async ({ emulator, call, at }) => {
      const { body } = await call('PUT', at('file', 'f'))
      const { domain, path, headers } = body as Begun
      emulator.faults.next('cosPut', '5xx')
      const put = await fetch(`http://${domain}${path}`, { method: 'PUT', headers, body: 'x' })
      expect([put.status, await put.text()]).toEqual([503, expect.stringContaining('<Code>SlowDown</Code>')])
    }))
})

describe('what is kept', () => {
  test('survives a crash: tree, bytes, tokens, uploads, tasks, bin', async () => {
    const dataDir = temporary()
    const time = clock()
    const options = { now: time.now, behaviour: { taskMs: 60_000, tasks: 'async' as const } }
    const first = await startClient({ ...options, dataDir })
    const { call, at } = first
    await first.mkdir('d')
    await first.upload('d/f', 'hello')
    await first.upload('d/g', Buffer.alloc(2_000_000, 'g'))
    const made = await fetch(
      `${first.emulator.url}/api/v1/token?library_id=${library}&library_secret=${secret}&grant=admin&user_id=u1`,
    )
    const { accessToken } = (await made.json()) as { accessToken: string }
    await call('DELETE', at('file', 'd/g'))
    await call('POST', `${at('batch')}?copy`, [{ copyFrom: 'd', to: 'e' }])
    const begun = (await call('PUT', at('file', 'd/h'))).body as Begun
    await fetch(`http://${begun.domain}${begun.path}`, { method: 'PUT', headers: begun.headers, body: 'late' })
    // The files as they are at this moment are what a killed process leaves.
    const copy = temporary()
    cpSync(dataDir, copy, { recursive: true, filter: (file) => !file.endsWith('emulator.pid') })
    await first.emulator.close()

    const emulator = await startTencentSmh({ ...options, dataDir: copy })
    const again = clientOf(emulator, accessToken)
    try {
      expect(await again.names('d')).toEqual(['f'])
      time.pass(60_000)
      expect((await again.call('GET', at('task', '1'))).body).toMatchObject([{ taskId: 1, status: 200 }])
      expect(await again.names('e')).toEqual(['f'])
      expect((await again.call('POST', `${at('file', begun.confirmKey)}?confirm`)).body).toMatchObject({
        path: ['d', 'h'],
        size: '4',
      })
      expect((await again.call('POST', `/api/v1/recycled/${library}/-/1?restore`)).body).toEqual({ path: ['d', 'g'] })
      for (const [path, text] of [
        ['e/f', 'hello'],
        ['d/h', 'late'],
        ['d/g', 'g'.repeat(2_000_000)],
      ] as const) {
        const { body } = await again.call('GET', `${at('file', path)}?info`)
        expect(await (await fetch((body as { cosUrl: string }).cosUrl)).text()).toBe(text)
      }
      expect((await again.call('GET', `/api/v1/usage/${library}/-`)).body).toMatchObject([{ size: '2000014' }])
      const inodes = new Set<string>()
      for (const path of ['d', 'd/f', 'd/g', 'd/h', 'e', 'e/f'])
        inodes.add(
          ((await again.call('GET', `${at('directory', path)}?info&with_inode=1`)).body as { inode: string }).inode,
        )
      expect(inodes.size).toBe(6)
    } finally {
      await emulator.close()
    }
  })

  test('is nothing without a directory: temporary files go with the emulator', async () => {
    const own = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`anydrive-emulator-${process.pid}-`))
    const before = own()
    await using({}, async ({ upload }) => {
      await upload('f', Buffer.alloc(2_000_000))
      expect(own().length).toBe(before.length + 1)
    })
    expect(own()).toEqual(before)
  })
})

test('gives the settings of its drives, ready for anydrive.json', async () => {
  await using({ config: two }, ({ emulator }) => {
    expect(emulator.configuration).toEqual({
      smh: {
        ...{ type: 'tencent-smh', baseUrl: emulator.url, libraryId: library, spaceId: 'one', uploadScheme: 'http' },
        auth: { kind: 'secret', librarySecret: secret, grant: ['admin'] },
      },
      'smh-two': expect.objectContaining({ spaceId: 'two' }) as unknown,
    })
    return Promise.resolve()
  })
})

test('serves the API and the object store over HTTPS, and says which authority to trust', async () => {
  const dataDir = temporary()
  const emulator = await startTencentSmh({ tls: true, dataDir })
  try {
    expect(existsSync(emulator.caFile ?? '')).toBe(true)
    expect(emulator.configuration['smh']).toMatchObject({ uploadScheme: 'https', baseUrl: emulator.url })
    const ca = readFileSync(emulator.caFile ?? '')
    const status = await new Promise((resolve, reject) => {
      const path = `/api/v1/directory/${library}/-?library_secret=${secret}`
      get(emulator.url + path, { ca, agent: false }, (answer) => resolve(answer.statusCode)).on('error', reject)
    })
    expect(status).toBe(200)
  } finally {
    await emulator.close()
  }
})
