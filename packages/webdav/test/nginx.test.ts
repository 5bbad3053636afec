// The contract, law by law, against nginx with its dav module and `dav-ext`.
import { conformance } from '@anydrive/conformance'
import { openWebDav, webDav } from '../src'
import { hasNginx, nginx, withProgram } from './servers'
import { nginxTraits } from './traits'

withProgram(hasNginx, 'nginx', () => {
  const { running } = nginx()
  const open = () => openWebDav({ url: running().url, server: nginxTraits })
  const capabilities = webDav.capabilities({ url: 'http://nginx', server: nginxTraits })
  conformance({ describe, test }, { capabilities, open })
})
