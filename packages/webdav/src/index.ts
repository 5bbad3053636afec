// Re-exports, nothing else.
export { probeWebDav } from './probe'
export { openWebDav, webDav, type WebDavDrive } from './provider'
export { WebDavSettings, type ServerTraits, type WebDavInput } from './settings'
