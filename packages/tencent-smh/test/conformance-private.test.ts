// The contract, law by law, on a private deployment whose generation the settings name.
import { conformance } from '@anydrive/conformance'
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

conformance(
  { describe, test },
  {
    capabilities: tencentSmh.capabilities(settings.right),
    open: emulated({ deployment: 'private' }, { deployment: 'private' }).open,
    hooks: { disposableTrash: true },
  },
)
