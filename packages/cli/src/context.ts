// The context of a command: its streams, options, drives and signal.
import type { Environment } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { pino } from 'pino'
import { openConfigured, readConfiguration } from './configuration'
import type { GlobalOptions, Io } from './io'
import { toLocation, type Drives, type Location } from './location'
import { createMeter, type Meter } from './display/traffic'
import { createOutput, type Output, type Streams } from './output'
import type { ExitCode, Problem } from './problem'
import { withTemporaries } from './temporaries'

export interface Context {
  readonly io: Io
  readonly options: GlobalOptions
  readonly out: Output
  readonly drives: Drives
  /** Counts the requests of the drives. */
  readonly meter: Meter
  /** Aborts on an interrupt, after `--timeout`, and when standard output takes no more. */
  readonly signal: AbortSignal
}
/** A left is reported to the user; a right is the exit code. */
export type Answer = E.Either<Problem, ExitCode>

/** Drives log events without secrets; fields with these names are masked all the same. */
const masked = ['token', 'accessToken', 'secret', 'password', 'authorization', 'signature', 'url']

const logTo = (out: Output): Environment => {
  const lines = {
    write: (line: string) => {
      out.message(line.trimEnd())
    },
  }
  const logger = pino({ level: 'debug', base: null, redact: { paths: masked, censor: '[masked]' } }, lines)
  return {
    log: ({ name, ...details }) => {
      logger.debug(details, name)
    },
  }
}

const drivesOf = (io: Io, options: GlobalOptions, out: Output, meter: Meter): Drives => {
  const environment = options.verbose === true ? logTo(out) : {}
  const rates = options.requestsPerSecond ?? (options.tpslimit === undefined ? {} : { '': options.tpslimit })
  const opened = new Map<string, ReturnType<Drives['open']>>()
  let read: ReturnType<Drives['configuration']> | undefined
  const configuration = () => (read ??= readConfiguration(options.config, io.cwd))
  const openAgain: Drives['openAgain'] = (name) =>
    E.flatMap((it: Parameters<typeof openConfigured>[0]) =>
      openConfigured(it, name, {
        env: io.env,
        environment: meter.tap(name, environment),
        rate: rates[name] ?? rates[''],
      }),
    )(configuration())
  return {
    configuration,
    openAgain,
    open: (name) => {
      const drive = opened.get(name) ?? E.map(withTemporaries)(openAgain(name))
      opened.set(name, drive)
      return drive
    },
  }
}

export const createContext = (io: Io, options: GlobalOptions, streams: Streams, signal: AbortSignal): Context => {
  const out = createOutput(io, options, streams)
  const meter = createMeter()
  return { io, options, out, meter, drives: drivesOf(io, options, out, meter), signal }
}

export const locate = ({ drives, io }: Context, text: string | undefined): E.Either<Problem, Location> =>
  toLocation(text ?? '', drives, io.cwd)

export const locateAll = (
  context: Context,
  texts: ReadonlyArray<string>,
): E.Either<Problem, ReadonlyArray<Location>> => {
  const places: Array<Location> = []
  for (const text of texts) {
    const place = locate(context, text)
    if (E.isLeft(place)) return place
    places.push(place.right)
  }
  return E.right(places)
}
