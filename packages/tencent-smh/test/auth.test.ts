// Tokens: made, refreshed once, renewed, given from outside, refused; and settings.
import { createRegistry, fromBytes, secret } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { inspect } from 'node:util'
import { tencentSmh } from '../src'
import { at, left, library, right, startBench, type Bench } from './harness'

let bench: Bench
beforeEach(async () => {
  bench = await startBench({
    config: { libraries: [{ ...library, tokens: [{ token: 'given-token-1' }, { token: 'given-token-2' }] }] },
  })
})
afterEach(() => bench.emulator.close())
const tokensMade = () => bench.emulator.requests.count('createToken')

test('many calls at once need one token, and opening needs none', async () => {
  expect(bench.emulator.requests.count()).toBe(0)
  await Promise.all(Array.from({ length: 20 }, () => right(bench.drive.stat(at('/')))))
  expect(tokensMade()).toBe(1)
})

test('a token that expired is replaced once, and the calls succeed', async () => {
  const drive = bench.open({ auth: { kind: 'secret', librarySecret: library.secret, period: 60 } })
  await right(drive.stat(at('/')))
  bench.clock.advance(61_000)
  await Promise.all(Array.from({ length: 10 }, (_, i) => right(drive.createDir(at(`d${i}`)))))
  expect(tokensMade()).toBe(2)
})

test('using a token keeps it alive', async () => {
  const drive = bench.open({
    deployment: 'public',
    auth: { kind: 'secret', librarySecret: library.secret, period: 60 },
  })
  for (let i = 0; i < 5; i++) {
    await right(drive.stat(at('/')))
    bench.clock.advance(50_000)
  }
  expect(tokensMade()).toBe(1)
})

test('renewing extends a token that is not used', async () => {
  const drive = bench.open({ auth: { kind: 'secret', librarySecret: library.secret, period: 60 } })
  expect(await right(drive.smh.renewToken())).toEqual({ expiresIn: 60 })
  for (let i = 0; i < 3; i++) {
    bench.clock.advance(50_000)
    await right(drive.smh.renewToken())
  }
  await right(drive.stat(at('/')))
  expect(tokensMade()).toBe(1)
})

test('a token in the middle of an upload is replaced, too', async () => {
  for (const endpoint of ['beginSimpleUpload', 'confirmUpload']) bench.emulator.faults.next(endpoint, 'token')
  await right(bench.drive.writeFile(at('f'), fromBytes('x')))
  expect(tokensMade()).toBe(3)
})

test('a token given in the settings cannot be replaced: Unauthenticated', async () => {
  const drive = bench.open({ auth: { kind: 'token', accessToken: 'given-token-1' } })
  await right(drive.stat(at('/')))
  bench.clock.advance(2 * 86_400_000)
  expect(await left(drive.stat(at('/')))).toMatchObject({ _tag: 'Unauthenticated', code: 'InvalidAccessToken' })
  expect(tokensMade()).toBe(0)
})

test('the program’s own tokens: asked for at first use, and once more after a refusal', async () => {
  const given = ['no-good', 'given-token-2']
  let asked = 0
  const drive = bench.open({}, { getToken: () => Promise.resolve(given[asked++] ?? 'none') })
  await right(drive.stat(at('/')))
  await right(drive.stat(at('/')))
  expect([asked, tokensMade()]).toEqual([2, 0])
  const failing = bench.open({}, { getToken: () => Promise.reject(new Error('very-secret-detail')) })
  const error = await left(failing.stat(at('/')))
  expect(error._tag).toBe('Unauthenticated')
  expect(inspect(error)).not.toContain('very-secret-detail')
})

test('a wrong secret is Unauthenticated, and is told by no error', async () => {
  const drive = bench.open({ auth: { kind: 'secret', librarySecret: 'wrong-secret-value' } })
  const error = await left(drive.stat(at('/')))
  expect(error).toMatchObject({ _tag: 'Unauthenticated', code: 'WrongLibraryIdOrSecret' })
  expect(inspect(error)).not.toContain('wrong-secret-value')
})

test('permissions are asked for as the settings say', async () => {
  const reader = bench.open({ auth: { kind: 'secret', librarySecret: secret(library.secret), grant: [] } })
  await right(reader.stat(at('/')))
  expect(await left(reader.createDir(at('d')))).toMatchObject({ _tag: 'Forbidden', code: 'NoPermission' })
  const maker = bench.open({
    auth: { kind: 'secret', librarySecret: library.secret, grant: 'create_directory,copy_directory' },
  })
  await right(maker.createDir(at('d')))
  const removed = await right(maker.batchRemove([at('d')]))
  expect(removed.outcomes[0]).toMatchObject({ status: 'failed', error: { _tag: 'Forbidden' } })
})

describe('settings', () => {
  const registry = createRegistry([tencentSmh])
  const good = {
    type: 'tencent-smh',
    baseUrl: 'https://smh1.api.tencentsmh.cn',
    libraryId: 'smh1',
    auth: { kind: 'token', accessToken: 'hush-hush' },
  }
  test('what the console shows is enough', () => {
    expect(E.isRight(registry.openUnknown(good))).toBe(true)
  })
  test.each<[string, object, string]>([
    ['a base URL without a scheme', { baseUrl: 'smh1.api.tencentsmh.cn' }, 'baseUrl'],
    ['no library', { libraryId: undefined }, 'libraryId'],
    ['no auth', { auth: undefined }, 'auth'],
    ['a part that is too small', { upload: { partSize: 1000 } }, 'upload.partSize'],
    ['an upload scheme that is none', { uploadScheme: 'ftp' }, 'uploadScheme'],
  ])('%s is told by its place', (_name, more, place) => {
    const opened = registry.openUnknown({ ...good, ...more })
    const places = E.isLeft(opened) && opened.left._tag === 'InvalidSettings' ? opened.left.issues.map((i) => i.at) : []
    expect(places.some((found) => found.startsWith(place))).toBe(true)
    expect(inspect(opened)).not.toContain('hush-hush')
  })
  test('a decoded secret prints as a secret', () => {
    const decoded = tencentSmh.settings.decode(good)
    expect(E.isRight(decoded) && JSON.stringify(decoded.right)).toContain('[secret]')
  })
})
