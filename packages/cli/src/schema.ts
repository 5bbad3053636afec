// The JSON Schema of anydrive.json, for editors: derived from the codecs of the adapters.
import { registry } from './registry'
import { shapeOf, type Shape } from './settings-shape'

type Json = Readonly<Record<string, unknown>>

const variable = { type: 'string', pattern: '\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}' }
const elsewhere = [{ $ref: '#/definitions/file' }, { $ref: '#/definitions/command' }]

const definitions = {
  file: {
    description: 'Takes the value from a file; a relative path begins at the directory of this file.',
    type: 'object',
    properties: { file: { type: 'string' } },
    required: ['file'],
    additionalProperties: false,
  },
  command: {
    description: 'Takes the value from the output of a command, which runs without a shell.',
    type: 'object',
    properties: { command: { type: 'array', items: { type: 'string' }, minItems: 1 } },
    required: ['command'],
    additionalProperties: false,
  },
}

const object = (fields: ReadonlyArray<readonly [string, Json, boolean]>, isOpen = false): Json => {
  const required = fields.filter(([, , isRequired]) => isRequired).map(([key]) => key)
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(([key, schema]) => [key, schema])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: isOpen,
  }
}

/** Text may come from elsewhere, and may contain the names of variables. */
const schemaOf = (shape: Shape): Json => {
  switch (shape.kind) {
    case 'object':
      return object(
        [...shape.fields].map(([key, field]) => [key, schemaOf(field.shape), field.isRequired] as const),
        shape.isOpen,
      )
    case 'union':
      return { anyOf: shape.branches.map(schemaOf) }
    case 'list':
      return { type: 'array', items: schemaOf(shape.item) }
    case 'constant':
      return { const: shape.value }
    case 'choice':
      return { anyOf: [{ enum: shape.values }, variable, ...elsewhere] }
    case 'number':
      return {
        description: shape.about,
        type: shape.isInteger ? 'integer' : 'number',
        ...(shape.minimum === undefined ? {} : { minimum: shape.minimum }),
      }
    case 'boolean':
      return { type: 'boolean' }
    case 'secret':
      return { description: 'A secret', anyOf: [{ type: 'string', minLength: 1 }, ...elsewhere] }
    case 'text':
      return { description: shape.about, anyOf: [{ type: 'string' }, ...elsewhere] }
    case 'any':
      return {}
  }
}

const driveOf = (type: string, settings: Shape): Json => {
  const fields = settings.kind === 'object' ? [...settings.fields] : []
  return {
    title: type,
    ...object([
      ['type', { const: type }, true],
      ...fields.map(([key, field]) => [key, schemaOf(field.shape), field.isRequired] as const),
    ]),
  }
}

export const fileSchema = (): Json => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'anydrive.json',
  ...object([
    ['$schema', { type: 'string' }, false],
    [
      'drives',
      {
        description: 'The settings of each drive, by its name',
        type: 'object',
        additionalProperties: {
          anyOf: registry.adapters.map(({ type, settings }) => driveOf(type, shapeOf(settings))),
        },
      },
      true,
    ],
  ]),
  definitions,
})
