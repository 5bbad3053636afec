// The command: arguments in, an exit code out; everything else goes through the streams it is given.
import { Command, CommanderError } from 'commander'
import * as E from 'fp-ts/Either'
import { loaderOf } from './lazy'
import { withGlobals, type Run } from './add'
import { commands, type NamedCommand } from './commands'
import type * as Contexts from './context'
import type { Answer } from './context'
import type { GlobalOptions, Io } from './io'
import { createOutput, openStreams, type Streams } from './output'
import { exits, type ExitCode, type Problem } from './problem'
import { untrusted } from './text'
import { version } from './version'

const load = loaderOf(__filename)

/** Why a command was stopped before its end. */
type StopReason = 'interrupt' | 'timeout' | 'output'

interface Stopping {
  readonly signal: AbortSignal
  readonly reason: () => StopReason | undefined
  readonly after: (seconds: number | undefined) => void
  readonly end: () => void
}

const stopping = (io: Io, streams: Streams): Stopping => {
  const controller = new AbortController()
  let reason: StopReason | undefined
  let timer: NodeJS.Timeout | undefined
  const stop = (why: StopReason) => (): void => {
    reason ??= why
    controller.abort()
  }
  const listen = (signal: AbortSignal, listener: () => void): (() => void) => {
    if (signal.aborted) listener()
    signal.addEventListener('abort', listener, { once: true })
    return () => {
      signal.removeEventListener('abort', listener)
    }
  }
  const releases = [listen(io.signal, stop('interrupt')), listen(streams.signal, stop('output'))]
  return {
    signal: controller.signal,
    reason: () => reason,
    after: (seconds) => {
      if (seconds !== undefined) timer = setTimeout(stop('timeout'), seconds * 1000)
    },
    end: () => {
      clearTimeout(timer)
      for (const release of releases) release()
    },
  }
}

const globals = (program: Command, command: Command): GlobalOptions => {
  const own: GlobalOptions = command.opts()
  const above: GlobalOptions = program.opts()
  return { ...above, ...own, color: above.color !== false && own.color !== false }
}

const outputClosed: Problem = {
  exit: exits.partly,
  message: 'stopped before the end: standard output was closed',
  remedy: 'Run it again, and read the output to its end.',
}

/** The answer of a command that was stopped: work that was not finished is never reported as done. */
const stopped = (reason: StopReason, seconds: number | undefined, answer: Answer): Answer => {
  if (reason === 'timeout')
    return E.left({
      exit: exits.unavailable,
      message: `given up after ${seconds ?? 0} s (--timeout)`,
      remedy: 'Give it more time, or check that the service answers.',
    })
  const isCut = E.isLeft(answer) ? answer.left.exit === exits.interrupted : answer.right === exits.interrupted
  if (reason === 'output') return isCut ? E.left(outputClosed) : answer
  return E.isLeft(answer) && !isCut ? E.left({ ...answer.left, exit: exits.interrupted }) : answer
}

/** An error of this program: reported without a stack trace, unless ANYDRIVE_DEBUG asks for one. */
const defect = (u: unknown, io: Io): Problem => ({
  exit: exits.partly,
  message: `internal error: ${u instanceof Error ? (io.env['ANYDRIVE_DEBUG'] ? (u.stack ?? u.message) : u.message) : 'unknown'}`,
  remedy: 'Please report it; with ANYDRIVE_DEBUG=1 in the environment the message shows where it happened.',
})

type Ended = (code: ExitCode) => void

