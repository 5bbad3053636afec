// How a command is added: its arguments and options in, an exit code out.
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Answer, Context } from './context'
import { durationOf } from './units'

/** `args` are the arguments in order, a variadic one spread. */
export type Handler<O> = (context: Context, args: ReadonlyArray<string>, options: O) => Promise<Answer>
/** Makes commander's action of a handler. */
export type Run = <O>(handler: Handler<O>) => (...all: ReadonlyArray<unknown>) => Promise<void>
export type Add = (program: Command, run: Run) => void

const numberThat =
  (what: string, isValid: (n: number) => boolean) =>
  (text: string): number => {
    const n = Number(text)
    if (text.trim() === '' || !isValid(n)) throw new InvalidArgumentError(`It must be ${what}.`)
    return n
  }
export const positive = numberThat('a positive number', (n) => n > 0 && Number.isFinite(n))
export const whole = numberThat('a whole number, 0 or more', (n) => Number.isSafeInteger(n) && n >= 0)
export const count = numberThat('a whole number, 1 or more', (n) => Number.isSafeInteger(n) && n >= 1)

/** Collects the values of an option that may be repeated. */
export const repeatable = (text: string, before: ReadonlyArray<string> = []): ReadonlyArray<string> => [...before, text]

const globals = (): ReadonlyArray<Option> => [
  new Option(
    '--config <file>',
    'the configuration file (default: anydrive.json here or in a directory above, $ANYDRIVE_CONFIG, or anydrive/anydrive.json in the configuration directory of the user)',
  ),
  new Option('--json', 'print results as JSON'),
  new Option('--no-color', 'print without colors'),
  new Option('--verbose', 'log what the drives do to standard error'),
  new Option('--log-file <file>', 'append what the drives do, and how the command ended, to this file (default: none)'),
  new Option(
    '--log-format <format>',
    'of --log-file and --verbose: a JSON object or plain text on each line (default: json)',
  ).choices(['json', 'text']),
  new Option(
    '--stats <time>',
    'how often a line says how far a long command is, where standard error is no terminal, such as 1m (default: 10s)',
  ).argParser(durationOf),
  new Option('--timeout <seconds>', 'give up after this time').argParser(positive),
]

/** Options that may be given before or after the command's name; where a command has an option of the same name, its own is used. */
export const withGlobals = (command: Command): Command => {
  const own = new Set(command.options.map(({ long }) => long))
  for (const option of globals()) if (!own.has(option.long)) command.addOption(option)
  return command
}

const strategies = {
  ask: 'fail with an error',
  rename: 'the drive picks a free name',
  overwrite: 'replace the file',
  skip: 'keep what exists',
}
/** Strategies that compare both files; `migrate` only. */
const incremental = {
  different: 'replace a file that is not equal',
  newer: 'the same, only if the source was modified later',
}

const strategyOption = (meanings: { readonly [strategy: string]: string }): Option =>
  new Option(
    '--conflict <strategy>',
    `when a name is taken: ${Object.entries(meanings)
      .map(([strategy, meaning]) => `${strategy} (${meaning})`)
      .join(', ')}`,
  )
    .choices(Object.keys(meanings))
    .default('ask')
export const conflictOption = (): Option => strategyOption(strategies)
export const migrateConflictOption = (): Option => strategyOption({ ...strategies, ...incremental })

/** `when`: the beginning of its description. */
export const compareOption = (when: string): Option =>
  new Option(
    '--compare <what>',
    `${when} equal files are found: size, time, checksum (read where none is reported) or content (read both); default: a common checksum, else size and time, else size`,
  ).choices(['size', 'time', 'checksum', 'content'])

/** Of the commands that many machines share. */
export const clusterOption = (): Option =>
  new Option(
    '--cluster <url>',
    'the PostgreSQL database, as postgres://USER@HOST/DATABASE; the password is better in PGPASSWORD or ~/.pgpass',
  )
