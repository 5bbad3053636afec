// The contract, law by law, against Apache httpd with mod_dav.
import { conformance } from '@anydrive/conformance'
import { openWebDav, webDav } from '../src'
import { apache, hasApache, withProgram } from './servers'

withProgram(hasApache, 'Apache httpd, as it is found', () => {
  const { running } = apache()
  const open = () => openWebDav({ url: running().url })
  conformance({ describe, test }, { capabilities: webDav.capabilities({ url: 'http://apache' }), open })
})
