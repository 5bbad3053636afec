// The shape of a drive's settings, derived from the codec of its adapter: for the JSON Schema and for the questions of init.
import { Secret } from '@anydrive/core'
import type * as t from 'io-ts'

interface Field {
  readonly shape: Shape
  readonly isRequired: boolean
}
/** `about` completes "expected …". */
export type Shape =
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, Field>; readonly isOpen: boolean }
  | { readonly kind: 'union'; readonly branches: ReadonlyArray<Shape> }
  | { readonly kind: 'list'; readonly item: Shape }
  | { readonly kind: 'constant'; readonly value: string | number | boolean }
  | { readonly kind: 'choice'; readonly values: ReadonlyArray<string> }
  | { readonly kind: 'number'; readonly about: string; readonly isInteger: boolean; readonly minimum?: number }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'secret' }
  | { readonly kind: 'text'; readonly about: string }
  | { readonly kind: 'any' }
type ShapeOf<K extends Shape['kind']> = Extract<Shape, { readonly kind: K }>

/** The parts of io-ts codecs that are read here. */
interface Codec {
  readonly _tag?: string
  readonly name: string
  readonly is: (u: unknown) => boolean
  readonly value?: string | number | boolean
  readonly keys?: Readonly<Record<string, unknown>>
  readonly type?: Codec
  readonly types?: ReadonlyArray<Codec>
  readonly props?: Readonly<Record<string, Codec>>
}

const fieldsOf = ({ props = {} }: Codec, isRequired: boolean): ReadonlyMap<string, Field> =>
  new Map(Object.entries(props).map(([key, codec]) => [key, { shape: shape(codec), isRequired }]))

const merged = (shapes: ReadonlyArray<Shape>): Shape => {
  const objects = shapes.filter((one): one is ShapeOf<'object'> => one.kind === 'object')
  if (objects.length < shapes.length) return { kind: 'any' }
  return {
    kind: 'object',
    fields: new Map(objects.flatMap(({ fields }) => [...fields])),
    isOpen: objects.some(({ isOpen }) => isOpen),
  }
}

const samples = [0, 1, 2 ** 20, 2 ** 24, 2 ** 31]

/** A refined codec does not say what it refines: a number is one that accepts numbers. */
const refined = ({ name, is }: Codec): Shape => {
  if (![...samples, 0.5, 1.5].some(is)) return { kind: 'text', about: name }
  const isInteger = !is(0.5) && !is(1.5)
  const minimum = is(0) ? 0 : isInteger ? samples.find(is) : undefined
  return { kind: 'number', about: name, isInteger, ...(minimum === undefined || minimum > 1 ? {} : { minimum }) }
}

const shape = (codec: Codec): Shape => {
  if (codec.name === Secret.name && codec._tag === undefined) return { kind: 'secret' }
  const { types = [], type } = codec
  switch (codec._tag) {
    case 'InterfaceType':
    case 'PartialType':
      return { kind: 'object', fields: fieldsOf(codec, codec._tag === 'InterfaceType'), isOpen: false }
    case 'IntersectionType':
      return merged(types.map(shape))
    case 'UnionType':
      return { kind: 'union', branches: types.map(shape) }
    case 'ExactType':
    case 'ReadonlyType':
    case 'RefinementType':
      return type === undefined ? { kind: 'any' } : shape(type)
    case 'ArrayType':
    case 'ReadonlyArrayType':
      return { kind: 'list', item: type === undefined ? { kind: 'any' } : shape(type) }
    case 'LiteralType':
      return codec.value === undefined ? { kind: 'any' } : { kind: 'constant', value: codec.value }
    case 'KeyofType':
      return { kind: 'choice', values: Object.keys(codec.keys ?? {}) }
    case 'StringType':
      return { kind: 'text', about: 'text' }
    case 'NumberType':
      return { kind: 'number', about: 'a number', isInteger: false }
    case 'BooleanType':
      return { kind: 'boolean' }
    case undefined:
      return refined(codec)
    default:
      return { kind: 'any' }
  }
}

export const shapeOf = (codec: t.Any): Shape => shape(codec)

/** The field at a path below the shape, in whichever branch of a union has it. */
export const fieldAt = (from: Shape, [key, ...rest]: ReadonlyArray<string>): Shape | undefined => {
  if (key === undefined) return from
  if (from.kind === 'union')
    return from.branches.map((branch) => fieldAt(branch, [key, ...rest])).find((found) => found !== undefined)
  const field = from.kind === 'object' ? from.fields.get(key) : undefined
  return field === undefined ? undefined : fieldAt(field.shape, rest)
}

/** The key whose constant distinguishes the branches of a union, such as `kind`; undefined for other unions. */
export const tagOf = ({ branches }: ShapeOf<'union'>): string | undefined => {
  const [first] = branches
  if (first?.kind !== 'object') return undefined
  return [...first.fields.keys()].find((key) =>
    branches.every((branch) => branch.kind === 'object' && branch.fields.get(key)?.shape.kind === 'constant'),
  )
}

/** The values of the tag, in the order of the branches. */
export const tagsOf = ({ branches }: ShapeOf<'union'>, tag: string): ReadonlyArray<string> =>
  branches.flatMap((branch) => {
    const own = branch.kind === 'object' ? branch.fields.get(tag)?.shape : undefined
    return own?.kind === 'constant' ? [String(own.value)] : []
  })
