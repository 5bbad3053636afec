// Which adapters there are: from a plain configuration value to a drive.
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { issuesOf, showIssues, type Capabilities, type DriveProvider, type Issue, type Surroundings } from '../contract'

export interface Adapter<Type extends string, S, Raw, D extends DriveProvider = DriveProvider> {
  readonly type: Type
  /** From JSON; secrets become `Secret` in decoding. */
  readonly settings: t.Type<S, Raw>
  readonly capabilities: (settings: S) => Capabilities
  /** Synchronous; sends nothing. */
  readonly open: (settings: S, surroundings?: Surroundings) => D
}
/** Infers the four parameters and keeps them. */
export const defineAdapter = <const Type extends string, S, Raw, D extends DriveProvider>(
  adapter: Adapter<Type, S, Raw, D>,
): Adapter<Type, S, Raw, D> => adapter

// A registry holds adapters of any settings, and `S` stands on both sides of `Adapter`, so no other type admits them all.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyAdapter = Adapter<string, any, any>

type RawOf<A> = A extends Adapter<infer Type, infer _S, infer Raw> ? { readonly type: Type } & Raw : never
type DriveOf<A> = A extends Adapter<string, infer _S, infer _R, infer D> ? D : never

export type ConfigurationError =
  | {
      readonly _tag: 'UnknownDriveType'
      readonly type: string
      readonly known: ReadonlyArray<string>
      readonly message: string
    }
  | {
      readonly _tag: 'InvalidSettings'
      readonly type: string
      readonly issues: ReadonlyArray<Issue>
      readonly message: string
    }
  | { readonly _tag: 'MissingVariable'; readonly name: string; readonly at: string; readonly message: string }

export interface Registry<A extends AnyAdapter> {
  readonly types: ReadonlyArray<A['type']>
  readonly adapters: ReadonlyArray<A>
  /** Written in the program: checked when compiled, completed in the editor, and decoded all the same. */
  readonly open: <const C extends RawOf<A>>(
    configuration: C,
    surroundings?: Surroundings,
  ) => E.Either<ConfigurationError, DriveOf<Extract<A, { readonly type: C['type'] }>>>
  /** Read from somewhere. */
  readonly openUnknown: (
    configuration: unknown,
    surroundings?: Surroundings,
  ) => E.Either<ConfigurationError, DriveProvider>
}

const Typed = t.type({ type: t.string }, 'Drive')

const invalid = (type: string, issues: ReadonlyArray<Issue>): ConfigurationError => ({
  _tag: 'InvalidSettings',
  type,
  issues,
  message: `the settings of the ${type} drive are wrong: ${showIssues(issues)}`,
})

export const createRegistry = <const A extends AnyAdapter>(adapters: ReadonlyArray<A>): Registry<A> => {
  const openUnknown: Registry<A>['openUnknown'] = (configuration, surroundings) => {
    const typed = Typed.decode(configuration)
    if (E.isLeft(typed)) return E.left(invalid('unnamed', issuesOf(typed.left)))
    const { type } = typed.right
    const adapter = adapters.find((a) => a.type === type)
    if (adapter === undefined) {
      const known = adapters.map((a) => a.type)
      return E.left({
        _tag: 'UnknownDriveType',
        type,
        known,
        message: `no drive type ${JSON.stringify(type)}; known: ${known.join(', ')}`,
      })
    }
    const settings: E.Either<t.Errors, unknown> = adapter.settings.decode(configuration)
    return E.isLeft(settings)
      ? E.left(invalid(type, issuesOf(settings.left)))
      : E.right(adapter.open(settings.right, surroundings))
  }
  return {
    types: adapters.map((a) => a.type),
    adapters,
    open: openUnknown as Registry<A>['open'],
    openUnknown,
  }
}

/** Replaces each `"${NAME}"` in the strings of a JSON value; a name that is not set is `MissingVariable`. */
export const expandEnvironment = (
  json: unknown,
  environment: { readonly [name: string]: string | undefined },
): E.Either<ConfigurationError, unknown> => {
  const missing: Array<{ readonly name: string; readonly at: string }> = []
  const expand = (value: unknown, at: string): unknown => {
    if (typeof value === 'string')
      return value.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
        const found = environment[name]
        if (found === undefined) missing.push({ name, at })
        return found ?? ''
      })
    if (Array.isArray(value)) return value.map((v, i) => expand(v, `${at}[${i}]`))
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, expand(v, at === '' ? k : `${at}.${k}`)]))
    return value
  }
  const expanded = expand(json, '')
  const [first] = missing
  return first === undefined
    ? E.right(expanded)
    : E.left({
        _tag: 'MissingVariable',
        ...first,
        message: `the environment variable ${first.name} is not set; ${first.at || 'the configuration'} needs it`,
      })
}
