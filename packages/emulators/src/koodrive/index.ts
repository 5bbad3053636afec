// What the KooDrive emulator shows to the outside.
export { type Behaviour } from './behaviour'
export { type KooDriveConfig } from './config'
export { type KooDriveEmulator, type KooDriveOptions, startKooDrive } from './server'
