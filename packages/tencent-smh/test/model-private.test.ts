// The same random programs on a private deployment, whose generation the drive decides, and on the reference drive.
import { checkAgainstModel } from '@anydrive/conformance'
import { emulated } from './emulated'

const { open } = emulated({ deployment: 'private' })

test('random programs come to the same as on the reference drive', async () => {
  await checkAgainstModel({ capabilities: open().capabilities, open }, { steps: 1000, seed: 7 })
}, 600_000)
