// What the probe finds of real servers.
import { root, toPromises } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { readdirSync } from 'node:fs'
import { openWebDav, probeWebDav, type ServerTraits } from '../src'
import { multistatus, scripted } from './scripted'
import { apache, credentials, hasApache, hasNginx, hasRclone, nginx, rclone, withProgram, type Served } from './servers'
import { apacheTraits, nginxTraits, rcloneTraits } from './traits'

const isFoundOut = (
  { running }: Served,
  traits: ServerTraits,
  auth?: { kind: 'digest' } & typeof credentials,
): void => {
  test('is found out, and nothing is left behind', async () => {
    const probed = await probeWebDav({ url: running().url, ...(auth === undefined ? {} : { auth }) })()
    expect(E.isRight(probed) ? probed.right.server : probed.left).toEqual(traits)
    expect(readdirSync(running().files)).toEqual([])
    if (E.isRight(probed)) expect(await toPromises(openWebDav(probed.right)).exists(root)).toBe(true)
  }, 600_000)
}

withProgram(hasApache, 'Apache httpd', () => isFoundOut(apache(), apacheTraits))
withProgram(hasApache, 'Apache httpd that asks for a digest', () =>
  isFoundOut(apache('digest'), apacheTraits, { kind: 'digest', ...credentials }),
)
withProgram(hasNginx, 'nginx', () => isFoundOut(nginx(), nginxTraits))
withProgram(hasRclone, 'rclone serve webdav', () => isFoundOut(rclone(), rcloneTraits))

test('a server whose refusals are failures of a proxy is not taken for one that refuses', async () => {
  let made = 0
  const proxied = await scripted(({ method, target }) => {
    const isExisting = method === 'MKCOL' && !target.includes('/names')
    if (method === 'PROPFIND') return multistatus({ href: target })
    return isExisting && (made += 1) === 1 ? { status: 201 } : { status: method === 'PUT' ? 201 : 503 }
  })
  try {
    const probed = await probeWebDav({ url: proxied.url, http: { attempts: 1 } }, { delay: () => Promise.resolve() })()
    expect(probed).toMatchObject({ right: { server: { mkcolRefuses: false, overwriteRefuses: false } } })
  } finally {
    await proxied.close()
  }
}, 600_000)

test('what is no WebDAV server is told', async () => {
  const probed = await probeWebDav({ url: 'http://127.0.0.1:1/', http: { attempts: 1 } })()
  expect(E.isLeft(probed) && probed.left._tag).toBe('Network')
})
