// All adapters: the one place to add another. The package of an adapter is loaded when a drive of its type is used.
import { createRegistry, type AnyAdapter } from '@anydrive/core'
import type * as KooDrive from '@anydrive/koodrive'
import type * as Local from '@anydrive/local'
import type * as Memory from '@anydrive/memory'
import type * as TencentSmh from '@anydrive/tencent-smh'
import type * as WebDav from '@anydrive/webdav'
import { loaderOf } from './lazy'

const load = loaderOf(__filename)

const lazily = (type: string, loaded: () => AnyAdapter): AnyAdapter => ({
  type,
  get settings() {
    return loaded().settings
  },
  capabilities: (settings) => loaded().capabilities(settings),
  open: (settings, environment) => loaded().open(settings, environment),
})

export const registry = createRegistry([
  lazily('tencent-smh', () => (load('@anydrive/tencent-smh') as typeof TencentSmh).tencentSmh),
  lazily('koodrive', () => (load('@anydrive/koodrive') as typeof KooDrive).kooDrive),
  lazily('webdav', () => (load('@anydrive/webdav') as typeof WebDav).webDav),
  lazily('local', () => (load('@anydrive/local') as typeof Local).local),
  lazily('memory', () => (load('@anydrive/memory') as typeof Memory).memory),
])
