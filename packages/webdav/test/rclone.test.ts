// The contract, law by law, against `rclone serve webdav`.
import { conformance } from '@anydrive/conformance'
import { openWebDav, webDav } from '../src'
import { hasRclone, rclone, withProgram } from './servers'
import { rcloneTraits } from './traits'

withProgram(hasRclone, 'rclone serve webdav', () => {
  const { running } = rclone()
  const open = () => openWebDav({ url: running().url, server: rcloneTraits })
  const capabilities = webDav.capabilities({ url: 'http://rclone', server: rcloneTraits })
  conformance({ describe, test }, { capabilities, open })
})
