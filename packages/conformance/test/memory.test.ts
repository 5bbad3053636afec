// The contract, law by law: the reference drive is held to it too.
import { createStore, openMemory } from '@anydrive/memory'
import { conformance } from '../src'

const store = createStore()
const open = () => openMemory({ store })
const whole = createStore(undefined, undefined, 1000)
const openWhole = () => openMemory({ store: whole, trash: true, versions: true, limits: { page: 3 } })

describe('with defaults', () => {
  conformance({ describe, test }, { capabilities: open().capabilities, open })
})
describe('with trash, versions and small pages', () => {
  const hooks = { disposableTrash: true } as const
  conformance({ describe, test }, { capabilities: openWhole().capabilities, open: openWhole, hooks })
})
