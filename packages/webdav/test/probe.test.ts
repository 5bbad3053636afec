// What the probe finds of real servers.
import { root, toPromises } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { readdirSync } from 'node:fs'
import { openWebDav, probeWebDav, type ServerTraits } from '../src'
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
  }, 30_000)
}

withProgram(hasApache, 'Apache httpd', () => isFoundOut(apache(), apacheTraits))
withProgram(hasApache, 'Apache httpd that asks for a digest', () =>
  isFoundOut(apache('digest'), apacheTraits, { kind: 'digest', ...credentials }),
)
withProgram(hasNginx, 'nginx', () => isFoundOut(nginx(), nginxTraits))
withProgram(hasRclone, 'rclone serve webdav', () => isFoundOut(rclone(), rcloneTraits))

test('what is no WebDAV server is told', async () => {
  const probed = await probeWebDav({ url: 'http://127.0.0.1:1/', http: { attempts: 1 } })()
  expect(E.isLeft(probed) && probed.left._tag).toBe('Network')
})
