// doctor: on both services and on this machine, on drives that differ from what is expected, and on those that cannot be reached.
import { startFaultProxy } from '@anydrive/conformance'
import { startKooDrive, startTencentSmh } from '@anydrive/emulators'
import { readdir, writeFile } from 'node:fs/promises'
import { desk, type Desk } from './command'

let here: Desk
beforeEach(async () => {
  here = await desk()
})
afterEach(() => here.clear())

interface Report {
  readonly type: string
  readonly checks: ReadonlyArray<{ readonly about: string; readonly result: string; readonly detail: string }>
}
const report = async (line: string) => {
  const ran = await here.do(`doctor ${line} --json`)
  const { type, checks } = JSON.parse(ran.out) as Report
  const by = (wanted: string) => checks.filter(({ result }) => result === wanted).map(({ about }) => about)
  return { ...ran, type, checks, by }
}

describe.each([
  ['smh', startTencentSmh, 'tencent-smh'],
  ['koo', startKooDrive, 'koodrive'],
] as const)('%s', (drive, start, type) => {
  test('is as expected, read and written, and nothing is left', async () => {
    const service = await start({ seed: 3 })
    try {
      await here.configure({ [drive]: Object.values(service.configuration)[0] })
      await here.do(`put - ${drive}:private-name.txt`, { stdin: 'content' })
      const requests = service.requests.count()
      const read = await report(drive)
      expect(read).toMatchObject({ code: 0, type })
      expect(read.by('ok')).toEqual(
        expect.arrayContaining(['reach', 'list', 'stat', 'read', 'clock', 'trash', 'search']),
      )
      expect(service.requests.count() - requests).toBeLessThan(20)
      const written = await report(`${drive} --write`)
      expect(written).toMatchObject({ code: 0, err: '' })
      expect(written.by('ok')).toEqual(
        expect.arrayContaining(['write', 'times', 'ask', 'rename', 'overwrite', 'case', 'move', 'remove', 'restore']),
      )
      expect(read.out + written.out).not.toContain('private-name')
      expect((await here.do(`ls ${drive}:`)).out).toBe('private-name.txt\n')
    } finally {
      await service.close()
    }
  })
})

test.each([
  ['public', {}, 'ok', 'a public deployment answers'],
  ['private', {}, 'ok', 'a private deployment answers'],
  ['private', { deployment: 'public' }, 'differs', 'a private deployment answers: set "deployment" to "private"'],
  ['public', { deployment: 'private' }, 'differs', 'a public deployment answers: set "deployment" to "public"'],
] as const)('a %s deployment of SMH with %j', async (deployment, settings, result, detail) => {
  const service = await startTencentSmh({ seed: 3, deployment })
  try {
    await here.configure({ smh: { ...Object.values(service.configuration)[0], ...settings } as never })
    const { checks } = await report('smh --write')
    const found = checks.find(({ about }) => about === 'deployment')
    expect(found).toMatchObject({ result, detail: expect.stringContaining(detail) as string })
    expect(service.pendingUploads()).toBe(0)
    expect((await here.do('ls smh:')).out).toBe('')
    expect((await report('smh')).by('ok')).not.toContain('deployment')
  } finally {
    await service.close()
  }
})

test.each([
  [true, 'via-temporary', 'ok', 'holds its name: "uploads" must stay'],
  [true, 'direct', 'differs', 'holds its name: set "uploads" to "via-temporary"'],
  [false, 'via-temporary', 'ok', 'does not hold its name: "uploads": "direct" saves'],
  [false, 'direct', 'ok', 'does not hold its name'],
] as const)(
  'KooDrive where an unfinished upload holds its name: %s, and uploads is %s',
  async (holds, uploads, result, detail) => {
    const service = await startKooDrive({ seed: 3, config: { behaviour: { pendingHoldsName: holds } } })
    try {
      await here.configure({ koo: { ...Object.values(service.configuration)[0], uploads } as never })
      const { checks } = await report('koo --write')
      const found = checks.find(({ about }) => about === 'uploads')
      expect(found).toMatchObject({ result, detail: expect.stringContaining(detail) as string })
      expect((await here.do('ls koo:')).out).toBe('')
      expect(service.pendingUploads()).toBe(0)
    } finally {
      await service.close()
    }
  },
)

test('a directory of this machine; as text, one line a check', async () => {
  await writeFile(here.path('f'), 'x')
  await here.configure({ disk: { type: 'local', root: here.dir } })
  const before = await readdir(here.dir)
  const { code, out } = await here.do('doctor disk --write')
  expect(out).toMatch(/^anydrive \S+, Node\.js v\S+, \S+, a drive of local\n/)
  expect(out).toMatch(/^ok +write +a file arrives/m)
  expect(out).toMatch(/^- +clock/m)
  expect(code).toBe(0)
  expect(await readdir(here.dir)).toEqual(before)
})

test('a clock and a listing that differ are reported, and the exit code is 1', async () => {
  const service = await startTencentSmh({ seed: 3 })
  const proxy = await startFaultProxy(service.url)
  try {
    const settings = JSON.stringify(Object.values(service.configuration)[0]).replaceAll(service.url, proxy.url)
    await here.configure({ smh: JSON.parse(settings) as never })
    await here.do('put - smh:a', { stdin: 'a' })
    await here.do('put - smh:b', { stdin: 'b' })
    proxy.intercept(async (_request, forward) => {
      const answer = await forward()
      const body = String(answer.body ?? '').replace('"name":"b"', '"name":"a"')
      const date = new Date(Date.now() + 3_600_000).toUTCString()
      return {
        ...answer,
        body,
        headers: { ...answer.headers, date, 'content-length': String(Buffer.byteLength(body)) },
      }
    })
    const { code, checks, by } = await report('smh')
    expect(code).toBe(1)
    expect(by('differs')).toEqual(expect.arrayContaining(['list', 'clock']))
    expect(checks.find(({ about }) => about === 'clock')?.detail).toMatch(/3[56]\d\d s ahead/)
    expect(checks.find(({ about }) => about === 'list')?.detail).toContain('listed twice')
  } finally {
    await proxy.close()
    await service.close()
  }
})

test('a drive that cannot be reached, or refuses the credentials, has that exit code and no secret in the report', async () => {
  const service = await startTencentSmh({ seed: 3 })
  const [settings] = Object.values(service.configuration)
  const wrong = JSON.stringify(settings).replace(/"librarySecret":"[^"]*"/, '"librarySecret":"not-the-secret"')
  await here.configure({ wrong: JSON.parse(wrong) as never, gone: { ...(settings as object), http: { attempts: 1 } } })
  const refused = await report('wrong')
  expect(refused).toMatchObject({ code: 3 })
  expect(refused.by('failed')).toEqual(['reach'])
  expect(refused.out + refused.err).not.toContain('not-the-secret')
  await service.close()
  expect(await report('gone')).toMatchObject({ code: 6, checks: [{ about: 'reach', result: 'failed' }] })
  expect(await here.do('doctor none')).toMatchObject({ code: 2 })
})
