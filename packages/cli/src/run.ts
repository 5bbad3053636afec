// The process around main: its streams, its signals, its exit code.
import { main } from './main'

const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => {
    // A second signal does not wait for what is under way.
    if (stop.signal.aborted) process.exit(130)
    stop.abort()
  })

const { stdin, stdout, stderr, env } = process
stderr.on('error', () => undefined)
void main(process.argv.slice(2), { stdin, stdout, stderr, env, cwd: process.cwd(), signal: stop.signal }).then(
  (code) => {
    process.exitCode = code
    // Input that is still open must not keep the process.
    stdin.destroy()
  },
)
