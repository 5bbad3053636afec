// The log of a command: events of the drives and messages, for --verbose and --log-file. It holds no secrets.
import type { LogEvent } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { closeSync, openSync, writeSync } from 'node:fs'
import { loaderOf } from './lazy'
import { resolve } from 'node:path'
import type * as Pino from 'pino'
import { codeText } from './error-code'
import type { GlobalOptions, Io } from './io'
import { usage, type Problem } from './problem'

const load = loaderOf(__filename)

/** Drives log events without secrets; fields with these names are masked all the same. */
const masked = ['token', 'accessToken', 'secret', 'password', 'authorization', 'signature', 'url']

type Write = (line: string) => void

const jsonLog = (write: Write): ((event: LogEvent) => void) => {
  const { pino } = load('pino') as typeof Pino
  const redact = { paths: masked, censor: '[masked]' }
  const logger = pino({ level: 'debug', base: null, redact }, { write: (line) => write(line.trimEnd()) })
  return ({ name, ...details }) => {
    logger.debug(details, name)
  }
}

/** Values are written as JSON, so that each event is one line. */
const textLog =
  (write: Write) =>
  ({ name, ...details }: LogEvent): void => {
    const fields = Object.entries(details)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => ` ${key}=${masked.includes(key) ? '[masked]' : JSON.stringify(value)}`)
    write(`${new Date().toISOString()} ${name}${fields.join('')}`)
  }

export const logTo = (write: Write, format: GlobalOptions['logFormat']): ((event: LogEvent) => void) =>
  (format === 'text' ? textLog : jsonLog)(write)

export interface LogFile {
  readonly log: (event: LogEvent) => void
  readonly close: () => void
}

/** Appends to the file, which is created with mode 0600. A line that cannot be written is lost, and the command goes on. */
export const openLogFile = (
  file: string,
  format: GlobalOptions['logFormat'],
  { cwd }: Pick<Io, 'cwd'>,
): E.Either<Problem, LogFile> =>
  E.map((fd: number) => ({
    log: logTo((line) => {
      try {
        writeSync(fd, `${line}\n`)
      } catch {
        // The log is no result: a full disk must not end the work.
      }
    }, format),
    close: () => {
      closeSync(fd)
    },
  }))(
    E.tryCatch(
      () => openSync(resolve(cwd, file), 'a', 0o600),
      (u) => usage(`--log-file: ${file} cannot be written${codeText(u)}`, 'Check the path and its permissions.'),
    ),
  )
