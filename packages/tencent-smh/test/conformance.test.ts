// The contract, law by law, against the emulator in strict mode.
import { conformance } from '@anydrive/conformance'
import { startTencentSmh, type Emulator } from '@anydrive/emulators'
import * as E from 'fp-ts/Either'
import { createRegistry } from '@anydrive/core'
import { tencentSmh } from '../src'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startTencentSmh({ strict: true })
})
afterAll(() => emulator.close())

const open = () => {
  const [settings] = Object.values(emulator.configuration)
  const opened = createRegistry([tencentSmh]).openUnknown(settings)
  if (E.isLeft(opened)) throw new Error(opened.left.message)
  return opened.right
}

const settings = tencentSmh.settings.decode({
  type: 'tencent-smh',
  baseUrl: 'http://127.0.0.1',
  libraryId: 'smh',
  auth: { kind: 'token', accessToken: 't' },
})
if (E.isLeft(settings)) throw new Error('the settings do not decode')

conformance({ describe, test }, { capabilities: tencentSmh.capabilities(settings.right), open })
