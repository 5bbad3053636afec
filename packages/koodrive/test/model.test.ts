// The same random programs on the emulator and on the reference drive.
import { checkAgainstModel } from '@anydrive/conformance'
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

test('random programs come to the same as on the reference drive', async () => {
  await checkAgainstModel({ capabilities: open().capabilities, open }, { steps: 1000, seed: 7 })
}, 120_000)
