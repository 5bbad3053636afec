// The command: arguments in, exit code out.
import { DriveException } from '@anydrive/core'
import { Command, CommanderError } from 'commander'
import type { Bind, Context } from './command'
import { registrations } from './commands'
import { readConfiguration } from './configuration'
import { codeOf, Failure, type ExitCode } from './failure'
import type { Io } from './io'
import { surroundingsOf } from './log'
import { outputOf, printable } from './output'
import { drivesOf } from './places'
import { version } from './version'

type Globals = {
  readonly config?: string
  readonly json?: boolean
  readonly color: boolean
  readonly verbose?: boolean
}

const contextOf = async (io: Io, globals: Globals): Promise<Context> => {
  const configured = await readConfiguration(io, globals.config)
  const surroundings = surroundingsOf(io, globals.verbose === true)
  return {
    io,
    output: outputOf(io, { json: globals.json === true, color: globals.color }),
    drives: drivesOf(io, configured, surroundings),
    configured,
  }
}

const programOf = (io: Io, done: (code: ExitCode) => void): Command => {
  const program = new Command('anydrive')
    .description('One command for any cloud drive: list, copy, move, migrate.')
    .version(version)
    .option('--config <file>', 'the configuration; else anydrive.json here or above')
    .option('--json', 'results as JSON')
    .option('--no-color', 'messages without colours')
    .option('--verbose', 'log each request to stderr')
    .showSuggestionAfterError()
    .showHelpAfterError('(anydrive --help lists the commands)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        io.stdout.write(text)
      },
      writeErr: (text) => {
        io.stderr.write(text)
      },
    })
  const bind: Bind =
    (action) =>
    async (...args) => {
      done(await action(await contextOf(io, program.opts()), ...args))
    }
  for (const register of registrations) register(program, bind)
  for (const command of program.commands) command.copyInheritedSettings(program)
  return program
}

const explained = (u: unknown): { readonly code: ExitCode; readonly message?: string } => {
  if (u instanceof CommanderError) return { code: u.exitCode === 0 ? 0 : 2 }
  if (u instanceof Failure) return { code: u.code, message: u.message }
  if (DriveException.is(u)) return { code: codeOf(u.error), message: u.message }
  if (typeof u === 'object' && u !== null && 'code' in u && 'message' in u)
    return { code: 1, message: String(u.message) }
  return { code: 1, message: `a defect of anydrive: ${u instanceof Error ? u.name : 'unknown'}; please report it` }
}

/** `argv` without the node executable and the script. Never rejects. */
export const main = async (argv: ReadonlyArray<string>, io: Io): Promise<ExitCode> => {
  let code: ExitCode = 0
  try {
    await programOf(io, (ended) => {
      code = ended
    }).parseAsync([...argv], { from: 'user' })
    return code
  } catch (u) {
    const { code: ended, message } = explained(u)
    if (message !== undefined) io.stderr.write(`anydrive: ${printable(message)}\n`)
    return io.signal.aborted && ended !== 0 ? 130 : ended
  }
}
