// The drives that the gateway is tried on: one in memory, one on this machine, and each vendor's through its emulator.
import { createRegistry, type DriveProvider } from '@anydrive/core'
import { startKooDrive, startTencentSmh, type Emulator } from '@anydrive/emulators'
import { kooDrive } from '@anydrive/koodrive'
import { openLocal } from '@anydrive/local'
import { openMemory } from '@anydrive/memory'
import { tencentSmh } from '@anydrive/tencent-smh'
import * as E from 'fp-ts/Either'
import { room } from './running'

const emulators: Array<Emulator> = []
afterAll(() => Promise.all(emulators.map((it) => it.close())))

const registry = createRegistry([tencentSmh, kooDrive])

/** Pauses between two looks at a task take no time. */
const reached = (emulator: Emulator): DriveProvider => {
  emulators.push(emulator)
  const opened = registry.openUnknown(Object.values(emulator.configuration)[0], { delay: () => Promise.resolve() })
  if (E.isLeft(opened)) throw new Error(opened.left.message)
  return opened.right
}

export const drives: Readonly<Record<string, () => Promise<DriveProvider>>> = {
  memory: () => Promise.resolve(openMemory()),
  local: () => Promise.resolve(openLocal({ root: room() })),
  'tencent-smh': async () => reached(await startTencentSmh({ strict: true, seed: 7 })),
  koodrive: async () => reached(await startKooDrive({ strict: true, seed: 7 })),
}
