// anydrive.json: finds it, reads it, and opens its drives.
import { settingKeys, type ConfigurationError, type DriveProvider, type Environment } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as t from 'io-ts'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ofConfiguration, usage, type Problem } from './problem'
import { registry } from './registry'

const fileName = 'anydrive.json'
const isRecord = (u: unknown): u is Readonly<Record<string, unknown>> => typeof u === 'object' && u !== null
const File = t.type({ drives: t.record(t.string, t.unknown) }, 'anydrive.json')

export interface Configuration {
  /** Where it was read from. */
  readonly file: string
  /** The settings by name. They hold secrets, and are never printed. */
  readonly drives: { readonly [name: string]: unknown }
}

/** In the directory, or in the nearest one above it that has the file. */
const findUpward = (from: string): string | undefined => {
  for (let dir = from; ; dir = dirname(dir)) {
    const file = join(dir, fileName)
    if (existsSync(file)) return file
    if (dirname(dir) === dir) return undefined
  }
}

/** The message of the parser would quote the file, which may hold secrets. */
const parsed = (file: string, text: string): E.Either<Problem, unknown> =>
  E.tryCatch(
    (): unknown => JSON.parse(text),
    () => usage(`${file} is not JSON`, 'Check its commas, quotes and braces.'),
  )

const read = (file: string): E.Either<Problem, Configuration> =>
  pipe(
    E.tryCatch(
      () => readFileSync(file, 'utf8'),
      (u) => usage(`${file} cannot be read (${u instanceof Error && 'code' in u ? String(u.code) : 'error'})`),
    ),
    E.flatMap((text) => parsed(file, text)),
    E.flatMap((json) =>
      E.mapLeft(() => usage(`${file} needs "drives": an object of settings by name`))(File.decode(json)),
    ),
    E.map(({ drives }) => ({ file, drives })),
  )

/** `undefined`: there is no such file, and none was named. */
export const readConfiguration = (
  named: string | undefined,
  cwd: string,
): E.Either<Problem, Configuration | undefined> => {
  const file = named === undefined ? findUpward(cwd) : resolve(cwd, named)
  return file === undefined ? E.right(undefined) : read(file)
}

/** Replaces each `"${NAME}"` in the strings of these settings by the variable; `place` names the settings where one is not set. */
export const expandVariables = (json: unknown, env: Opening['env'], place: string): E.Either<Problem, unknown> => {
  const missing: Array<string> = []
  const expand = (value: unknown): unknown => {
    if (typeof value === 'string')
      return value.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
        const found = env[name]
        if (found === undefined) missing.push(name)
        return found ?? ''
      })
    if (Array.isArray(value)) return value.map(expand)
    return isRecord(value) ? Object.fromEntries(Object.entries(value).map(([key, own]) => [key, expand(own)])) : value
  }
  const expanded = expand(json)
  const [first] = missing
  return first === undefined
    ? E.right(expanded)
    : E.left(
        usage(
          `${place}: the environment variable ${first} is not set`,
          `Set ${first} in the environment, or write the value into the file.`,
        ),
      )
}

export interface Opening {
  readonly env: { readonly [name: string]: string | undefined }
  readonly environment: Environment
  /** Requests a second; overrides the settings. */
  readonly rate?: number | undefined
}

/** Only drives whose settings have `http` send requests, whose rate can be limited. */
const paced = (settings: unknown, rate: number | undefined): unknown => {
  if (rate === undefined || !isRecord(settings)) return settings
  const adapter = registry.adapters.find(({ type }) => type === settings['type'])
  if (adapter !== undefined && settingKeys(adapter.settings)?.includes('http') === false) return settings
  const http = settings['http']
  return { ...settings, http: { ...(isRecord(http) ? http : {}), requestsPerSecond: rate } }
}

export const openConfigured = (
  configuration: Configuration | undefined,
  name: string,
  { env, environment, rate }: Opening,
): E.Either<Problem, DriveProvider> => {
  if (configuration === undefined)
    return E.left(
      usage(
        `no drive ${JSON.stringify(name)}: there is no ${fileName} here or above`,
        'Write one, or name it with --config FILE; a directory of this machine is local:PATH.',
      ),
    )
  const { file, drives } = configuration
  if (!Object.hasOwn(drives, name)) {
    const known = Object.keys(drives)
    return E.left(
      usage(
        `no drive ${JSON.stringify(name)} in ${file}`,
        known.length === 0
          ? 'Add it to the drives in this file.'
          : `It has ${known.join(', ')}; a directory of this machine is local:PATH.`,
      ),
    )
  }
  return pipe(
    expandVariables(drives[name], env, `${file}, drive ${name}`),
    E.flatMap((settings) =>
      E.mapLeft((error: ConfigurationError) => ofConfiguration(error, `${file}, drive ${name}`))(
        registry.openUnknown(paced(settings, rate), environment),
      ),
    ),
  )
}
