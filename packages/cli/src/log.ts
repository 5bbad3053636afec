// `--verbose`: the drives' events as lines of JSON on stderr. Events hold no secrets.
import type { LogEvent, Surroundings } from '@anydrive/core'
import pino from 'pino'
import type { Io } from './io'

export const surroundingsOf = (io: Io, verbose: boolean): Surroundings => {
  if (!verbose) return {}
  const logger = pino({ base: null }, io.stderr)
  return {
    log: ({ name, ...details }: LogEvent) => {
      logger.info(details, name)
    },
  }
}
