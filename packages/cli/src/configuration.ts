// anydrive.json: finds it, reads it, and opens its drives.
import type { ConfigurationError, DriveProvider, Environment } from '@anydrive/core'
import { decodeSettings, settingKeys, showIssues } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as t from 'io-ts'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { codeText } from './error-code'
import type { Io } from './io'
import { isRecord, parseJson, type JsonText, type Position } from './json-text'
import { ofConfiguration, usage, type Problem } from './problem'
import { registry } from './registry'
import { resolveValues } from './setting-values'
import { tokenStore } from './token-store'
import { userDirectory } from './user-directory'

const fileName = 'anydrive.json'
const File = t.exact(
  t.intersection([t.type({ drives: t.record(t.string, t.unknown) }), t.partial({ $schema: t.string })]),
  'anydrive.json',
)

export interface Configuration {
  /** Where it was read from. */
  readonly file: string
  /** The settings by name. They hold secrets, and are never printed. */
  readonly drives: { readonly [name: string]: unknown }
  readonly text: JsonText
}

/** In the directory, or in the nearest one above it that has the file. */
const findUpward = (from: string): string | undefined => {
  for (let dir = from; ; dir = dirname(dir)) {
    const file = join(dir, fileName)
    if (existsSync(file)) return file
    if (dirname(dir) === dir) return undefined
  }
}

type Place = Pick<Io, 'cwd' | 'env'>

/** Where `init` creates the file if there is none. */
export const userFile = ({ env }: Place): string | undefined => {
  const directory = userDirectory('config', env)
  return directory === undefined ? undefined : join(directory, fileName)
}

/** The file of `--config`; else the one in the working directory or above, of `$ANYDRIVE_CONFIG`, or of the user. Only the first and the third may not exist. */
export const findConfiguration = (named: string | undefined, place: Place): string | undefined => {
  if (named !== undefined) return resolve(place.cwd, named)
  const found = findUpward(place.cwd)
  if (found !== undefined) return found
  const variable = place.env['ANYDRIVE_CONFIG'] ?? ''
  if (variable !== '') return resolve(place.cwd, variable)
  const own = userFile(place)
  return own !== undefined && existsSync(own) ? own : undefined
}

const at = (file: string, { line, column }: Position): string => `${file}:${line}:${column}`

const decode = (file: string, content: string): E.Either<Problem, Configuration> =>
  pipe(
    parseJson(content),
    E.mapLeft(({ reason, ...position }) =>
      usage(`${at(file, position)} is not JSON: ${reason}`, 'Check its commas, quotes and braces.'),
    ),
    E.flatMap((text) =>
      pipe(
        decodeSettings(File, text.value),
        E.mapLeft((error) => {
          const issues = error._tag === 'InvalidSettings' ? error.issues : []
          const isUnknown = issues[0]?.got === 'unknown key'
          const said = isUnknown ? showIssues(issues) : 'it needs "drives": an object of settings by name'
          const position = text.positionOf(isUnknown ? (issues[0]?.at ?? '') : 'drives')
          return usage(`${at(file, position)}: ${said}`, 'anydrive init adds a drive to the file.')
        }),
        E.map(({ drives }) => ({ file, drives, text })),
      ),
    ),
  )

export const readFile = (file: string): E.Either<Problem, Configuration> =>
  pipe(
    E.tryCatch(
      () => readFileSync(file, 'utf8'),
      (u) => usage(`${file} cannot be read${codeText(u)}`),
    ),
    E.flatMap((content) => decode(file, content)),
  )

/** `undefined`: there is no such file, and none was named. */
export const readConfiguration = (
  named: string | undefined,
  place: Place,
): E.Either<Problem, Configuration | undefined> => {
  const file = findConfiguration(named, place)
  return file === undefined ? E.right(undefined) : readFile(file)
}

export const noConfiguration = (before = ''): Problem =>
  usage(
    `${before}there is no ${fileName} here or above, in $ANYDRIVE_CONFIG, or in the configuration directory of the user`,
    'Create one with anydrive init, or name it with --config FILE; a directory of this machine is local:PATH.',
  )

const known = (configuration: Configuration, name: string): E.Either<Problem, unknown> => {
  const { file, drives } = configuration
  if (Object.hasOwn(drives, name)) return E.right(drives[name])
  const names = Object.keys(drives)
  return E.left(
    usage(
      `no drive ${JSON.stringify(name)} in ${file}`,
      names.length === 0
        ? 'Add it with anydrive init.'
        : `It has ${names.join(', ')}; a directory of this machine is local:PATH.`,
    ),
  )
}

const resolvedSettings = new WeakMap<Configuration, Map<string, E.Either<Problem, unknown>>>()

/** The settings of a drive with the values from the environment, from files and from commands. A command runs once, however often the drive is opened. */
export const settingsOf = (configuration: Configuration, name: string, env: Io['env']): E.Either<Problem, unknown> => {
  const { file, text } = configuration
  const before = resolvedSettings.get(configuration) ?? new Map<string, E.Either<Problem, unknown>>()
  resolvedSettings.set(configuration, before)
  const settings =
    before.get(name) ??
    pipe(
      known(configuration, name),
      E.flatMap((own) =>
        pipe(
          resolveValues(own, { env, directory: dirname(file) }),
          E.mapLeft((it) =>
            usage(`${at(file, text.positionOf(`drives.${name}.${it.at}`))}: drive ${name}: ${it.message}`, it.remedy),
          ),
        ),
      ),
    )
  before.set(name, settings)
  return settings
}

/** Where each issue is; the message names the first position at its beginning. */
const ofSettings = (error: ConfigurationError, { file, text }: Configuration, name: string): Problem => {
  const position = (place: string): Position => text.positionOf(`drives.${name}.${place}`)
  if (error._tag === 'UnknownDriveType') return ofConfiguration(error, `${at(file, position('type'))}: drive ${name}`)
  const [first, ...others] = error.issues.map((issue) => {
    const { line, column } = position(issue.at)
    return { said: showIssues([issue]), line, column }
  })
  const message = [
    first?.said ?? error.message,
    ...others.map(({ said, line, column }) => `${said} (line ${line}, column ${column})`),
  ].join('; ')
  return ofConfiguration({ ...error, message }, `${at(file, first ?? position(''))}: drive ${name}`)
}

export interface Opening {
  readonly env: Io['env']
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
): E.Either<Problem, DriveProvider> =>
  configuration === undefined
    ? E.left(noConfiguration(`no drive ${JSON.stringify(name)}: `))
    : pipe(
        settingsOf(configuration, name, env),
        E.flatMap((settings) =>
          E.mapLeft((error: ConfigurationError) => ofSettings(error, configuration, name))(
            registry.openUnknown(paced(settings, rate), { tokens: tokenStore(env), ...environment }),
          ),
        ),
      )
