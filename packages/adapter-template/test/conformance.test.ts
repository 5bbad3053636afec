// The whole test of an adapter: the service up, one call, the service down.
import { checkAgainstModel, checkUnderFaults, conformance } from '@anydrive/conformance'
import { secret } from '@anydrive/core'
import { capabilities, openBox } from '../src'
import { serveBox } from './server'

let server: Awaited<ReturnType<typeof serveBox>>
beforeAll(async () => {
  server = await serveBox('t')
})
afterAll(() => server.close())

const open = () => openBox({ url: server.url, token: secret('t') })

conformance({ describe, test }, { capabilities, open })

test('random programs come to the same as on the reference drive', async () => {
  await checkAgainstModel({ capabilities, open }, { steps: 500, seed: 7 })
}, 60_000)

test('whatever is said while answers get lost is true', async () => {
  const faults = { on: () => (server.trouble.on = true), off: () => (server.trouble.on = false) }
  await checkUnderFaults({ capabilities, open }, { steps: 500, seed: 7, faults })
}, 120_000)
