export { memory, openMemory, type MemoryDrive, type OpenMemory } from './provider'
export { MemorySettings } from './settings'
export { createStore, plantOther, plantSkipped, type MemoryStore } from './store'
