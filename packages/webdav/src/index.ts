// Re-exports, nothing else.
export { openWebDav, webDav, type WebDavDrive } from './drive'
export { probeWebDav } from './probe'
export { WebDavSettings, type ServerTraits, type WebDavInput } from './settings'
