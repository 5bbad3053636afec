// The whole test of an adapter: the service up, one call, the service down.
import { conformance } from '@anydrive/conformance'
import { secret } from '@anydrive/core'
import { capabilities, openBox } from '../src'
import { serveBox } from './server'

let server: Awaited<ReturnType<typeof serveBox>>
beforeAll(async () => {
  server = await serveBox('t')
})
afterAll(() => server.close())

/** Pauses before a request is repeated are nobody's promise: they are left out. */
const open = () => openBox({ url: server.url, token: secret('t') }, { delay: () => Promise.resolve() })

/** While `on`, answers get lost; while `off`, all is well. */
const faults = {
  on: () => {
    server.trouble.on = true
  },
  off: () => {
    server.trouble.on = false
  },
}

conformance({ describe, test }, { capabilities, open }, { steps: 500, seed: 7, faults })
