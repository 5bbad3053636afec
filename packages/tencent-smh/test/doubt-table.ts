// The table of faults as a test of either deployment: every changing request of every operation meets every fault of it.
import { conformance, laws, type Subject } from '@anydrive/conformance'
import { createRegistry, type DriveProvider, type Environment } from '@anydrive/core'
import { startTencentSmh, type TencentSmhEmulator } from '@anydrive/emulators'
import * as E from 'fp-ts/Either'
import { tencentSmh } from '../src'

const registry = createRegistry([tencentSmh])
const upload = { singleUpTo: 1024 * 1024, partSize: 1024 * 1024 }
const http = { idleTimeout: 2000, totalTimeout: 2000 }

const settings = tencentSmh.settings.decode({
  type: 'tencent-smh',
  baseUrl: 'http://127.0.0.1',
  libraryId: 'smh',
  auth: { kind: 'token', accessToken: 't' },
})
if (E.isLeft(settings)) throw new Error('the settings do not decode')
const decoded = settings.right

/** A drive on an emulator of its own, and what the emulator can do beside serving; `history`: the library keeps versions. */
export const doubtSubject = (deployment: 'public' | 'private', history = false): Subject => {
  /** Milliseconds that the service's clock is ahead: tasks are due by it. */
  let ahead = 0
  const [heldMs, usualMs] = [600_000, 200]
  let started: TencentSmhEmulator | undefined
  beforeAll(async () => {
    started = await startTencentSmh({
      ...{ deployment, strict: true, seed: 7, now: () => Date.now() + ahead },
      ...(history ? { config: { libraries: [{ id: 'smhversions', secret: 'secret', history }] } } : {}),
    })
  })
  afterAll(() => started?.close())
  const emulator = (): TencentSmhEmulator => {
    if (started === undefined) throw new Error('the emulator runs within tests only')
    return started
  }

  const open = (baseUrl: string, environment: Environment): DriveProvider => {
    const opened = registry.openUnknown(
      { ...Object.values(emulator().configuration)[0], baseUrl, upload, http },
      environment,
    )
    if (E.isLeft(opened)) throw new Error(opened.left.message)
    return opened.right
  }

  const refused = { code: 'NoPermission', message: 'No permission.' }

  return {
    capabilities: tencentSmh.capabilities({ ...decoded, history }),
    open: () => open(emulator().url, {}),
    hooks: {
      http: {
        url: () => emulator().url,
        open,
        refusal: ({ target }) => ({
          status: 403,
          headers: { 'content-type': target.startsWith('/cos/') ? 'application/xml' : 'application/json' },
          body: target.startsWith('/cos/')
            ? '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>'
            : JSON.stringify(refused),
        }),
      },
      multipartSize: 2 * 1024 * 1024 + 17,
      pendingUploads: () => emulator().pendingUploads(),
      holdTasks: async (on) => {
        emulator().behave(on ? { tasks: 'async', taskMs: heldMs } : { tasks: 'auto', taskMs: usualMs })
        if (on) return
        // Tasks that are due are done by the next request, whichever it is.
        ahead = heldMs
        await fetch(emulator().url)
        ahead = 0
      },
      disposableTrash: true,
      shortPages: (on) => emulator().faults.set(on ? 'short=0.5' : ''),
      failItems: (on) => emulator().faults.set(on ? 'item=0.5' : ''),
    },
  }
}

/** What the drive says after a fault is true. */
export const doubtTable = (deployment: 'public' | 'private'): void =>
  conformance({ describe, test }, doubtSubject(deployment), {
    laws: laws.filter(({ needsHooks }) => needsHooks !== undefined),
  })
