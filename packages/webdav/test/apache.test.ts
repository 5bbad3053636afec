// The contract, law by law, against Apache httpd with mod_dav: nothing known of it, and as the probe finds it.
import { conformance } from '@anydrive/conformance'
import { openWebDav, webDav } from '../src'
import { apache, credentials, hasApache, withProgram } from './servers'
import { apacheTraits } from './traits'

withProgram(hasApache, 'Apache httpd, of which nothing is known', () => {
  const { running } = apache()
  const open = () => openWebDav({ url: running().url })
  conformance({ describe, test }, { capabilities: webDav.capabilities({ url: 'http://apache' }), open })
})

withProgram(hasApache, 'Apache httpd, probed', () => {
  const { running } = apache('digest')
  const open = () => openWebDav({ url: running().url, server: apacheTraits, auth: { kind: 'digest', ...credentials } })
  const capabilities = webDav.capabilities({ url: 'http://apache', server: apacheTraits })
  conformance({ describe, test }, { capabilities, open })
})
