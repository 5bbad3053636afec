// The process around main: its streams, its signals, its exit code.
import { main } from './main'

const stop = new AbortController()
const takers: Array<() => boolean> = []
const abort = (): void => {
  // A further signal does not wait for what is under way.
  if (stop.signal.aborted) process.exit(130)
  stop.abort()
}
process.on('SIGTERM', abort)
process.on('SIGINT', () => {
  if (takers.at(-1)?.() !== true) abort()
})
const onInterrupt = (take: () => boolean): (() => void) => {
  takers.push(take)
  return () => {
    const at = takers.lastIndexOf(take)
    if (at >= 0) takers.splice(at, 1)
  }
}

const { stdin, stdout, stderr, env } = process
stderr.on('error', () => undefined)
void main(process.argv.slice(2), {
  stdin,
  stdout,
  stderr,
  env,
  cwd: process.cwd(),
  signal: stop.signal,
  onInterrupt,
}).then((code) => {
  process.exitCode = code
  // Input that is still open must not keep the process.
  stdin.destroy()
})
