// What is written where: results to stdout, everything else to stderr.
import { once } from 'node:events'
import picocolors from 'picocolors'
import type { GlobalOptions, Io, Out } from './io'
import type { Problem } from './problem'

export interface Output {
  readonly colors: ReturnType<typeof picocolors.createColors>
  /** Of stderr. */
  readonly onError: ReturnType<typeof picocolors.createColors>
  readonly json: boolean
  /** A line of results. Waits for a reader that is slower. */
  readonly line: (text: string) => Promise<void>
  /** One value as one line, of a long listing. */
  readonly jsonLine: (value: unknown) => Promise<void>
  /** The one document of a command's results. */
  readonly document: (value: unknown) => Promise<void>
  readonly bytes: (chunk: Uint8Array) => Promise<void>
  /** A message. */
  readonly tell: (text: string) => void
  /** Messages are given to `tell` instead of being written. Answers how to let go. */
  readonly hold: (tell: (text: string) => void) => () => void
  readonly problem: (problem: Problem) => void
}

const write = async (stream: Out, text: string | Uint8Array): Promise<void> => {
  if (stream.destroyed || stream.write(text)) return
  // A reader that goes away destroys the stream without draining it.
  const gone = new AbortController()
  const close = (): void => {
    gone.abort()
  }
  stream.once('close', close)
  await once(stream, 'drain', { signal: gone.signal }).catch(() => undefined)
  stream.off('close', close)
}

const isColored = ({ stdout, env }: Io, options: GlobalOptions): boolean =>
  options.color !== false && (env['NO_COLOR'] ?? '') === '' && stdout.isTTY === true

export const createOutput = (io: Io, options: GlobalOptions): Output => {
  const colors = picocolors.createColors(isColored(io, options))
  const onError = picocolors.createColors(isColored({ ...io, stdout: io.stderr }, options))
  const plainly = (text: string): void => void io.stderr.write(`${text}\n`)
  let told = plainly
  const tell = (text: string): void => {
    told(text)
  }
  return {
    colors,
    onError,
    json: options.json === true,
    line: (text) => write(io.stdout, `${text}\n`),
    jsonLine: (value) => write(io.stdout, `${JSON.stringify(value)}\n`),
    document: (value) => write(io.stdout, `${JSON.stringify(value, null, 2)}\n`),
    bytes: (chunk) => write(io.stdout, chunk),
    tell,
    hold: (instead) => {
      told = instead
      return () => {
        told = plainly
      }
    },
    problem: ({ message, remedy, error, exit }) => {
      if (options.json === true) {
        tell(JSON.stringify({ error: { message, remedy, exit, ...(error as object | undefined) } }))
        return
      }
      tell(`${onError.red('anydrive:')} ${message}`)
      if (remedy !== undefined) tell(`  ${remedy}`)
    },
  }
}
