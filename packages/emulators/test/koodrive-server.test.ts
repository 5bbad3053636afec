// The KooDrive emulator: faults, request log, persistence, TLS, speed in large folders.
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { get as getHttps } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '../src/common'
import { openJournal } from '../src/common/journal'
import { Children } from '../src/koodrive/children'
import { newFileId } from '../src/koodrive/ids'
import { placeOf } from '../src/koodrive/ordering'
import { rootNode, type Node } from '../src/koodrive/nodes'
import { Tree } from '../src/koodrive/tree'
import { ask, start, stopAll } from './koodrive-client'

const directories: Array<string> = []
const temporary = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'anydrive-koodrive-'))
  directories.push(made)
  return made
}
afterEach(stopAll)
afterAll(() => directories.forEach((directory) => rmSync(directory, { recursive: true, force: true })))

describe('faults', () => {
  test('lose the answer of a job that was created, or cut the request before', async () => {
    const { emulator, mkdir, createJob, get } = await start()
    const taskInfo = { newFilePath: 'root', fileInfo: [{ fileId: await mkdir('a') }] }
    const jobs = async () => (await get('/v1/jobs?offset=0&limit=10')).body['data']
    emulator.faults.next('createJob', 'cut')
    await expect(createJob(1, 101, taskInfo)).rejects.toThrow()
    expect(await jobs()).toEqual([])
    emulator.faults.next('createJob', 'lost')
    await expect(createJob(1, 101, taskInfo)).rejects.toThrow()
    expect(await jobs()).toMatchObject([{ taskType: 1, contentNum: 1 }])
    expect(emulator.requests.list('createJob')).toMatchObject([
      { status: 0, fault: 'cut' },
      { status: 0, fault: 'lost' },
    ])
  })

  test('answer 500 with 13000201, 429 in the gateway’s words, and 503 from the object store', async () => {
    const { emulator, get, createFile, putParts } = await start({ retryAfter: 2 })
    emulator.faults.next('jobList', '5xx')
    const look = () => get('/v1/jobs?offset=0&limit=10')
    expect(await look()).toMatchObject({ status: 500, body: { code: 13000201 } })
    emulator.faults.next('*', '429')
    expect(await look()).toMatchObject({ status: 429, body: { error_code: 'APIGW.0308' } })
    expect((await look()).status).toBe(200)
    const created = await createFile('a', 5)
    emulator.faults.next('putPart', '5xx')
    expect(await putParts(created, 'hello')).toBe(503)
  })

  test('limit the rate by the clock', async () => {
    const { get } = await start({ ratePerSecond: 2 })
    const look = async () => (await get('/v1/session/auth')).status
    expect([await look(), await look(), await look()]).toEqual([200, 200, 429])
  })

  test('expire a token in the middle of polling; the session refreshes it', async () => {
    const { emulator, api, get, settings } = await start()
    emulator.faults.next('jobList', 'token')
    const look = () => get('/v1/jobs?offset=0&limit=10')
    expect((await look()).status).toBe(401)
    expect((await look()).status).toBe(401)
    const fresh = await api('POST', '/v1/session/refresh', { headers: { 'x-session-id': settings.auth.sessionId } })
    const authorization = fresh.body['accessToken'] as string
    expect((await api('GET', '/v1/session/auth', { authorization })).status).toBe(200)
  })

  test('fail single items of a job and single download links', async () => {
    const { emulator, mkdir, upload, transfer, post, containerId } = await start()
    const target = await mkdir('t')
    const ids = [await upload('a', 'x'), await upload('b', 'y')]
    emulator.faults.next('createJob', 'item')
    expect(await transfer(3, ids, target)).toMatchObject({
      jobInfo: { taskResultCode: 2 },
      taskInfos: [{ status: '2', resultCode: 13000201 }, { status: '1' }],
    })
    emulator.faults.next('createJob', 'task')
    expect(await transfer(1, ids, target)).toMatchObject({ taskInfos: [{ status: '1' }, { status: '2' }] })
    emulator.faults.next('downloadUrls', 'item')
    expect((await post('/v1/files/download', { containerId, fileIds: ids })).body).toMatchObject({
      batchCode: 0,
      downloads: [{ code: 13000408 }, {}],
    })
  })

  test('make pages short or empty without losing an entry or repeating a cursor', async () => {
    const { emulator, mkdir, post, containerId } = await start({ faults: { short: 0.7 } })
    for (let index = 0; index < 30; index += 1) await mkdir(`d${index}`)
    const seen: Array<string> = []
    const cursors: Array<unknown> = []
    const lengths: Array<number> = []
    let pageCursor: unknown
    do {
      const pageInfo = { pageSize: 5, ...(pageCursor === undefined ? {} : { pageCursor }) }
      const answer = await post('/v1/files/0', { containerId, parentFileId: 'root', pageInfo })
      const files = answer.body['files'] as ReadonlyArray<{ id: string }>
      seen.push(...files.map(({ id }) => id))
      lengths.push(files.length)
      pageCursor = answer.body['nextCursor']
      cursors.push(pageCursor)
    } while (pageCursor !== undefined)
    expect(new Set(seen).size).toBe(30)
    expect(seen).toHaveLength(30)
    expect(new Set(cursors).size).toBe(cursors.length)
    expect(lengths).toContain(0)
    expect(emulator.faults.dealt().short).toBeGreaterThan(0)
  })

  test('break bodies going into and out of the object store', async () => {
    const { emulator, createFile, putParts, upload, post, containerId } = await start()
    const created = await createFile('a', 5)
    emulator.faults.next('putPart', 'put')
    await expect(putParts(created, 'hello')).rejects.toThrow()
    expect((await post('/v1/files/complete', { fileId: created.body['fileId'] })).body['code']).toBe(13000402)
    const id = await upload('b', '0123456789')
    const links = await post('/v1/files/download', { containerId, fileIds: [id] })
    const [{ url }] = links.body['downloads'] as [{ url: string }]
    emulator.faults.next('getObject', 'get')
    await expect(ask(url, 'GET', {})).rejects.toThrow()
    expect((await ask(url, 'GET', {})).text).toBe('0123456789')
  })

  test('strike at the same calls under the same seed', async () => {
    const statuses = async (seed: number) => {
      const { get } = await start({ seed, faults: '5xx=0.3' })
      const all: Array<number> = []
      for (let index = 0; index < 40; index += 1) all.push((await get('/v1/session/auth')).status)
      return all.join(' ')
    }
    expect(await statuses(7)).toBe(await statuses(7))
    expect(await statuses(7)).not.toBe(await statuses(8))
  })
})

