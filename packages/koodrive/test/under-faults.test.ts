// Random programs while the service loses answers, cuts connections, limits rates and fails items: whatever is said must be true.
import { checkUnderFaults } from '@anydrive/conformance'
import { createRegistry } from '@anydrive/core'
import { startKooDrive, type Emulator } from '@anydrive/emulators'
import * as E from 'fp-ts/Either'
import { kooDrive } from '../src'

let emulator: Emulator
beforeAll(async () => {
  emulator = await startKooDrive({ strict: true, seed: 7 })
})
afterAll(() => emulator.close())

const open = () => {
  const opened = createRegistry([kooDrive]).openUnknown(emulator.configuration['koo'], {
    delay: () => Promise.resolve(),
  })
  if (E.isLeft(opened)) throw new Error(opened.left.message)
  return opened.right
}

test('nothing is lost, nothing stands twice, and every answer is true', async () => {
  const faults = {
    on: () => {
      emulator.faults.set('lost=0.05,cut=0.05,5xx=0.05,5xx-late=0.03,429=0.05,token=0.03,item=0.05,short=0.2')
    },
    off: () => {
      emulator.faults.clear()
    },
  }
  await checkUnderFaults({ capabilities: open().capabilities, open }, { steps: 600, seed: 7, faults })
}, 120_000)
