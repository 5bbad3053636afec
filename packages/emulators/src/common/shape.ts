// Strict mode's eye: what a query or a body has that no document of the vendor describes.

/** `?` after the type: may be missing. `integer` in a query is a text of digits. */
type FieldType = 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'strings' | 'array' | 'any'
type Field = FieldType | `${FieldType}?`
export type Shape = Readonly<Record<string, Field>>

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const tests: Readonly<Record<FieldType, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  object: isRecord,
  strings: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  array: (value) => Array.isArray(value),
  any: () => true,
}

const typeOf = (field: Field): { readonly type: FieldType; readonly optional: boolean } => {
  const optional = field.endsWith('?')
  return { type: (optional ? field.slice(0, -1) : field) as FieldType, optional }
}

/** Sentences, one a problem; none where the value is an object with exactly these fields. */
export const bodyProblems = (value: unknown, shape: Shape): ReadonlyArray<string> => {
  if (!isRecord(value)) return ['the body must be a JSON object']
  const unknown = Object.keys(value).filter((key) => !(key in shape))
  const wrong = Object.entries(shape).flatMap(([key, field]) => {
    const { type, optional } = typeOf(field)
    if (value[key] === undefined) return optional ? [] : [`field "${key}" is missing`]
    return tests[type](value[key]) ? [] : [`field "${key}" must be of type ${type}`]
  })
  return [...unknown.map((key) => `field "${key}" is not known`), ...wrong]
}

/** A list of allowed values, a pattern, or `true` for any text. */
export type QueryField = true | RegExp | ReadonlyArray<string>

export const queryProblems = (
  query: ReadonlyMap<string, string>,
  shape: Readonly<Record<string, QueryField>>,
  required: ReadonlyArray<string> = [],
): ReadonlyArray<string> => {
  const fits = (field: QueryField, value: string): boolean =>
    field === true || (field instanceof RegExp ? field.test(value) : field.includes(value))
  const wrong = [...query].flatMap(([key, value]) => {
    const field = Object.hasOwn(shape, key) ? shape[key] : undefined
    if (field === undefined) return [`parameter "${key}" is not known`]
    return fits(field, value) ? [] : [`parameter "${key}" must not be "${value}"`]
  })
  return [...wrong, ...required.filter((key) => !query.has(key)).map((key) => `parameter "${key}" is missing`)]
}
