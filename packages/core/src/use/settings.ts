// Settings as adapters take them: decoded, with every key known.
import * as E from 'fp-ts/Either'
import type * as t from 'io-ts'
import { issuesOf, jsonType, showIssues } from '../contract/decode'
import type { Issue } from '../contract/errors'

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

export const invalidSettings = (type: string, issues: ReadonlyArray<Issue>): ConfigurationError => ({
  _tag: 'InvalidSettings',
  type,
  issues,
  message: `the settings of the ${type} drive are wrong: ${showIssues(issues)}`,
})

/** The parts of an io-ts codec that say which keys it knows. */
interface Codec {
  readonly _tag?: string
  readonly name: string
  readonly value?: unknown
  readonly type?: Codec
  readonly types?: ReadonlyArray<Codec>
  readonly props?: { readonly [key: string]: Codec }
}
type Props = ReadonlyMap<string, Codec>

/** Of an object's codec; undefined where any key is permitted. */
const propsOf = (codec: Codec): Props | undefined => {
  if (codec.props !== undefined) return new Map(Object.entries(codec.props))
  if (codec._tag === 'IntersectionType') {
    const parts = (codec.types ?? []).map(propsOf)
    return parts.includes(undefined) ? undefined : new Map(parts.flatMap((part) => [...(part ?? [])]))
  }
  const wraps = codec._tag === 'ExactType' || codec._tag === 'ReadonlyType' || codec._tag === 'RefinementType'
  return wraps && codec.type !== undefined ? propsOf(codec.type) : undefined
}

/** The keys that these settings know; undefined where any key is permitted. */
export const settingKeys = (codec: t.Any): ReadonlyArray<string> | undefined => {
  const props = propsOf(codec)
  return props === undefined ? undefined : [...props.keys()]
}

const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const [i, c] of Array.from(a).entries()) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++)
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (b[j] === c ? 0 : 1)))
    row = next
  }
  return row[b.length] ?? 0
}

const unknownKey = (key: string, at: string, props: Props): Issue => {
  const far = (known: string) => distance(key.slice(0, 60).toLowerCase(), known.toLowerCase())
  const [nearest] = [...props.keys()].sort((a, b) => far(a) - far(b))
  const near = nearest !== undefined && far(nearest) <= Math.max(2, Math.floor(nearest.length / 3))
  const expected = near ? `did you mean ${nearest}?` : `known keys: ${[...props.keys()].join(', ')}`
  return { at, expected, got: 'unknown key' }
}

/** The branch of a union that the value's tag selects, or what is wrong with the tag. */
const branchOf = (branches: ReadonlyArray<Codec>, value: object, at: string): Props | Issue | undefined => {
  const objects = branches.flatMap((branch) => propsOf(branch) ?? [])
  const [first] = objects
  if (first === undefined || objects.length < 2) return first
  const tag = [...first.keys()].find((key) => objects.every((props) => props.get(key)?._tag === 'LiteralType'))
  if (tag === undefined) return undefined
  const given: unknown = Object.hasOwn(value, tag) ? value[tag as keyof typeof value] : undefined
  const tags = objects.map((props) => props.get(tag)?.value)
  const expected = tags.map((one) => JSON.stringify(one)).join(' or ')
  return objects[tags.indexOf(given)] ?? { at: joined(at, tag), expected, got: jsonType(given) }
}

const joined = (at: string, key: string): string => (at === '' ? key : `${at}.${key}`)

/** Unknown keys and unknown tags, at any depth. */
const keyIssues = (
  codec: Codec | undefined,
  value: unknown,
  at: string,
  allowed: ReadonlyArray<string> = [],
): ReadonlyArray<Issue> => {
  if (codec === undefined || typeof value !== 'object' || value === null) return []
  if (Array.isArray(value))
    return codec.type === undefined ? [] : value.flatMap((one, i) => keyIssues(codec.type, one, `${at}[${i}]`))
  const props = codec._tag === 'UnionType' ? branchOf(codec.types ?? [], value, at) : propsOf(codec)
  if (props === undefined) return []
  if ('at' in props) return [props]
  return Object.entries(value).flatMap(([key, own]: [string, unknown]) => {
    if (props.has(key)) return keyIssues(props.get(key), own, joined(at, key))
    return allowed.includes(key) || own === undefined ? [] : [unknownKey(key, joined(at, key), props)]
  })
}

/**
 * The settings that a program or a file gives, decoded: secrets become `Secret`. `InvalidSettings` names every unknown key with the known one that
 * is nearest, a tag that no branch of a union has with those that exist, and else what does not decode; never a value. The key `type`, which selects
 * the adapter, may be there.
 */
export const decodeSettings = <S, Raw>(
  codec: t.Type<S, Raw>,
  input: unknown,
  type: string = codec.name,
): E.Either<ConfigurationError, S> => {
  const unknown = keyIssues(codec, input, '', ['type'])
  const decoded = codec.decode(input)
  if (unknown.length === 0 && E.isRight(decoded)) return decoded
  const places = unknown.map(({ at }) => at)
  const others = E.isLeft(decoded)
    ? issuesOf(decoded.left).filter(({ at }) => !places.some((place) => place === at || place.startsWith(`${at}.`)))
    : []
  return E.left(invalidSettings(type, [...unknown, ...others]))
}

/**
 * As `decodeSettings`, for a function that opens a drive directly: throws a `TypeError` that has the message, the `_tag`, the `type` and the `issues` of
 * the `ConfigurationError`.
 */
export const requireSettings = <S, Raw>(codec: t.Type<S, Raw>, input: unknown, type?: string): S => {
  const decoded = decodeSettings(codec, input, type)
  if (E.isLeft(decoded)) throw Object.assign(new TypeError(decoded.left.message), decoded.left)
  return decoded.right
}
