// Our own adapter as a client: a drive that is served and opened again keeps the whole contract.
import { conformance } from '@anydrive/conformance'
import { fromBytes, readText, toPromises } from '@anydrive/core'
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
  ownCloud: false,
}

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

const open = () => openWebDav({ url: serving.url, server: traits })
conformance({ describe, test }, { capabilities: webDav.capabilities({ url: 'http://gateway', server: traits }), open })
