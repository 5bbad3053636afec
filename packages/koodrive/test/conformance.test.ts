// The contract, law by law, against the emulator in strict mode.
import { conformance } from '@anydrive/conformance'
import * as E from 'fp-ts/Either'
import { kooDrive } from '../src'
import { emulated } from './emulated'

const settings = kooDrive.settings.decode({
  type: 'koodrive',
  baseUrl: 'http://127.0.0.1',
  containerId: 'IAA',
  auth: { kind: 'token', accessToken: 't' },
})
if (E.isLeft(settings)) throw new Error('the settings do not decode')

conformance(
  { describe, test },
  {
    capabilities: kooDrive.capabilities(settings.right),
    open: emulated().open,
    hooks: { disposableTrash: true },
  },
)
