// What the drive says after a fault is true: every changing request of every operation meets every fault of the table.
import { conformance, laws } from '@anydrive/conformance'
import { secret } from '@anydrive/core'
import { capabilities, openBox } from '../src'
import { serveBox } from './server'

let server: Awaited<ReturnType<typeof serveBox>>
beforeAll(async () => {
  server = await serveBox('t')
})
afterAll(() => server.close())

const token = secret('t')
const refusal = { status: 403, headers: { 'content-type': 'application/json' }, body: '{"code":"not-allowed"}' }

conformance(
  { describe, test },
  {
    capabilities,
    open: () => openBox({ url: server.url, token }),
    hooks: {
      http: {
        url: () => server.url,
        open: (url, environment) => openBox({ url, token }, environment),
        refusal: () => refusal,
      },
    },
  },
  { laws: laws.filter(({ needsHooks }) => needsHooks !== undefined) },
)
