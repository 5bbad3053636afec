// The process around main: its streams, its signals and its exit code.
import { closeSync, fstatSync, writeSync } from 'node:fs'
import { Writable } from 'node:stream'
import type { Out } from './io'
import { main } from './main'
import { writeProblem } from './sink'
import { untrusted } from './text'

// Whatever ends the process before main has returned is no success.
process.exitCode = 1
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

/** Node's own stream of a file takes a part that was written for the whole, and loses the rest without an error. */
const fileStream = (fd: number): Writable =>
  new Writable({
    write: (chunk: Uint8Array, _encoding, done) => {
      try {
        for (let at = 0; at < chunk.length;) at += writeSync(fd, chunk, at)
        done()
      } catch (u) {
        done(u instanceof Error ? u : new Error(String(u)))
      }
    },
  })

const isPlainFile = (fd: number, stream: Out): boolean => {
  if (stream.isTTY === true) return false
  const stats = fstatSync(fd)
  return stats.isFile() || stats.isCharacterDevice() || stats.isBlockDevice()
}

const outOf = (fd: number, stream: Out): Out => (isPlainFile(fd, stream) ? fileStream(fd) : stream)

/** Some file systems report that there is no room only when a file is closed. */
const closed = (fd: number): boolean => {
  try {
    closeSync(fd)
    return true
  } catch (u) {
    process.stderr.write(untrusted(`anydrive: ${writeProblem('standard output', u).message}\n`))
    return false
  }
}

const { stdin, env } = process
const stdout = outOf(1, process.stdout)
const stderr = outOf(2, process.stderr)
// An error after the end of main has nobody to be reported to.
for (const stream of [stdout, stderr]) stream.on('error', () => undefined)
void main(process.argv.slice(2), {
  stdin,
  stdout,
  stderr,
  env,
  cwd: process.cwd(),
  signal: stop.signal,
  onInterrupt,
}).then((code) => {
  const isWritten = stdout === process.stdout || closed(1)
  process.exitCode = isWritten || code !== 0 ? code : 1
  // Input that is still open must not keep the process.
  stdin.destroy()
})
