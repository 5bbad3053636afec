// Random programs on a directory of this machine and on the reference drive: they end alike.
import { join } from 'node:path'
import { checkAgainstModel } from '@anydrive/conformance'
import { openLocal } from '../src'
import { scratch, sweep } from './bench'

afterAll(sweep)

test('any program ends as on the reference drive', async () => {
  const root = join(scratch(), 'root')
  const open = () => openLocal({ root, fsync: false })
  await checkAgainstModel({ capabilities: open().capabilities, open }, { steps: 1000 })
}, 600_000)
