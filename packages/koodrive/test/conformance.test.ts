// The contract, law by law, against the emulator in strict mode.
import { conformance } from '@anydrive/conformance'
import { createRegistry } from '@anydrive/core'
import { startKooDrive, type Emulator } from '@anydrive/emulators'
import * as E from 'fp-ts/Either'
import { kooDrive } from '../src'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startKooDrive({ strict: true })
})
afterAll(() => emulator.close())

const open = () => {
  const opened = createRegistry([kooDrive]).openUnknown(emulator.configuration['koo'], {
    delay: () => Promise.resolve(),
  })
  if (E.isLeft(opened)) throw new Error(opened.left.message)
  return opened.right
}

const settings = kooDrive.settings.decode({
  type: 'koodrive',
  baseUrl: 'http://127.0.0.1',
  containerId: 'IAA',
  auth: { kind: 'token', accessToken: 't' },
})
if (E.isLeft(settings)) throw new Error('the settings do not decode')

conformance({ describe, test }, { capabilities: kooDrive.capabilities(settings.right), open })
