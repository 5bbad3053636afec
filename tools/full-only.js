// The test files that `npm test` leaves to `npm run test:full`: a regular expression for their paths, and the reason.
/** @type {ReadonlyArray<{ readonly pattern: string, readonly reason: string }>} */
module.exports = [
  {
    pattern: 'examples/test/published\\.test\\.ts$',
    reason: 'packs all packages and installs them with npm, on three versions of Node.js',
  },
]
