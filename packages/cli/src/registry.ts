// All adapters: the one place to add another.
import { createRegistry } from '@anydrive/core'
import { kooDrive } from '@anydrive/koodrive'
import { local } from '@anydrive/local'
import { memory } from '@anydrive/memory'
import { tencentSmh } from '@anydrive/tencent-smh'

export const registry = createRegistry([tencentSmh, kooDrive, local, memory])
