// The laws, run from the command line.
import { desk, type Desk } from './command'

let here: Desk
beforeEach(async () => {
  here = await desk()
})
afterEach(() => here.clear())

test('a drive that keeps the contract ends with 0, and leaves nothing behind', async () => {
  const ran = await here.do('conformance local:scratch --only createDir')
  expect(ran).toMatchObject({ code: 0, err: '' })
  expect(ran.out).toMatch(/^operation +kept +inferred +refused +skipped +broken\ncreateDir +\d+ +\d+ +\d+ +\d+ +0\n$/)
  expect((await here.do('ls local:scratch')).out).toBe('')
  const json = JSON.parse((await here.do('conformance local:scratch --only stat --json')).out) as { broken: unknown }
  expect(json.broken).toEqual([])
})
