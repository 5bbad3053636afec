// The same random programs on the emulator and on the reference drive.
import { createRegistry } from '@anydrive/core'
import { checkAgainstModel } from '@anydrive/conformance'
import { startTencentSmh, type Emulator } from '@anydrive/emulators'
import * as E from 'fp-ts/Either'
import { tencentSmh } from '../src'

let emulator: Emulator
beforeAll(async () => {
  emulator = await startTencentSmh({ strict: true })
})
afterAll(() => emulator.close())

const open = () => {
  const opened = createRegistry([tencentSmh]).openUnknown(Object.values(emulator.configuration)[0])
  if (E.isLeft(opened)) throw new Error(opened.left.message)
  return opened.right
}

test('random programs come to the same as on the reference drive', async () => {
  await checkAgainstModel({ capabilities: open().capabilities, open }, { steps: 1000, seed: 7 })
}, 120_000)