const runIn =
  (io: Io, streams: Streams, program: Command, ended: Ended): Run =>
  (handler) =>
  async (...all) => {
    const command = all.at(-1) as Command
    const options = globals(program, command)
    const stop = stopping(io, streams)
    stop.after(options.timeout)
    // Loaded here, because what only prints help or the version does not need it.
    const { createContext } = load('./context') as typeof Contexts
    const created = createContext(io, options, streams, stop.signal)
    if (E.isLeft(created)) {
      stop.end()
      createOutput(io, options, streams).problem(created.left)
      ended(created.left.exit)
      return
    }
    const context = created.right
    const args = (command.processedArgs as ReadonlyArray<string | ReadonlyArray<string> | undefined>)
      .flat()
      .filter((arg) => arg !== undefined)
    const answer = await handler(context, args, command.opts<never>())
      .catch((u: unknown): Answer => E.left(defect(u, io)))
      .finally(stop.end)
    const reason = stop.reason()
    const final = reason === undefined ? answer : stopped(reason, options.timeout, answer)
    // A failed output is reported by itself, at the very end.
    const isRepeated = streams.stdout.failure()?.isClosed === false && E.isLeft(final) && final.left === outputClosed
    if (E.isLeft(final) && !isRepeated) context.out.problem(final.left)
    const exit = E.isLeft(final) ? final.left.exit : final.right
    context.end(exit, E.isLeft(final) ? final.left : undefined)
    ended(exit)
  }

/** The command that the arguments name; undefined where there is none. */
const commandIn = (argv: ReadonlyArray<string>, program: Command): string | undefined => {
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? ''
    if (!word.startsWith('-')) return word
    if (program.options.some(({ short, long, required }) => required && (word === short || word === long))) at += 1
  }
  return undefined
}

/** What these arguments need: the one command that they name, or all where help or a suggestion may list them. */
const neededBy = (argv: ReadonlyArray<string>, program: Command): ReadonlyArray<NamedCommand> => {
  const name = commandIn(argv, program)
  const known = commands.filter((command) => command.name === name)
  if (known.length > 0 && name !== 'completion') return known
  const isVersion = argv.every((word) => word === '--version' || word === '-V') && argv.length > 0
  return isVersion ? [] : commands
}

const programOf = (argv: ReadonlyArray<string>, io: Io, streams: Streams, ended: Ended): Command => {
  const program = withGlobals(new Command('anydrive'))
    .description('One command for any cloud drive: list, copy, move and migrate, within a drive and between them.')
    .version(version, '-V, --version')
    .enablePositionalOptions()
    .addHelpText(
      'after',
      `
Places are written DRIVE:PATH, where DRIVE is a name in anydrive.json, or local for this machine.
A path that begins with /, ./ or ../ is a path of this machine as well.

Exit codes: 0 done · 1 some items failed, were skipped unasked or differ, or another failure · 2 usage or configuration
            3 credentials or permission · 4 not found · 5 name taken · 6 service unavailable · 130 interrupted`,
    )
    .showHelpAfterError('(see anydrive --help, or anydrive COMMAND --help)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void streams.stdout.write(untrusted(text)),
      writeErr: (text) => void streams.stderr.write(untrusted(text)),
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
  const run = runIn(io, streams, program, ended)
  for (const command of neededBy(argv, program)) command.load()(program, run)
  for (const command of program.commands) {
    withGlobals(command).copyInheritedSettings(program)
  }
  return program
}

/** Runs the command line, and resolves with its exit code. */
const parse = async (argv: ReadonlyArray<string>, io: Io, streams: Streams): Promise<ExitCode> => {
  let code: ExitCode = exits.done
  try {
    const program = programOf(argv, io, streams, (ended) => {
      code = ended
    })
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (u) {
    if (u instanceof CommanderError) return u.exitCode === 0 ? exits.done : exits.usage
    createOutput(io, {}, streams).problem(defect(u, io))
    return exits.partly
  }
}

/** Never rejects. `argv` is without the program's own name. Output that could not be written makes the exit code other than 0; a closed pipe alone does not. */
export const main = async (argv: ReadonlyArray<string>, io: Io): Promise<number> => {
  const streams = openStreams(io)
  const code = await parse(argv, io, streams)
  await streams.flush()
  const failure = streams.failure()
  if (failure !== undefined && !failure.isClosed) {
    const { message, remedy = '' } = failure.problem
    await streams.stderr.write(untrusted(`anydrive: ${message}\n  ${remedy}\n`))
    await streams.flush()
  }
  streams.release()
  return failure === undefined || failure.isClosed || code !== exits.done ? code : failure.problem.exit
}
