// Re-exports, nothing else.
export { type KooDriveBeginning } from './browser-upload'
export { capabilities } from './capabilities'
export { kooDrive, openKooDrive, type KooDrive } from './drive'
export {
  type KooDriveMembers,
  type KooDriveStats,
  type KooDriveTeam,
  type KooDriveTeams,
  type KooDriveUploads,
} from './members'
export { type KooDriveInput, type KooDriveSettings } from './settings'
export { kooDriveSignIn, type KooDriveSession, type KooDriveSignIn } from './sign-in'
export { type KnownSpace } from './spaces'
export { renameMode } from './translate'
