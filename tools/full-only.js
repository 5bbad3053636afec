// The test files that `npm test` leaves to `npm run test:full`: a regular expression for their paths, and the reason.
/** @type {ReadonlyArray<{ readonly pattern: string, readonly reason: string }>} */
module.exports = [
  {
    pattern:
      '/((doubt|model|conformance)-private|doubt|planted|model|under-faults|chaos|lost-answers|lost-responses)\\.test\\.ts$',
    reason: 'random programs and tables of faults: minutes of requests for each drive',
  },
  {
    pattern:
      'packages/(webdav/test/(apache|nginx|rclone)|webdav-server/test/(adapter|clients|litmus|cadaver|rclone|operations))\\.test\\.ts$',
    reason: 'laws and clients on servers and programs of others',
  },
  {
    pattern: 'packages/cli/test/killed\\.test\\.ts$',
    reason: 'a process for each request after which it is killed',
  },
  {
    pattern: 'packages/cli/test/machines\\.test\\.ts$',
    reason: 'workers as processes that are killed and paused, and a database that is restarted',
  },
  {
    pattern: 'examples/test/site\\.test\\.ts$',
    reason: 'builds the site of the documentation, which takes a minute',
  },
  {
    pattern: 'examples/test/published\\.test\\.ts$',
    reason: 'packs all packages and installs them with npm, on three versions of Node.js',
  },
]
