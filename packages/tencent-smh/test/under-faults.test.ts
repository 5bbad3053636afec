// Random programs while a service loses responses, cuts connections, limits rates and fails items: every outcome must be true.
import { checkUnderFaults } from '@anydrive/conformance'
import { emulated } from './emulated'

describe.each(['public', 'private'] as const)('on a %s deployment', (deployment) => {
  const { emulator, open } = emulated({ deployment }, { deployment })

  test('nothing is lost, nothing exists twice, and every outcome is true', async () => {
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
})
