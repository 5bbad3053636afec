export { local, openLocal, type LocalDrive } from './provider'
export { LocalSettings } from './settings'
