// An emulator in strict mode for a whole test file, and drives opened on it as the registry would.
import { createRegistry, type DriveProvider } from '@anydrive/core'
import { startTencentSmh, type Emulator } from '@anydrive/emulators'
import * as E from 'fp-ts/Either'
import { tencentSmh } from '../src'

const registry = createRegistry([tencentSmh])

/** Pauses take no time. Each call of `open` gives a new drive object. */
export const emulated = (): { readonly emulator: () => Emulator; readonly open: () => DriveProvider } => {
  let started: Emulator | undefined
  beforeAll(async () => {
    started = await startTencentSmh({ strict: true, seed: 7 })
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
      const opened = registry.openUnknown(Object.values(it.configuration)[0], { delay: () => Promise.resolve() })
      if (E.isLeft(opened)) throw new Error(opened.left.message)
      return opened.right
    },
  }
}
