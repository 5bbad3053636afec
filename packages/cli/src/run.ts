// The process around the command: its streams, its signals, its exit.
import { main } from './main'

const quietly = (error: NodeJS.ErrnoException): void => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
}

export const run = (): void => {
  const controller = new AbortController()
  let asked = 0
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (++asked > 1) process.exit(130)
      controller.abort()
    })
  process.stdout.on('error', quietly)
  void main(process.argv.slice(2), {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    signal: controller.signal,
  }).then((code) => {
    process.exitCode = code
    process.stdin.unref()
  })
}
