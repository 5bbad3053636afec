// What the drive says after a fault is true: every changing request of every operation meets every fault of the table.
import { conformance, laws } from '@anydrive/conformance'
import { openWebDav } from '../src'
import { apache, hasApache, withProgram } from './servers'
import { apacheTraits } from './traits'

const refusal = {
  status: 403,
  headers: { 'content-type': 'text/html; charset=iso-8859-1' },
  body: '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN"><html><head><title>403 Forbidden</title></head></html>',
}

withProgram(hasApache, 'Apache httpd, probed', () => {
  const { running } = apache()
  const { capabilities } = openWebDav({ url: 'http://127.0.0.1/', server: apacheTraits })
  conformance(
    { describe, test },
    {
      capabilities,
      open: () => openWebDav({ url: running().url, server: apacheTraits }),
      hooks: {
        http: {
          url: () => running().url,
          host: 'target',
          open: (url, environment) => openWebDav({ url, server: apacheTraits }, environment),
          refusal: () => refusal,
        },
      },
    },
    { laws: laws.filter(({ needsHooks }) => needsHooks !== undefined) },
  )
})
