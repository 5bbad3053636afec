// An emulator in strict mode for a whole test file, and drives opened on it as the registry would.
import { createRegistry, type DriveProvider } from '@anydrive/core'
import { startTencentSmh, type TencentSmhEmulator, type TencentSmhOptions } from '@anydrive/emulators'
import * as E from 'fp-ts/Either'
import { tencentSmh } from '../src'

const registry = createRegistry([tencentSmh])

export interface Emulated {
  readonly emulator: () => TencentSmhEmulator
  readonly open: () => DriveProvider
}

/** Pauses take no time. Each call of `open` gives a new drive object, with these settings besides those that reach the emulator. */
export const emulated = (options: TencentSmhOptions = {}, settings: object = {}): Emulated => {
  let started: TencentSmhEmulator | undefined
  beforeAll(async () => {
    started = await startTencentSmh({ strict: true, seed: 7, ...options })
  })
  afterAll(() => started?.close())
  const emulator = (): TencentSmhEmulator => {
    if (started === undefined) throw new Error('the emulator runs within tests only')
    return started
  }
  return {
    emulator,
    open: () => {
      const it = emulator()
      const whole = { ...Object.values(it.configuration)[0], http: { adaptiveRate: false }, ...settings }
      const opened = registry.openUnknown(whole, { delay: () => Promise.resolve() })
      if (E.isLeft(opened)) throw new Error(opened.left.message)
      return opened.right
    },
  }
}
