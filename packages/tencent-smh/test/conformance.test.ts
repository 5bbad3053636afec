// The contract, law by law, against the emulator in strict mode.
import { conformance, laws } from '@anydrive/conformance'
import * as E from 'fp-ts/Either'
import { tencentSmh } from '../src'
import { emulated } from './emulated'

const settings = tencentSmh.settings.decode({
  type: 'tencent-smh',
  baseUrl: 'http://127.0.0.1',
  libraryId: 'smh',
  auth: { kind: 'token', accessToken: 't' },
})
if (E.isLeft(settings)) throw new Error('the settings do not decode')

const hooks = { disposableTrash: true } as const
const capabilities = tencentSmh.capabilities({ ...settings.right, changeFeed: true })

conformance({ describe, test }, { capabilities, open: emulated({}, { changeFeed: true }).open, hooks })

// Where a library keeps versions, SMH moves no file in place of another, so the other laws run without.
describe('in a library that keeps versions', () => {
  const versioned: ReadonlyArray<string> = ['listVersions', 'restoreVersion']
  conformance(
    { describe, test },
    {
      capabilities: tencentSmh.capabilities({ ...settings.right, history: true }),
      open: emulated({ config: { libraries: [{ id: 'smhversions', secret: 'secret', history: true }] } }).open,
    },
    { laws: laws.filter(({ operation }) => versioned.includes(operation)) },
  )
})
