// probe: against a gateway of our own, with a password.
import { openMemory } from '@anydrive/memory'
import { toPromises } from '@anydrive/core'
import { plainCredential, serveWebdav } from '@anydrive/webdav-server'
import * as E from 'fp-ts/Either'
import { desk, type Desk } from './command'

let here: Desk
beforeEach(async () => {
  here = await desk()
})
afterEach(() => here.clear())

test('what a server honours is told as settings, which the drive is opened with; nothing is left, and no password told', async () => {
  const drive = openMemory()
  const served = await serveWebdav({ drive, users: new Map([['mary', plainCredential('open-sesame')]]) })()
  if (E.isLeft(served)) throw new Error(served.left.message)
  const { url, close } = served.right
  const nas = { type: 'webdav', url, auth: { kind: 'basic', user: 'mary', password: '${PASSWORD}' } }
  const env = { PASSWORD: 'open-sesame' }
  await here.configure({ nas, here: { type: 'memory' } })

  const { code, out, err } = await here.do('probe nas:', { env })
  expect({ code, err }).toMatchObject({ code: 0, err: expect.stringContaining('settings of nas') as string })
  const { server } = JSON.parse(out) as { readonly server: object }
  expect(server).toMatchObject({ atomicPut: true, etags: true, mkcolRefuses: true, overwriteRefuses: true })
  expect(out + err).not.toContain('sesame')
  expect((await toPromises(drive).list('')).items).toEqual([])

  await here.configure({ nas: { ...nas, server } })
  expect(await here.do('put - nas:f', { env, stdin: 'hello' })).toMatchObject({ code: 0 })
  expect(await here.do('cat nas:f', { env })).toMatchObject({ code: 0, out: 'hello' })

  expect(await here.do('probe nas', { env: { PASSWORD: 'wrong' } })).toMatchObject({ code: 3, out: '' })
  await close()
  await here.configure({ nas: { ...nas, http: { attempts: 1 } } })
  expect(await here.do('probe nas', { env })).toMatchObject({ code: 6, out: '' })
})

test('other drives are not probed, and one that is not there is named', async () => {
  await here.configure({ m: { type: 'memory' } })
  const other = await here.do('probe m')
  expect(other).toMatchObject({ code: 2, out: '' })
  expect(other.err).toContain('a drive of memory')
  expect(await here.do('probe nas')).toMatchObject({ code: 2, out: '' })
})
