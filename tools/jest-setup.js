// Of the copy of `process` that jest gives each test file: its getter builds these flags anew at every read, and axios reads them twice a request.
Object.defineProperty(process, 'allowedNodeEnvironmentFlags', { value: process.allowedNodeEnvironmentFlags })

// jest-circus makes an AsyncLocalStorage for each test file, and so does each copy of a module of ours that has one. Every promise of the process pays for each
// storage that is on, also for those of files that have ended: after fifty of them a promise takes fifty times as long. They are turned off here.
const { AsyncLocalStorage } = require('node:async_hooks')
const enable = AsyncLocalStorage.prototype._enable
if (enable !== undefined && AsyncLocalStorage.enabled === undefined) {
  const enabled = new Set()
  AsyncLocalStorage.enabled = enabled
  AsyncLocalStorage.prototype._enable = function () {
    enabled.add(this)
    enable.call(this)
  }
}
for (const storage of AsyncLocalStorage.enabled ?? []) storage.disable()
AsyncLocalStorage.enabled?.clear()
