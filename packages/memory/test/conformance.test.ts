// The contract, law by law: the reference drive is held to it too.
import { conformance } from '@anydrive/conformance'
import { createStore, openMemory } from '../src'

const store = createStore()
const open = () => openMemory({ store })

conformance({ describe, test }, { capabilities: openMemory().capabilities, open })
