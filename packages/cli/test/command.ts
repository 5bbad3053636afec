// The command run in this process, with streams and a working directory of its own.
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { main, type Io } from '@anydrive/cli'

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}
export interface How {
  readonly cwd?: string
  readonly env?: Io['env']
  readonly stdin?: string | Buffer
  readonly signal?: AbortSignal
  readonly terminal?: boolean
}

export interface Sink extends Writable {
  readonly isTTY: boolean
  readonly columns: number
  readonly text: () => string
}

export const sink = (terminal = false): Sink => {
  const chunks: Array<Buffer> = []
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk)
      done()
    },
  })
  return Object.assign(stream, { isTTY: terminal, columns: 100, text: () => Buffer.concat(chunks).toString() })
}

export const run = async (argv: ReadonlyArray<string>, how: How = {}): Promise<Ran> => {
  const [stdout, stderr] = [sink(how.terminal), sink(how.terminal)]
  const code = await main(argv, {
    stdin: Readable.from(how.stdin === undefined ? [] : [Buffer.from(how.stdin)]),
    stdout,
    stderr,
    env: how.env ?? {},
    cwd: how.cwd ?? tmpdir(),
    signal: how.signal ?? new AbortController().signal,
  })
  return { code, out: stdout.text(), err: stderr.text() }
}

export interface Desk {
  readonly dir: string
  readonly path: (name: string) => string
  readonly configure: (drives: unknown) => Promise<void>
  /** `anydrive` in this directory; the words are split at blanks. */
  readonly do: (line: string, how?: How) => Promise<Ran>
  readonly clear: () => Promise<void>
}

/** Bytes of memory that a process had at most so far. */
export const peakMemoryOf = (process: number): number => {
  const [, kB] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${process}/status`, 'utf8')) ?? []
  return Number(kB) * 1024
}

/** A directory of its own, to work in. */
export const desk = async (): Promise<Desk> => {
  const dir = await mkdtemp(join(tmpdir(), 'anydrive-cli-'))
  return {
    dir,
    path: (name) => join(dir, name),
    configure: (drives) => writeFile(join(dir, 'anydrive.json'), JSON.stringify({ drives })),
    do: (line, how) => run(line === '' ? [] : line.split(' '), { cwd: dir, ...how }),
    clear: () => rm(dir, { recursive: true, force: true }),
  }
}
