// Re-exports, nothing else.
export { capabilities } from './capabilities'
export { kooDrive, openKooDrive, type KooDrive, type KooDriveExtras } from './drive'
export { type KooDriveInput, type KooDriveSettings } from './settings'
export { type KnownSpace } from './spaces'
export { renameMode } from './translate'
