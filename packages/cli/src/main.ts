// The command: arguments in, an exit code out; everything else goes through the streams it is given.
import { Command, CommanderError } from 'commander'
import * as E from 'fp-ts/Either'
import { withGlobals, type Run } from './add'
import { commands } from './commands'
import { createContext, type Answer, type Context } from './context'
import type { GlobalOptions, Io } from './io'
import { createOutput } from './output'
import { exits, type ExitCode, type Problem } from './problem'
import { version } from './version'

/** Why the command was stopped before its end. */
type Stop = 'interrupt' | 'timeout' | 'reader gone'

interface Stopping {
  readonly signal: AbortSignal
  readonly why: () => Stop | undefined
  readonly after: (seconds: number | undefined) => void
  readonly end: () => void
}

const stopping = (io: Io): Stopping => {
  const controller = new AbortController()
  let why: Stop | undefined
  let timer: NodeJS.Timeout | undefined
  const stop = (cause: Stop) => (): void => {
    why ??= cause
    controller.abort()
  }
  const interrupt = stop('interrupt')
  // A reader that has seen enough (`| head`) closes the pipe: that is no failure.
  const gone = stop('reader gone')
  if (io.signal.aborted) interrupt()
  io.signal.addEventListener('abort', interrupt, { once: true })
  io.stdout.on('error', gone)
  return {
    signal: controller.signal,
    why: () => why,
    after: (seconds) => {
      if (seconds !== undefined) timer = setTimeout(stop('timeout'), seconds * 1000)
    },
    end: () => {
      clearTimeout(timer)
      io.signal.removeEventListener('abort', interrupt)
      io.stdout.off('error', gone)
    },
  }
}

const globals = (program: Command, command: Command): GlobalOptions => {
  const own: GlobalOptions = command.opts()
  const above: GlobalOptions = program.opts()
  return { ...above, ...own, color: above.color !== false && own.color !== false }
}

const stopped = (why: Stop, seconds: number | undefined, answer: Answer): Answer => {
  if (why === 'reader gone') return E.right(exits.done)
  if (why === 'timeout')
    return E.left({
      exit: exits.unavailable,
      message: `given up after ${seconds ?? 0} s (--timeout)`,
      remedy: 'Give it more time, or check that the service answers.',
    })
  if (E.isRight(answer)) return answer
  const { left } = answer
  return left.exit === exits.interrupted ? answer : E.left({ ...left, exit: exits.interrupted })
}

/** A mistake of ours: said without a stack trace, unless ANYDRIVE_DEBUG asks for one. */
const defect = (u: unknown, io: Io): Problem => ({
  exit: exits.partly,
  message: `a mistake of anydrive's own: ${u instanceof Error ? (io.env['ANYDRIVE_DEBUG'] ? (u.stack ?? u.message) : u.message) : 'unknown'}`,
  remedy: 'Please report it; ANYDRIVE_DEBUG=1 shows where.',
})

const runIn =
  (io: Io, program: Command, ended: (code: ExitCode) => void): Run =>
  (handler) =>
  async (...all) => {
    const command = all.at(-1) as Command
    const options = globals(program, command)
    const stop = stopping(io)
    stop.after(options.timeout)
    const context: Context = createContext(io, options, stop.signal)
    const args = (command.processedArgs as ReadonlyArray<string | ReadonlyArray<string> | undefined>)
      .flat()
      .filter((arg) => arg !== undefined)
    const answer = await handler(context, args, command.opts<never>())
      .catch((u: unknown): Answer => E.left(defect(u, io)))
      .finally(stop.end)
    const why = stop.why()
    const final = why === undefined ? answer : stopped(why, options.timeout, answer)
    if (E.isLeft(final)) context.out.problem(final.left)
    ended(E.isLeft(final) ? final.left.exit : final.right)
  }

const programOf = (io: Io, ended: (code: ExitCode) => void): Command => {
  const program = withGlobals(new Command('anydrive'))
    .description('One command for any cloud drive: list, copy, move and migrate, within a drive and between them.')
    .version(version, '-V, --version')
    .enablePositionalOptions()
    .addHelpText(
      'after',
      `
Places are written DRIVE:PATH, where DRIVE is a name in anydrive.json, or local for this machine;
a path that begins with / or . is of this machine as well.

Exit codes: 0 done · 1 done, but some items failed or differ · 2 usage or configuration · 3 credentials or permission
            4 not found · 5 name taken · 6 service unavailable · 130 interrupted`,
    )
    .showHelpAfterError('(anydrive --help, or anydrive COMMAND --help, says more)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
  const run = runIn(io, program, ended)
  for (const add of commands) add(program, run)
  for (const command of program.commands) {
    withGlobals(command).copyInheritedSettings(program)
  }
  return program
}

/** Never rejects. `argv` without the program's own name. */
export const main = async (argv: ReadonlyArray<string>, io: Io): Promise<number> => {
  let code: ExitCode = exits.done
  try {
    const program = programOf(io, (ended) => {
      code = ended
    })
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (u) {
    if (u instanceof CommanderError) return u.exitCode === 0 ? exits.done : exits.usage
    createOutput(io, {}).problem(defect(u, io))
    return exits.partly
  }
}
