// The contract, law by law, against `rclone serve webdav`.
import { conformance } from '@anydrive/conformance'
import { openWebDav, webDav } from '../src'
import { hasRclone, rclone, withProgram } from './servers'

withProgram(hasRclone, 'rclone serve webdav, as it is found', () => {
  const { running } = rclone()
  const open = () => openWebDav({ url: running().url })
  conformance({ describe, test }, { capabilities: webDav.capabilities({ url: 'http://rclone' }), open })
})
