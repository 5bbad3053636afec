// Re-exports, nothing else.
export {
  serveWebdav,
  webdavListener,
  type ServeError,
  type ServeOptions,
  type Serving,
  type WebdavListener,
  type WebdavOptions,
} from './server'
export { type Users } from './auth'
export { plainCredential, readHtpasswd, type Credential } from './htpasswd'
