// What the KooDrive emulator shows to the outside.
export { type Behaviour, type Clash, type JobLife } from './behaviour'
export { type AppConfig, type KooDriveConfig, type SpaceConfig, type TokenConfig, type UserConfig } from './config'
export { type KooDriveEmulator, type KooDriveOptions, startKooDrive } from './server'