describe('the request log', () => {
  test('counts by operation and keeps signatures to itself', async () => {
    const { emulator, upload, list } = await start()
    await upload('a', 'hello')
    await list()
    expect(emulator.requests.counts()).toEqual({ createFile: 1, putPart: 1, completeFile: 1, listFiles: 1 })
    expect(emulator.requests.list('putPart')[0]?.path).toContain('X-Amz-Signature=…')
  })
})

describe('persistence', () => {
  test('finds everything again after a kill: files, bodies, jobs, bin, uploads, sessions, links', async () => {
    const dataDir = temporary()
    const first = await start({ dataDir })
    const folder = await first.mkdir('d')
    const file = await first.upload('f', 'content', folder)
    await first.trash(await first.mkdir('gone'))
    const purged = await first.mkdir('purged')
    await first.run(2, 202, { fileInfo: [{ fileId: purged }] })
    const pending = await first.createFile('pending', 5)
    await first.putParts(pending, 'hello')
    const open = await first.createJob(1, 101, { newFilePath: 'root', fileInfo: [{ fileId: file }] })
    const code = first.emulator.population.users[0]?.id
    const session = await first.api('POST', '/v1/session/', { body: { code }, authorization: undefined })
    const copy = join(temporary(), 'copy')
    cpSync(dataDir, copy, { recursive: true })
    rmSync(join(copy, 'emulator.pid'), { force: true })

    const second = await start({ dataDir: copy })
    expect(await second.names()).toEqual(['d'])
    expect(await second.names(folder)).toEqual(['f'])
    expect(await second.names('root', 1)).toEqual(['gone'])
    const links = await second.post('/v1/files/download', { containerId: second.containerId, fileIds: [file] })
    const [{ url }] = links.body['downloads'] as [{ url: string }]
    expect((await ask(url, 'GET', {})).text).toBe('content')
    expect((await second.createFile('pending', 1)).body['code']).toBe(13000405)
    expect((await second.post('/v1/files/complete', { fileId: pending.body['fileId'] })).body['code']).toBe(0)
    expect((await second.settled(open.body['data'])).jobInfo.taskResultCode).toBe(1)
    expect(await second.names()).toEqual(['d', 'f', 'pending'])
    const { accessToken } = session.body['data'] as { accessToken: string }
    expect((await second.api('GET', '/v1/session/auth', { authorization: accessToken })).status).toBe(200)
    expect(await second.mkdir('new')).not.toBe(folder)
  })

  test('keeps a large body on disk and drops it with its last file', async () => {
    const dataDir = temporary()
    const first = await start({ dataDir })
    const content = 'x'.repeat(2_000_000)
    const file = await first.upload('f', content)
    const folder = await first.mkdir('d')
    await first.transfer(1, [file], folder)
    await first.run(2, 202, { fileInfo: [{ fileId: file }] })
    await first.emulator.close()
    const second = await start({ dataDir })
    const [copy] = await second.list(folder)
    const ids = { containerId: second.containerId, fileIds: [copy?.id] }
    const links = await second.post('/v1/files/download', ids)
    const [{ url }] = links.body['downloads'] as [{ url: string }]
    expect((await ask(url, 'GET', {})).text).toBe(content)
    await second.run(2, 202, { fileInfo: [{ fileId: copy?.id }] })
    expect((await ask(url, 'GET', {})).status).toBe(404)
  })
})

