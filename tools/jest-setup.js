// Of the copy of `process` that jest gives each test file: its getter builds these flags anew at every read, and axios reads them twice a request.
Object.defineProperty(process, 'allowedNodeEnvironmentFlags', { value: process.allowedNodeEnvironmentFlags })

// jest-circus creates an AsyncLocalStorage for each test file, and so does each copy of the emulators. None is ever disabled, and each one makes every promise of the
// process slower: with fifty of them a promise takes fifty times as long. This disables those of the test files that have ended.
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
