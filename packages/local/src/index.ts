export { local, openLocal, type LocalDrive } from './drive'
export { LocalSettings } from './settings'
