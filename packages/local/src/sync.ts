// Making sure that what was changed survives a power cut, where the settings ask for it.
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Dir } from './directories'
import { trying } from './faults'

/** After its entries changed. File systems that cannot do this for a directory are left to their own ways. */
export const syncDir = async (dir: Dir, wanted: boolean): Promise<void> => {
  if (!wanted || process.platform === 'win32') return
  const handle = await open(dir.self, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await trying(handle.sync(), 'EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR')
  } finally {
    await handle.close()
  }
}
