// How a command is added: its arguments and options in, an exit code out.
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Answer, Context } from './context'

/** `args` are the arguments in order, a variadic one spread. */
export type Handler<O> = (context: Context, args: ReadonlyArray<string>, options: O) => Promise<Answer>
/** Makes commander's action of a handler. */
export type Run = <O>(handler: Handler<O>) => (...all: ReadonlyArray<unknown>) => Promise<void>
export type Add = (program: Command, run: Run) => void

const numberIn =
  (what: string, holds: (n: number) => boolean) =>
  (text: string): number => {
    const n = Number(text)
    if (text.trim() === '' || !holds(n)) throw new InvalidArgumentError(`It must be ${what}.`)
    return n
  }
export const positive = numberIn('a positive number', (n) => n > 0 && Number.isFinite(n))
export const whole = numberIn('a whole number, 0 or more', (n) => Number.isSafeInteger(n) && n >= 0)
export const count = numberIn('a whole number, 1 or more', (n) => Number.isSafeInteger(n) && n >= 1)

export const gathered = (text: string, before: ReadonlyArray<string> = []): ReadonlyArray<string> => [...before, text]

const globals = (): ReadonlyArray<Option> => [
  new Option('--config <file>', 'the configuration; anydrive.json here or above, unless given'),
  new Option('--json', 'results as JSON'),
  new Option('--no-color', 'no colours'),
  new Option('--verbose', 'what the drives do, on stderr'),
  new Option('--timeout <seconds>', 'give up after so long').argParser(positive),
]

/** Before or after the command's name; what a command calls by the same name itself is its own. */
export const withGlobals = (command: Command): Command => {
  const own = new Set(command.options.map(({ long }) => long))
  for (const option of globals()) if (!own.has(option.long)) command.addOption(option)
  return command
}

export const conflictOption = (): Option =>
  new Option('--conflict <strategy>', 'when a name is taken: fail, pick a free name, replace the file, or leave it')
    .choices(['ask', 'rename', 'overwrite', 'skip'])
    .default('ask')
