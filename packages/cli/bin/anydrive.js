#!/usr/bin/env node
// The process around main: its streams, its signals, its exit code.
const { main } = require('../dist/index.js')

const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'])
  process.on(name, () => {
    // A second signal does not wait for what is under way.
    if (stop.signal.aborted) process.exit(130)
    stop.abort()
  })

const { stdin, stdout, stderr, env } = process
stderr.on('error', () => undefined)
main(process.argv.slice(2), { stdin, stdout, stderr, env, cwd: process.cwd(), signal: stop.signal }).then((code) => {
  process.exitCode = code
  // A terminal or pipe that is still open for reading must not keep the process.
  stdin.destroy()
})
