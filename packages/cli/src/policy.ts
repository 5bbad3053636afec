// What a migration is allowed: its pace, its limits, and which entries are meant.
import type { MigrateOptions } from '@anydrive/migrate'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { count, gathered, positive } from './add'
import type { Choice } from './chosen'
import type { Rates } from './io'
import { durationOf, momentOf, positiveSizeOf, sizeOf } from './units'

export interface Policy extends Choice {
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
}

const rateIn = (text: string, before: Rates = {}): Rates => {
  const [, drive = '', number = ''] = /^(?:([^=]+)=)?(.+)$/.exec(text) ?? []
  const rate = Number(number)
  if (!(rate > 0 && Number.isFinite(rate)))
    throw new InvalidArgumentError('It is a positive number, or DRIVE=NUMBER; it may be repeated.')
  return { ...before, [drive]: rate }
}

const shown = (): ReadonlyArray<Option> => [
  new Option('--include <glob>', 'only what matches; may be repeated').argParser(gathered),
  new Option('--exclude <glob>', 'not what matches; may be repeated').argParser(gathered),
  new Option('--files-from <file>', 'only the paths listed there, one a line; a directory with all below it'),
  new Option('--min-size <size>', 'only files of at least so many bytes, such as 100K').argParser(sizeOf),
  new Option('--max-size <size>', 'only files of at most so many bytes, such as 2G').argParser(sizeOf),
  new Option('--newer-than <when>', 'only files changed since: a date, or an age such as 7d').argParser(
    momentOf(Date.now),
  ),
  new Option('--move', 'remove each file from the source once its copy is proven by more than its size'),
  new Option('--concurrency <files>', 'files under way at once; 8').argParser(count),
  new Option('--requests-per-second <rate>', 'of each drive, or DRIVE=RATE; may be repeated').argParser(rateIn),
  new Option('--bandwidth <size>', 'bytes a second, of all files together, such as 10M').argParser(positiveSizeOf),
  new Option('--memory <size>', 'for the buffers of the files under way, by estimate; 256M').argParser(positiveSizeOf),
  new Option('--max-errors <entries>', 'stop once so many have failed').argParser(count),
  new Option('--max-bytes <size>', 'stop before a file that would exceed so many bytes').argParser(positiveSizeOf),
  new Option('--max-duration <time>', 'begin nothing new after so long, such as 8h').argParser(durationOf),
]

/** What rclone calls the same. */
const alsoKnown = (): ReadonlyArray<Option> => [
  new Option('--transfers <files>').argParser(count),
  new Option('--bwlimit <size>').argParser(positiveSizeOf),
  new Option('--tpslimit <rate>').argParser(positive),
  new Option('--max-transfer <size>').argParser(positiveSizeOf),
  new Option('--max-age <when>').argParser(momentOf(Date.now)),
]

export const withPolicy = (command: Command): Command => {
  for (const option of shown()) command.addOption(option)
  for (const option of alsoKnown()) command.addOption(option.hideHelp())
  return command
}

export const choiceOf = ({ maxAge, ...choice }: Policy): Choice =>
  maxAge === undefined || choice.newerThan !== undefined ? choice : { ...choice, newerThan: maxAge }

export const optionsOf = (
  policy: Policy,
): Pick<MigrateOptions, 'concurrency' | 'bandwidth' | 'memory' | 'limits' | 'removeSource'> => ({
  concurrency: policy.concurrency ?? policy.transfers,
  bandwidth: policy.bandwidth ?? policy.bwlimit,
  memory: policy.memory,
  limits: {
    maxErrors: policy.maxErrors,
    maxBytes: policy.maxBytes ?? policy.maxTransfer,
    maxDuration: policy.maxDuration,
  },
  removeSource: policy.move === true,
})
