// What the drive says after a fault is true: every changing request of every operation meets every fault of the table.
import { conformance, laws } from '@anydrive/conformance'
import { createRegistry, type DriveProvider, type Environment } from '@anydrive/core'
import { startKooDrive, type KooDriveEmulator } from '@anydrive/emulators'
import * as E from 'fp-ts/Either'
import { kooDrive } from '../src'

const registry = createRegistry([kooDrive])
const partSize = 64 * 1024
// Jobs are over at once: only where the service is gone is one waited for.
const tuned = { partSize, grace: 500, taskTimeout: 5000, http: { idleTimeout: 2000, totalTimeout: 2000 } }
const jobLife = { kind: 'at-once' } as const

let started: KooDriveEmulator | undefined
beforeAll(async () => {
  started = await startKooDrive({ strict: true, seed: 7, config: { behaviour: { jobLife, minPartSize: partSize } } })
})
afterAll(() => started?.close())
const emulator = (): KooDriveEmulator => {
  if (started === undefined) throw new Error('the emulator runs within tests only')
  return started
}

const open = (baseUrl: string, environment: Environment, more: object = {}): DriveProvider => {
  const settings = { ...emulator().configuration['koo'], ...tuned, ...more, baseUrl }
  const opened = registry.openUnknown(settings, environment)
  if (E.isLeft(opened)) throw new Error(opened.left.message)
  return opened.right
}

const settings = kooDrive.settings.decode({
  type: 'koodrive',
  baseUrl: 'http://127.0.0.1',
  containerId: 'IAA',
  auth: { kind: 'token', accessToken: 't' },
})
if (E.isLeft(settings)) throw new Error('the settings do not decode')

/** Lists, details, and URLs to be handed out are asked for by POST. */
const reads = /\/files\/0$|\/detail$|\/files\/download$|\/multipart\/uploadUrl$|\/oauth2?\/|\/session/
const isApi = (target: string): boolean => target.startsWith('/koodrive/ose')

conformance(
  { describe, test },
  {
    capabilities: kooDrive.capabilities(settings.right),
    // The observer sees what is there now, not what an id led to a moment ago.
    open: () => open(emulator().url, {}, { idTrust: 0 }),
    hooks: {
      http: {
        url: () => emulator().url,
        open,
        isChanging: ({ method, target }) => method !== 'GET' && !reads.test(target.replace(/\?.*/, '')),
        // KooDrive documents no key by which it could recognize a request that the network sent twice.
        indistinguishable: (row, { target }) =>
          row.startsWith('sent twice') && /\/v1\/(jobs|directory)$/.test(target)
            ? 'no key tells a second copy, or a second folder of a free name, from the first'
            : undefined,
        refusal: ({ target }) =>
          isApi(target)
            ? {
                status: 403,
                headers: { 'content-type': 'application/json' },
                body: '{"code":13000403,"msg":"no permission"}',
              }
            : {
                status: 403,
                headers: { 'content-type': 'application/xml' },
                body: '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code></Error>',
              },
      },
      multipartSize: 2 * partSize + 17,
      disposableTrash: true,
      shortPages: (on) => emulator().faults.set(on ? 'short=0.5' : ''),
      failItems: (on) => emulator().faults.set(on ? 'item=0.5' : ''),
      holdTasks: (on) => emulator().behave({ jobLife: on ? { kind: 'delay', delayMs: 3_600_000 } : jobLife }),
    },
  },
  { laws: laws.filter(({ needsHooks }) => needsHooks !== undefined) },
)
