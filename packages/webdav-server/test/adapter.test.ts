// Our own adapter as a client: a drive that is served and opened again keeps the whole contract.
import { conformance } from '@anydrive/conformance'
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
  const served = await serveWebdav({ drive: openMemory(), temporaries: 'show' })()
  if (E.isLeft(served)) throw new Error(served.left.message)
  serving = served.right
})
afterAll(() => serving.close())

test('the probe finds it out', async () => {
  const probed = await probeWebDav({ url: serving.url })()
  expect(E.isRight(probed) ? probed.right.server : probed.left).toEqual(traits)
})

describe.each<readonly [string, ServerTraits | undefined]>([
  ['nothing known of the gateway', undefined],
  ['as it was probed', traits],
])('%s', (_name, server) => {
  const settings = server === undefined ? {} : { server }
  const open = () => openWebDav({ url: serving.url, ...settings })
  const capabilities = webDav.capabilities({ url: 'http://gateway', ...settings })
  conformance({ describe, test }, { capabilities, open })
})
