// The settings of a drive that is added: from flags, and from answers on a terminal.
import * as E from 'fp-ts/Either'
import { isRecord } from './json-text'
import { usage, type Problem } from './problem'
import type { Questions } from './questions'
import { fieldAt, tagOf, tagsOf, type Shape } from './settings-shape'

/** Each value is `KEY=…`, where KEY is a path such as `auth.accessToken`. */
export interface Given {
  readonly set?: ReadonlyArray<string>
  readonly secretEnv?: ReadonlyArray<string>
  readonly secretFile?: ReadonlyArray<string>
  readonly secretCommand?: ReadonlyArray<string>
}
type Settings = Readonly<Record<string, unknown>>

const own = (settings: unknown, key: string): unknown =>
  isRecord(settings) && Object.hasOwn(settings, key) ? settings[key] : undefined

const withValue = (settings: unknown, [key = '', ...rest]: ReadonlyArray<string>, value: unknown): Settings => ({
  ...(isRecord(settings) ? settings : {}),
  [key]: rest.length === 0 ? value : withValue(own(settings, key), rest, value),
})

type Reader = (text: string, shape: Shape | undefined) => E.Either<string, unknown>

const json = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Text stays text; for a number, a yes or no, or a list the value is JSON. A text that is not what is expected is refused when the settings are decoded. */
const plainValue: Reader = (text, shape) => {
  if (shape?.kind === 'secret') return E.left('is a secret: use --secret-env, --secret-file or --secret-command')
  const isText = shape === undefined || shape.kind === 'text' || shape.kind === 'choice' || shape.kind === 'constant'
  return E.right(isText ? text : (json(text) ?? text))
}

const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/

const readers: Readonly<Record<keyof Given, readonly [flag: string, read: Reader]>> = {
  set: ['--set', plainValue],
  secretEnv: [
    '--secret-env',
    (text) => (variableName.test(text) ? E.right(`\${${text}}`) : E.left('needs the name of a variable')),
  ],
  secretFile: ['--secret-file', (text) => (text === '' ? E.left('needs a file') : E.right({ file: text }))],
  secretCommand: [
    '--secret-command',
    (text) => {
      const words = json(text)
      const isCommand = Array.isArray(words) && words.length > 0 && words.every((word) => typeof word === 'string')
      return isCommand
        ? E.right({ command: words })
        : E.left('needs a command as a JSON array, such as ["pass","work"]')
    },
  ],
}

/** The settings that the flags give. A left never holds a value. */
export const givenSettings = (given: Given, shape: Shape): E.Either<Problem, Settings> => {
  let settings: Settings = {}
  for (const [name, [flag, read]] of Object.entries(readers) as ReadonlyArray<
    readonly [keyof Given, (typeof readers)[keyof Given]]
  >)
    for (const text of given[name] ?? []) {
      const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
      if (key === undefined || value === undefined)
        return E.left(usage(`${flag} needs KEY=VALUE`, `Such as ${flag} auth.accessToken=…`))
      const path = key.split('.')
      const found = read(value, fieldAt(shape, path))
      if (E.isLeft(found)) return E.left(usage(`${flag}: ${key} ${found.left}`))
      settings = withValue(settings, path, found.right)
    }
  return E.right(settings)
}

const secretSources = ['an environment variable', 'a file', 'a command', 'typed now, and stored in the file'] as const

const askSecret = async (at: string, { ask, askHidden, choose }: Questions): Promise<unknown> => {
  const from = await choose(`Where does the secret ${at} come from?`, secretSources)
  if (from === secretSources[0]) return `\${${await ask('Name of the variable:')}}`
  if (from === secretSources[1]) return { file: await ask('File:') }
  if (from === secretSources[2]) {
    const text = await ask('Command (words, or a JSON array):')
    return { command: text.startsWith('[') ? json(text) : text.split(/\s+/) }
  }
  return askHidden(`${at}:`)
}

const none = 'none'

const askField = async (shape: Shape, at: string, isRequired: boolean, questions: Questions): Promise<unknown> => {
  const optional = isRequired ? '' : ' (Enter for none)'
  switch (shape.kind) {
    case 'secret':
      if (!isRequired && (await questions.choose(`Set ${at}?`, ['no', 'yes'])) === 'no') return undefined
      return askSecret(at, questions)
    case 'object':
      return completedSettings(shape, {}, at, questions)
    case 'union': {
      const tag = tagOf(shape)
      if (tag === undefined) break
      const tags = tagsOf(shape, tag)
      const chosen = await questions.choose(`Which ${tag} of ${at}?`, isRequired ? tags : [...tags, none])
      return chosen === none ? undefined : completedSettings(shape, { [tag]: chosen }, at, questions)
    }
    case 'choice':
      return questions.choose(`${at}?`, shape.values)
    case 'constant':
      return shape.value
  }
  const about = shape.kind === 'text' || shape.kind === 'number' ? `, ${shape.about}` : ''
  for (;;) {
    const text = await questions.ask(`${at}${about}${optional}:`)
    if (text !== '') return E.getOrElse((): unknown => text)(plainValue(text, shape))
    if (!isRequired) return undefined
  }
}

/** Optional settings are asked for only if they decide who signs in. */
const isAsked = ({ kind }: Shape, isRequired: boolean, at: string): boolean =>
  isRequired || kind === 'secret' || (kind === 'union' && at === 'auth')

/** The settings, completed by answers: what a drive needs, in the order of its codec. */
export const completedSettings = async (
  shape: Shape,
  settings: Settings,
  at: string,
  questions: Questions,
): Promise<Settings> => {
  const branch = branchOf(shape, settings)
  if (branch?.kind !== 'object') return settings
  let completed = settings
  for (const [key, field] of branch.fields) {
    const place = at === '' ? key : `${at}.${key}`
    const before = own(settings, key)
    if (before === undefined && !isAsked(field.shape, field.isRequired, place)) continue
    const value =
      before === undefined
        ? await askField(field.shape, place, field.isRequired, questions)
        : isRecord(before) && (field.shape.kind === 'object' || field.shape.kind === 'union')
          ? await completedSettings(field.shape, before, place, questions)
          : before
    if (value !== undefined) completed = { ...completed, [key]: value }
  }
  return completed
}

/** Of a union, the branch that the tag of the settings selects. */
const branchOf = (shape: Shape, settings: Settings): Shape | undefined => {
  if (shape.kind !== 'union') return shape
  const tag = tagOf(shape)
  return tag === undefined ? undefined : shape.branches[tagsOf(shape, tag).indexOf(String(own(settings, tag)))]
}
