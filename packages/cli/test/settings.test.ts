// Settings are checked alike, whether a program opens a drive or the registry does.
import * as E from 'fp-ts/Either'
import { openKooDrive } from '@anydrive/koodrive'
import { openTencentSmh } from '@anydrive/tencent-smh'
import { openWebDav } from '@anydrive/webdav'
import { registry } from '../src/registry'

const right = {
  'tencent-smh': {
    ...{ baseUrl: 'http://127.0.0.1:1', libraryId: 'l' },
    auth: { kind: 'secret', librarySecret: 'never shown' },
  },
  koodrive: { baseUrl: 'http://127.0.0.1:1', auth: { kind: 'token', accessToken: 'never shown' } },
  webdav: { url: 'http://127.0.0.1:1/', auth: { kind: 'digest', user: 'u', password: 'never shown' } },
}
const doors: { readonly [type: string]: (settings: never) => unknown } = {
  'tencent-smh': openTencentSmh,
  koodrive: openKooDrive,
  webdav: openWebDav,
}
const thrownBy = (run: () => unknown): unknown => {
  try {
    return run()
  } catch (u) {
    return u
  }
}

describe.each(Object.entries(right))('%s', (type, settings) => {
  const door = doors[type] as (settings: unknown) => unknown

  test('opens with settings that are right, its optional ones undefined', () => {
    expect(door({ ...settings, http: { concurrency: undefined } })).toMatchObject({ vendor: type })
    expect(registry.openUnknown({ type, ...settings })).toMatchObject({ right: { vendor: type } })
  })

  test.each([
    ['http.concurrency', { http: { concurrency: 0 } }],
    ['http.attempts', { http: { attempts: -1 } }],
    ['http.requestsPerSecond', { http: { requestsPerSecond: 0 } }],
    ['http.proxy', { http: { proxy: 'ftp://never shown' } }],
    ['http.concurency', { http: { concurency: 4 } }],
    ['auth.kind', { auth: { kind: 'never shown' } }],
    ['baseUrI', { baseUrI: 'never shown' }],
  ])('refuses a wrong %s by both doors with the same error', (at, wrong) => {
    const opened = registry.openUnknown({ type, ...settings, ...wrong })
    const error = E.isLeft(opened) ? opened.left : undefined
    expect(error).toMatchObject({ _tag: 'InvalidSettings', type, issues: [{ at }] })
    const thrown = thrownBy(() => door({ ...settings, ...wrong }))
    expect(thrown).toBeInstanceOf(TypeError)
    expect({ ...(thrown as object), message: (thrown as Error).message }).toEqual(error)
    expect(JSON.stringify(thrown) + String(thrown)).not.toContain('never shown')
  })
})
