// Values in the settings of a drive that come from elsewhere: the environment, a file, or the output of a command.
import * as E from 'fp-ts/Either'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { codeOf, codeText } from './error-code'
import { isRecord } from './json-text'

export interface Sources {
  readonly env: { readonly [name: string]: string | undefined }
  /** The directory of the configuration file: paths are relative to it, and commands run in it. */
  readonly directory: string
}
export interface Unresolved {
  /** Such as `auth.accessToken`. */
  readonly at: string
  /** It never holds a value. */
  readonly message: string
  readonly remedy: string
}

/** Milliseconds that a command may take. */
const commandTimeout = 30_000
/** Bytes of a value. */
const largest = 64 * 1024

class Failure extends Error {
  readonly unresolved: Unresolved
  constructor(unresolved: Unresolved) {
    super(unresolved.message)
    this.unresolved = unresolved
  }
}

/** Without the line break at its end. */
const valueOf = (text: string, at: string, from: string): string => {
  const value = text.replace(/\r?\n$/, '')
  if (value !== '') return value
  throw new Failure({ at, message: `${from} gave no value`, remedy: 'It must give the value on its first line.' })
}

const fromFile = (file: string, at: string, { directory }: Sources): string => {
  let bytes: Buffer
  try {
    bytes = readFileSync(resolve(directory, file))
  } catch (u) {
    throw new Failure({
      at,
      message: `the file ${file} cannot be read${codeText(u)}`,
      remedy: 'Check the path, which is relative to the configuration file, and its permissions.',
    })
  }
  if (bytes.length > largest)
    throw new Failure({
      at,
      message: `the file ${file} has more than ${largest / 1024} KiB`,
      remedy: 'The file must hold the value and nothing else.',
    })
  return valueOf(bytes.toString(), at, `the file ${file}`)
}

/** Neither output is ever shown: both may hold the secret. */
const fromCommand = ([program = '', ...args]: ReadonlyArray<string>, at: string, sources: Sources): string => {
  const { error, signal, status, stdout } = spawnSync(program, args, {
    cwd: sources.directory,
    env: { ...sources.env },
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: Number(sources.env['ANYDRIVE_COMMAND_TIMEOUT'] ?? commandTimeout) || commandTimeout,
    killSignal: 'SIGKILL',
    maxBuffer: largest,
    encoding: 'utf8',
  })
  const failed = (reason: string): never => {
    throw new Failure({
      at,
      message: `the command ${JSON.stringify(program)} ${reason}`,
      remedy: 'Run the command in the directory of the configuration file; it must print the value and exit with 0.',
    })
  }
  if (error !== undefined)
    return failed(codeOf(error) === 'ETIMEDOUT' ? 'took too long' : `could not be run${codeText(error)}`)
  if (status !== 0) return failed(`ended with ${status === null ? String(signal) : `exit code ${status}`}`)
  return valueOf(stdout, at, `the command ${JSON.stringify(program)}`)
}

type Source = { readonly file: string } | { readonly command: ReadonlyArray<string> }

const isSource = (value: Readonly<Record<string, unknown>>): value is Source => {
  const { file, command } = value
  const isCommand = Array.isArray(command) && command.length > 0 && command.every((word) => typeof word === 'string')
  return Object.keys(value).length === 1 && (typeof file === 'string' || isCommand)
}

const fromSource = (source: Source, at: string, sources: Sources): string =>
  'file' in source ? fromFile(source.file, at, sources) : fromCommand(source.command, at, sources)

const expand = (text: string, at: string, { env }: Sources): string =>
  text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
    const found = env[name]
    if (found !== undefined) return found
    throw new Failure({
      at,
      message: `the environment variable ${name} is not set`,
      remedy: `Set ${name} in the environment, or write the value into the file.`,
    })
  })

/** `own` gives the value of a text or a source at its place. */
const mapped = (value: unknown, at: string, own: (value: string | Source, at: string) => unknown): unknown => {
  if (typeof value === 'string') return own(value, at)
  if (Array.isArray(value)) return value.map((one, i) => mapped(one, `${at}[${i}]`, own))
  if (!isRecord(value)) return value
  if (isSource(value)) return own(value, at)
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, mapped(one, at === '' ? key : `${at}.${key}`, own)]),
  )
}

/** The settings with a text in place of each file and command, so that they can be checked without either. */
export const withoutSources = (settings: unknown): unknown =>
  mapped(settings, '', (value) => (typeof value === 'string' ? value : 'from elsewhere'))

/** The settings with each file of a value, and the root of a local drive, as an absolute path; they are relative to `directory`. */
export const withAbsolutePaths = (settings: unknown, directory: string): unknown => {
  const absolute = (file: string): string => (file.startsWith('${') ? file : resolve(directory, file))
  const moved = mapped(settings, '', (value) =>
    typeof value !== 'string' && 'file' in value ? { file: absolute(value.file) } : value,
  )
  return isRecord(moved) && moved['type'] === 'local' && typeof moved['root'] === 'string'
    ? { ...moved, root: absolute(moved['root']) }
    : moved
}

/**
 * The settings, with each `"${NAME}"` replaced by the variable, each `{ "file": … }` by what the file holds, and each `{ "command": […] }` by
 * what the command prints. Commands run without a shell. The root of a local drive is absolute. A left names the first value that cannot be had.
 */
export const resolveValues = (settings: unknown, sources: Sources): E.Either<Unresolved, unknown> => {
  try {
    const values = mapped(settings, '', (value, at) =>
      typeof value === 'string' ? expand(value, at, sources) : fromSource(value, at, sources),
    )
    return E.right(withAbsolutePaths(values, sources.directory))
  } catch (u) {
    if (u instanceof Failure) return E.left(u.unresolved)
    throw u
  }
}