describe('TLS', () => {
  test('covers the API and the object store with one certificate', async () => {
    const { emulator } = await start({ tls: true })
    expect(emulator.url).toMatch(/^https:/)
    const ca = readFileSync(emulator.caFile ?? '')
    const status = await new Promise<number>((resolve, reject) => {
      getHttps(`${emulator.url}/koodrive/ose/v1/session/auth`, { ca }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      }).on('error', reject)
    })
    expect(status).toBe(401)
  })
})

describe('the settings', () => {
  test('refuse a knob that there is not', async () => {
    const behaviour = JSON.parse('{ "moveclash": "fail" }') as object
    await expect(start({ config: { behaviour } })).rejects.toThrow('no such knob: moveclash')
  })
})

describe('the same seed', () => {
  test('gives the same ids, tokens and spaces', async () => {
    const ids = async (seed: number) => {
      const { mkdir, containerId, settings } = await start({ seed })
      return [containerId, settings.auth.accessToken, await mkdir('a')]
    }
    expect(await ids(3)).toEqual(await ids(3))
    expect(await ids(3)).not.toEqual(await ids(4))
  })
})

describe('a folder of 50,000 files', () => {
  const journal = openJournal(undefined, 'test')
  const rules = { caseSensitive: true, normalise: false, oneNamespace: true }
  const order = { sortType: 1, descending: false } as const
  const file = (id: string, name: string, parentId: string): Node => ({
    ...rootNode('IAA', id, name),
    parentId,
    fileType: '45',
  })

  test('is filled, listed page by page and changed without a page costing the folder', () => {
    const tree = new Tree(rules, journal)
    tree.addSpace('IAA')
    const root = tree.root('IAA').id
    const random = seededRandom(1)
    const count = 50_000
    for (let index = 0; index < count; index += 1)
      tree.put(file(newFileId(random), `f${random.below(1e9)}-${index}`, root))
    let seen = 0
    let visited = 0
    let last: Node | undefined
    const pages = (): boolean => {
      const page: Array<Node> = []
      const place = last === undefined ? undefined : placeOf(last, order)
      for (const node of tree.children(root).after({ order }, place)) {
        visited += 1
        page.push(node)
        if (page.length === 100) break
      }
      last = page[page.length - 1]
      seen += page.length
      return page.length === 100
    }
    while (pages());
    expect(seen).toBe(count)
    expect(visited).toBe(count)
  })

  test('keeps every order true under changes', () => {
    const children = new Children(rules)
    const nodes = Array.from({ length: 2000 }, (_, index) => file(`F${index}`, `n${(index * 7919) % 2000}`, 'root'))
    const ordered = () => [...children.after({ order }, undefined)].map(({ name }) => name)
    for (const node of nodes.slice(0, 1000)) children.add(node)
    expect(ordered()).toEqual([...ordered()].sort())
    for (const node of nodes.slice(1000)) children.add(node)
    for (const node of nodes.slice(500, 1500)) children.remove(node)
    const left = [...nodes.slice(0, 500), ...nodes.slice(1500)].map(({ name }) => name)
    expect(ordered()).toEqual(left.sort())
  })
})
