// The adapters of a program: from a plain configuration value to a drive.
import * as E from 'fp-ts/Either'
import type * as t from 'io-ts'
import type { Capabilities } from '../contract/capabilities'
import { jsonType } from '../contract/decode'
import type { DriveProvider, Environment } from '../contract/provider'
import { decodeSettings, invalidSettings, type ConfigurationError } from './settings'

export interface Adapter<Type extends string, S, Raw, D extends DriveProvider = DriveProvider> {
  readonly type: Type
  /** From JSON; secrets become `Secret` in decoding. */
  readonly settings: t.Type<S, Raw>
  readonly capabilities: (settings: S) => Capabilities
  /** Synchronous; sends nothing. */
  readonly open: (settings: S, environment?: Environment) => D
}
/** Infers the four parameters and keeps them. */
export const defineAdapter = <const Type extends string, S, Raw, D extends DriveProvider>(
  adapter: Adapter<Type, S, Raw, D>,
): Adapter<Type, S, Raw, D> => adapter

// A registry holds adapters of any settings, and `S` is on both sides of `Adapter`, so no other type admits them all.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyAdapter = Adapter<string, any, any>

type RawOf<A> = A extends Adapter<infer Type, infer _S, infer Raw> ? { readonly type: Type } & Raw : never
type DriveOf<A> = A extends Adapter<string, infer _S, infer _R, infer D> ? D : never

export interface Registry<A extends AnyAdapter> {
  readonly types: ReadonlyArray<A['type']>
  readonly adapters: ReadonlyArray<A>
  /** Written in the program: checked when compiled, completed in the editor, and decoded as well. */
  readonly open: <const Type extends A['type']>(
    configuration: { readonly type: Type } & RawOf<Extract<A, { readonly type: Type }>>,
    environment?: Environment,
  ) => E.Either<ConfigurationError, DriveOf<Extract<A, { readonly type: Type }>>>
  /** Read from somewhere. */
  readonly openUnknown: (
    configuration: unknown,
    environment?: Environment,
  ) => E.Either<ConfigurationError, DriveProvider>
}

const isObject = (u: unknown): u is { readonly type?: unknown } => typeof u === 'object' && u !== null

export const createRegistry = <const A extends AnyAdapter>(adapters: ReadonlyArray<A>): Registry<A> => {
  const openUnknown: Registry<A>['openUnknown'] = (configuration, environment) => {
    const type = isObject(configuration) ? configuration.type : undefined
    if (typeof type !== 'string')
      return E.left(invalidSettings('unnamed', [{ at: 'type', expected: 'string', got: jsonType(type) }]))
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
    const settings: E.Either<ConfigurationError, unknown> = decodeSettings(adapter.settings, configuration, type)
    return E.map((decoded) => adapter.open(decoded, environment))(settings)
  }
  return {
    types: adapters.map((a) => a.type),
    adapters,
    open: openUnknown as Registry<A>['open'],
    openUnknown,
  }
}
