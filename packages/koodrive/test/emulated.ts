// An emulator in strict mode for a whole test file, and drives opened on it as the registry would.
import { createRegistry, type DriveProvider } from '@anydrive/core'
import { startKooDrive, type Emulator } from '@anydrive/emulators'
import * as E from 'fp-ts/Either'
import { kooDrive } from '../src'

const registry = createRegistry([kooDrive])

/** Pauses take no time, so that an adapting rate could not pause either. Each call of `open` gives a new drive object. */
export const emulated = (): { readonly emulator: () => Emulator; readonly open: () => DriveProvider } => {
  let started: Emulator | undefined
  beforeAll(async () => {
    started = await startKooDrive({ strict: true, seed: 7 })
  })
  afterAll(() => started?.close())
  const emulator = (): Emulator => {
    if (started === undefined) throw new Error('the emulator runs within tests only')
    return started
  }
  return {
    emulator,
    open: () => {
      const it = emulator()
      const settings = { ...it.configuration['koo'], http: { adaptiveRate: false } }
      const opened = registry.openUnknown(settings, { delay: () => Promise.resolve() })
      if (E.isLeft(opened)) throw new Error(opened.left.message)
      return opened.right
    },
  }
}
