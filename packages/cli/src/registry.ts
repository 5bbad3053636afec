// All adapters: the one place to add another.
import { createRegistry } from '@anydrive/core'
import { kooDrive } from '@anydrive/koodrive'
import { local } from '@anydrive/local'
import { memory } from '@anydrive/memory'
import { tencentSmh } from '@anydrive/tencent-smh'
import { webDav } from '@anydrive/webdav'

export const registry = createRegistry([tencentSmh, kooDrive, webDav, local, memory])
