// The context of a command: its streams, options, drives and signal.
import type { Environment, LogEvent } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { openConfigured, readConfiguration, type Configuration } from './configuration'
import type { GlobalOptions, Io, Rates } from './io'
import { toLocation, type Drives, type Location } from './location'
import { logTo, openLogFile } from './log'
import { createMeter, type Meter } from './display/traffic'
import { createOutput, type Output, type Streams } from './output'
import type { ExitCode, Problem } from './problem'
import { withTemporaries } from './temporaries'

export interface Context {
  readonly io: Io
  readonly options: GlobalOptions
  readonly out: Output
  readonly drives: Drives
  /** The same with drives of its own, opened at these rates, of which this process has a share: see `Environment`. */
  readonly paced: (rates: Rates, rateShare: () => number) => Context
  /** Counts the requests of the drives. */
  readonly meter: Meter
  /** Aborts on an interrupt, after `--timeout`, and when standard output takes no more. */
  readonly signal: AbortSignal
  /** Writes how the command ended to the log file, and closes it. */
  readonly end: (exit: ExitCode, problem?: Problem) => void
}
/** A left is reported to the user; a right is the exit code. */
export type Answer = E.Either<Problem, ExitCode>

/** Those of the options. */
export const ratesOf = ({ requestsPerSecond, tpslimit }: GlobalOptions): Rates =>
  requestsPerSecond ?? (tpslimit === undefined ? {} : { '': tpslimit })

const drivesOf = (io: Io, options: GlobalOptions, rates: Rates, environment: Environment, meter: Meter): Drives => {
  const opened = new Map<string, ReturnType<Drives['open']>>()
  let read: ReturnType<Drives['configuration']> | undefined
  const configuration = () => (read ??= readConfiguration(options.config, io))
  const openAgain: Drives['openAgain'] = (name) =>
    E.flatMap((it: Configuration | undefined) =>
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

/** A left: the file of --log-file cannot be written. */
export const createContext = (
  io: Io,
  options: GlobalOptions,
  streams: Streams,
  signal: AbortSignal,
): E.Either<Problem, Context> => {
  const out = createOutput(io, options, streams)
  const meter = createMeter()
  const opened =
    options.logFile === undefined ? E.right(undefined) : openLogFile(options.logFile, options.logFormat, io)
  if (E.isLeft(opened)) return opened
  const logs = [
    ...(options.verbose === true ? [logTo(out.message, options.logFormat)] : []),
    ...(opened.right === undefined ? [] : [opened.right.log]),
  ]
  const log = (event: LogEvent): void => {
    for (const write of logs) write(event)
  }
  const environment: Environment = logs.length === 0 ? {} : { log }
  const context: Context = {
    io,
    options,
    out,
    meter,
    drives: drivesOf(io, options, ratesOf(options), environment, meter),
    paced: (rates, rateShare) => ({
      ...context,
      drives: drivesOf(io, options, rates, { ...environment, rateShare }, meter),
    }),
    signal,
    end: (exit, problem) => {
      opened.right?.log({ name: 'end', exit, problem: problem?.message })
      opened.right?.close()
    },
  }
  return E.right(context)
}

export const locate = ({ drives, io }: Context, text: string | undefined): E.Either<Problem, Location> =>
  toLocation(text ?? '', drives, io.cwd)

/** Of a whole tree: a link of this machine to a directory, named without a drive, is followed. */
export const locateTree = ({ drives, io }: Context, text: string | undefined): E.Either<Problem, Location> =>
  toLocation(text ?? '', drives, io.cwd, 'followed')

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

/** Resolves once the command is to end. */
export const untilStopped = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })
