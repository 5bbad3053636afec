// Random programs while a private deployment loses answers, cuts connections, limits rates and fails items: whatever is said must be true.
import { checkUnderFaults } from '@anydrive/conformance'
import { emulated } from './emulated'

const { emulator, open } = emulated({ deployment: 'private' }, { deployment: 'private' })

test('nothing is lost, nothing stands twice, and every answer is true', async () => {
  const faults = {
    on: () => {
      emulator().faults.set('lost=0.05,cut=0.05,5xx=0.05,5xx-late=0.03,429=0.05,token=0.03,item=0.05,short=0.2')
    },
    off: () => {
      emulator().faults.clear()
    },
  }
  await checkUnderFaults({ capabilities: open().capabilities, open }, { steps: 600, seed: 7, faults })
}, 600_000)
