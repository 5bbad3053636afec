// Re-exports, nothing else.
export { capabilities } from './capabilities'
export { kooDrive, openKooDrive, type KooDrive, type KooDriveExtras } from './provider'
export { type KooDriveInput, type KooDriveSettings } from './settings'
export { type KnownSpace } from './space'
