// The test files that `npm test` leaves to `npm run test:full`: a regular expression for their paths, and the reason. Where a `sample` is named,
// `npm test` runs them, but only so much of them: they read it from ANYDRIVE_SAMPLE in the environment.
/** @type {ReadonlyArray<{ readonly pattern: string, readonly reason: string, readonly sample?: string }>} */
module.exports = [
  {
    pattern:
      '/((doubt|model|conformance)-private|doubt|planted|model|under-faults|chaos|lost-answers|lost-responses)\\.test\\.ts$',
    reason: 'random programs and tables of faults: minutes of requests for each drive',
  },
  {
    pattern:
      'packages/(webdav/test/(apache|nginx|rclone|probe|races)|webdav-server/test/(adapter|clients|litmus|cadaver|rclone|operations))\\.test\\.ts$',
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
    pattern: 'packages/cli/test/(cut-off|full-disk)\\.test\\.ts$',
    reason: 'workers as processes that lose their database, or whose database is full',
  },
  {
    pattern: 'packages/cluster/test/(large|throughput)\\.test\\.ts$',
    reason: 'thousands of files through a database, and services that take their time',
  },
  {
    pattern: 'examples/test/docs-emulators\\.test\\.ts$',
    reason: 'runs jest within a test',
  },
  {
    pattern: 'examples/test/site\\.test\\.ts$',
    reason: 'builds the site of the documentation, which takes a minute',
  },
  {
    pattern: 'examples/test/published\\.test\\.ts$',
    reason: 'packs all packages and installs them with npm, on three versions of Node.js',
  },
  {
    pattern: 'packages/cli/test/(journal|sync)\\.test\\.ts$',
    reason: 'migrations and syncs that are killed and resumed again and again, each run a process of its own',
    sample: 'one kill each, and 60 files in place of 160',
  },
  {
    pattern: 'packages/http/test/expressions\\.test\\.ts$',
    reason: 'every regular expression of the sources, with texts made to be slow for it',
  },
  {
    pattern: 'packages/cli/test/(process|tokens|output)\\.test\\.ts$',
    reason: 'the command as a process, more than a hundred times',
    sample: 'one signal of two, sessions of one edition of two, a third of the commands that cannot write',
  },
  {
    pattern: 'packages/webdav/test/outcomes\\.test\\.ts$',
    reason: 'every change, with every misbehaviour at each of its requests, on servers of three kinds',
    sample: 'the servers of which nothing is known',
  },
  {
    pattern: 'packages/koodrive/test/faults\\.test\\.ts$',
    reason: 'random operations among faults of every kind',
    sample: 'one seed of two',
  },
  {
    pattern: 'packages/migrate/test/damage\\.test\\.ts$',
    reason: 'a journal with one bit flipped, at 295 places',
    sample: '59 places',
  },
  {
    pattern: 'packages/(migrate/test/(plan-apply|compare)|report/test/write-report)\\.test\\.ts$',
    reason: 'memory that is bounded however many entries there are: 100,000 to a million',
    sample: 'a tenth to a fifth of the entries, under the same bound',
  },
]
