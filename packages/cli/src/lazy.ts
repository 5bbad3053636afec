// Loads modules when they are first used, so that a command starts without what it does not need.
import { statSync } from 'node:fs'
import { createRequire } from 'node:module'

/** `require` for the module of this file name. */
export const loaderOf = (file: string): ((id: string) => unknown) => {
  const load: (id: string) => unknown = createRequire(file)
  return (id) => {
    // realpathSync of Node.js takes the type of whatever was looked up last for that of a directory it knows: after a
    // pipe, such as standard output, it would leave a link as it is, and load a package a second time.
    statSync(file)
    return load(id)
  }
}
