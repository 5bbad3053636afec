// Options of a migration: its filters, its pace and its limits.
import type { MigrateOptions } from '@anydrive/migrate'
import { InvalidArgumentError, Option, type Command } from 'commander'
import * as E from 'fp-ts/Either'
import { count, positive } from './add'
import { withPatterns, type FilterOptions } from './filters'
import type { Rates } from './io'
import { usage, type Problem } from './problem'
import { durationOf, momentOf, positiveSizeOf, sizeOf } from './units'

export interface Policy extends FilterOptions {
  readonly concurrency?: number
  readonly transfers?: number
  readonly bandwidth?: number
  readonly bwlimit?: number
  readonly memory?: number
  readonly maxErrors?: number
  readonly maxBytes?: number
  readonly maxTransfer?: number
  readonly maxDuration?: number
  readonly maxAge?: Date
  readonly move?: boolean
  readonly removeRoot?: boolean
}

const rateIn = (text: string, before: Rates = {}): Rates => {
  const [, drive = '', number = ''] = /^(?:([^=]+)=)?(.+)$/.exec(text) ?? []
  const rate = Number(number)
  if (!(rate > 0 && Number.isFinite(rate)))
    throw new InvalidArgumentError('It is a positive number, or DRIVE=NUMBER; it may be repeated.')
  return { ...before, [drive]: rate }
}

export const filterOptions = (): ReadonlyArray<Option> => [
  new Option(
    '--files-from <file>',
    'only the paths in this file, one on each line and taken literally; a directory with all below it',
  ),
  new Option('--files-from0 <file>', 'the same, with a NUL byte after each path'),
  new Option('--min-size <size>', 'only files of at least this many bytes, such as 100K').argParser(sizeOf),
  new Option('--max-size <size>', 'only files of at most this many bytes, such as 2G').argParser(sizeOf),
  new Option('--newer-than <when>', 'only files changed since a date, or within an age such as 7d').argParser(
    momentOf(Date.now),
  ),
]

const moveOptions = (): ReadonlyArray<Option> => [
  new Option('--move', 'remove each file from the source once its copy is proven by more than its size'),
  new Option('--remove-root', 'with --move, also remove the directory at the source itself once it is empty'),
]
const requestsOption = (): Option =>
  new Option('--requests-per-second <rate>', 'for each drive, or DRIVE=RATE; may be repeated').argParser(rateIn)

const limitOptions = (): ReadonlyArray<Option> => [
  new Option('--concurrency <files>', 'files transferred at once (default: 8)').argParser(count),
  requestsOption(),
  new Option('--bandwidth <size>', 'bytes a second, for all files together, such as 10M').argParser(positiveSizeOf),
  new Option('--memory <size>', 'for the buffers of all transfers, by estimate (default: 256M)').argParser(
    positiveSizeOf,
  ),
  new Option('--max-errors <entries>', 'stop once this many entries have failed').argParser(count),
  new Option('--max-bytes <size>', 'stop before a file that would exceed this many bytes').argParser(positiveSizeOf),
  new Option('--max-duration <time>', 'start nothing new after this time, such as 8h').argParser(durationOf),
]

/** The names that rclone has for the same options. */
const aliases = (): ReadonlyArray<Option> => [
  new Option('--transfers <files>').argParser(count),
  new Option('--bwlimit <size>').argParser(positiveSizeOf),
  new Option('--tpslimit <rate>').argParser(positive),
  new Option('--max-transfer <size>').argParser(positiveSizeOf),
  new Option('--max-age <when>').argParser(momentOf(Date.now)),
]

/** `moves`: the command can remove what has arrived from the source. */
export const withPolicy = (command: Command, { moves }: { readonly moves: boolean }): Command => {
  withPatterns(command)
  for (const option of [...filterOptions(), ...(moves ? moveOptions() : []), ...limitOptions()])
    command.addOption(option)
  for (const option of aliases()) command.addOption(option.hideHelp())
  return command
}

export const filterOptionsOf = ({ maxAge, ...options }: Policy): FilterOptions =>
  maxAge === undefined || options.newerThan !== undefined ? options : { ...options, newerThan: maxAge }

/** A left: a rate is given for a drive that takes no part. */
export const checkRates = (rates: Rates | undefined, drives: ReadonlyArray<string>): E.Either<Problem, void> => {
  const strange = Object.keys(rates ?? {}).find((name) => name !== '' && !drives.includes(name))
  return strange === undefined
    ? E.right(undefined)
    : E.left(
        usage(
          `--requests-per-second: ${JSON.stringify(strange)} is not a drive of this migration`,
          `Its drives are ${[...new Set(drives)].join(' and ')}.`,
        ),
      )
}

/** Bytes a second. */
export const bandwidthOf = ({ bandwidth, bwlimit }: Policy): number | undefined => bandwidth ?? bwlimit

export const engineOptionsOf = (
  policy: Policy,
): Pick<MigrateOptions, 'concurrency' | 'bandwidth' | 'memory' | 'limits' | 'removeSource' | 'removeRoot'> => ({
  concurrency: policy.concurrency ?? policy.transfers,
  bandwidth: bandwidthOf(policy),
  memory: policy.memory,
  limits: {
    maxErrors: policy.maxErrors,
    maxBytes: policy.maxBytes ?? policy.maxTransfer,
    maxDuration: policy.maxDuration,
  },
  removeSource: policy.move === true,
  removeRoot: policy.removeRoot === true,
})
