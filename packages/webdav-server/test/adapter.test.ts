// Our own adapter as a client: a drive that is served and opened again keeps the whole contract.
import { checkDoubt, conformance, startFaultProxy } from '@anydrive/conformance'
import { fromBytes, path, readText, toPromises } from '@anydrive/core'
import { openMemory } from '@anydrive/memory'
import { openWebDav, probeWebDav, webDav, type ServerTraits } from '@anydrive/webdav'
import { serveWebdav, type Serving } from '../src'
import * as E from 'fp-ts/Either'

const traits: ServerTraits = {
  atomicPut: true,
  ifNoneMatch: true,
  ifMatch: true,
  etags: true,
  mkcolRefuses: true,
  overwriteRefuses: true,
  makesParents: false,
  quota: true,
  keepsTime: true,
  setsTime: true,
  ownCloud: false,
}

const proppatched = (status: number): string =>
  `<D:multistatus xmlns:D="DAV:"><D:response><D:href>/timed/f</D:href><D:propstat><D:prop><D:getlastmodified/></D:prop><D:status>HTTP/1.1 ${status} No</D:status></D:propstat></D:response></D:multistatus>`

let serving: Serving
beforeAll(async () => {
  const served = await serveWebdav({ drive: openMemory() })()
  if (E.isLeft(served)) throw new Error(served.left.message)
  serving = served.right
})
afterAll(() => serving.close())

test('the probe finds it out', async () => {
  const probed = await probeWebDav({ url: serving.url })()
  expect(E.isRight(probed) ? probed.right.server : probed.left).toEqual(traits)
})

test('of which nothing is known, it takes files by temporary names all the same, which are gone afterwards', async () => {
  const drive = toPromises(openWebDav({ url: serving.url }))
  await drive.writeFile('unknown/f', fromBytes('one'))
  expect(await drive.writeFile('unknown/f', fromBytes('two'), { conflict: 'overwrite' })).toMatchObject({
    replaced: true,
  })
  expect(await drive.writeFile('unknown/f', fromBytes('three'), { conflict: 'rename' })).toMatchObject({
    how: 'renamed',
  })
  const names = (await drive.list('unknown', { temporaries: 'show' })).items.map(({ name }) => name).sort()
  expect(names).toEqual(['f', 'f (1)'])
  expect(await readText(await drive.readFile('unknown/f'))()).toEqual(E.right('two'))
})

test('temporary names are listed for anydrive, and for no other client', async () => {
  const drive = toPromises(openWebDav({ url: serving.url }))
  const name = 'left.anydrive-012345222451'
  await drive.writeFile(`hidden/${name}`, 'x')
  const listed = async (temporaries: 'hide' | 'show') => (await drive.list('hidden', { temporaries })).items.length
  expect([await listed('show'), await listed('hide')]).toEqual([1, 0])
  for (const agent of ['anydrive', 'Finder', 'anydrive-like/1.0']) {
    const headers = { depth: '1', 'user-agent': agent }
    const response = await fetch(`${serving.url}/hidden/`, { method: 'PROPFIND', headers })
    expect([agent, (await response.text()).includes(name)]).toEqual([agent, agent === 'anydrive'])
  }
  await drive.remove('hidden')
})

test('a server that says that it sets times, and does not, is Unsupported; of directories and of what is not there', async () => {
  const proxy = await startFaultProxy(serving.url)
  const drive = toPromises(openWebDav({ url: proxy.url, server: traits }))
  const at = new Date('2011-12-13T14:15:16.789Z')
  try {
    await drive.writeFile('timed/f', 'x')
    await drive.setTimes('timed', { modifiedAt: at })
    expect((await drive.stat('timed')).modifiedAt).toEqual(new Date('2011-12-13T14:15:16.000Z'))
    await expect(drive.setTimes('timed/none', { modifiedAt: at })).rejects.toMatchObject({ code: 'NotFound' })
    await expect(drive.setTimes('timed/f', { createdAt: at })).rejects.toMatchObject({ code: 'Unsupported' })
    proxy.intercept(async (request, forward) => {
      const later = new Date('2001-01-01').toUTCString()
      const body = Buffer.from(String(request.body).replace(at.toUTCString(), later))
      return forward(request.method === 'PROPPATCH' ? { ...request, body } : request)
    })
    await expect(drive.setTimes('timed/f', { modifiedAt: at })).rejects.toMatchObject({ code: 'Unsupported' })
    const refusal = (status: number) => ({
      status: 207,
      body: proppatched(status),
      headers: { 'content-type': 'application/xml' },
    })
    for (const [answer, code] of [
      [refusal(403), 'Unsupported'],
      [{ status: 405 }, 'Unsupported'],
      [refusal(507), 'QuotaExceeded'],
      [{ status: 423 }, 'Unavailable'],
    ] as const) {
      proxy.intercept((request, forward) => (request.method === 'PROPPATCH' ? Promise.resolve(answer) : forward()))
      await expect(drive.setTimes('timed/f', { modifiedAt: at })).rejects.toMatchObject({ code })
    }
    const unknown = openWebDav({ url: proxy.url })
    expect(await unknown.setTimes(path('timed/f'), { modifiedAt: at })()).toMatchObject({
      left: { _tag: 'Unsupported' },
    })
  } finally {
    await proxy.close()
  }
})

test('after a fault, what is said of times is true', () =>
  checkDoubt(
    {
      capabilities: webDav.capabilities({ url: 'http://gateway', server: traits }),
      open,
      hooks: {
        http: { url: () => serving.url, open: (url, environment) => openWebDav({ url, server: traits }, environment) },
      },
    },
    { operations: ['setTimes'] },
  ))

const open = () => openWebDav({ url: serving.url, server: traits })
conformance({ describe, test }, { capabilities: webDav.capabilities({ url: 'http://gateway', server: traits }), open })
