// The same random programs on real servers and on the reference drive.
import { checkAgainstModel } from '@anydrive/conformance'
import { openWebDav } from '../src'
import { apache, hasApache, hasNginx, hasRclone, nginx, rclone, withProgram } from './servers'
import { apacheTraits, nginxTraits, rcloneTraits } from './traits'

const agrees = (running: () => { readonly url: string }, server: Parameters<typeof openWebDav>[0]['server']): void => {
  test('random programs come to the same as on the reference drive', async () => {
    const open = () => openWebDav(server === undefined ? { url: running().url } : { url: running().url, server })
    await checkAgainstModel({ capabilities: open().capabilities, open }, { steps: 250, seed: 7 })
  }, 600_000)
}

withProgram(hasApache, 'Apache httpd, of which nothing is known', () => agrees(apache().running, undefined))
withProgram(hasApache, 'Apache httpd, probed', () => agrees(apache().running, apacheTraits))
withProgram(hasNginx, 'nginx', () => agrees(nginx().running, nginxTraits))
withProgram(hasRclone, 'rclone serve webdav', () => agrees(rclone().running, rcloneTraits))
