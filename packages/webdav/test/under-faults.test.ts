// Random programs while requests and answers get lost on their way to real servers: whatever is said must be true.
import { checkUnderFaults } from '@anydrive/conformance'
import { openWebDav, type ServerTraits } from '../src'
import { startProxy, type Proxy } from './proxy'
import { apache, hasApache, hasRclone, rclone, withProgram, type Served } from './servers'
import { apacheTraits, rcloneTraits } from './traits'

const isTrue = ({ running }: Served, server: ServerTraits): void => {
  let proxy: Proxy | undefined
  beforeAll(async () => {
    proxy = await startProxy(running().url, 7)
  })
  afterAll(() => proxy?.close())
  test('nothing is lost, nothing stands twice, and every answer is true', async () => {
    const between = proxy
    if (between === undefined) throw new Error('no proxy')
    const faults = {
      on: () => between.set({ cut: 0.05, busy: 0.05, lost: 0.06, late: 0.04 }),
      off: () => between.set(undefined),
    }
    const open = () => openWebDav({ url: between.url, server }, { delay: () => Promise.resolve() })
    await checkUnderFaults({ capabilities: open().capabilities, open }, { steps: 250, seed: 11, faults })
  }, 600_000)
}

withProgram(hasApache, 'Apache httpd, of which nothing is known', () => isTrue(apache(), {}))
withProgram(hasApache, 'Apache httpd, probed', () => isTrue(apache(), apacheTraits))
withProgram(hasRclone, 'rclone serve webdav', () => isTrue(rclone(), rcloneTraits))
