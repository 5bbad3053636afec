// Settings: every key is known, a wrong tag says which there are, and no value is ever shown.
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { createRegistry, isSecret, Secret, type ConfigurationError } from '../src'
import { decodeSettings, defineAdapter, requireSettings, settingKeys } from '../src/adapter'
import { capabilities, toy } from './toy'

const Token = t.strict({ kind: t.literal('token'), accessToken: Secret })
const Key = t.exact(
  t.intersection([t.type({ kind: t.literal('key'), keyId: t.string }), t.partial({ period: t.number })]),
)
const Settings = t.exact(
  t.intersection([
    t.type({ baseUrl: t.string, auth: t.union([Token, Key], 'auth') }),
    t.partial({
      limits: t.exact(t.partial({ partSize: t.number, parallel: t.number })),
      spaces: t.readonlyArray(t.strict({ id: t.string })),
      headers: t.record(t.string, t.string),
      words: t.union([t.string, t.readonlyArray(t.string)]),
    }),
  ]),
  'ToySettings',
)
const good = { baseUrl: 'http://x', auth: { kind: 'token', accessToken: 'hush' } }
const wrong = (input: unknown): Extract<ConfigurationError, { _tag: 'InvalidSettings' }> => {
  const decoded = decodeSettings(Settings, input, 'toy')
  if (E.isRight(decoded) || decoded.left._tag !== 'InvalidSettings') throw new Error('InvalidSettings was expected')
  expect(decoded.left.message).not.toContain('hush')
  return decoded.left
}

test('what is right is decoded, whether a program or a file gives it', () => {
  const all = {
    ...good,
    type: 'toy',
    limits: { partSize: 1 },
    spaces: [{ id: 'a' }],
    headers: { 'x-any': '1' },
    words: ['a'],
    more: undefined,
  }
  const decoded = decodeSettings(Settings, all)
  expect(E.isRight(decoded) && decoded.right.auth.kind === 'token' && isSecret(decoded.right.auth.accessToken)).toBe(
    true,
  )
  expect(E.isRight(decodeSettings(Settings, requireSettings(Settings, good)))).toBe(true)
})

test.each([
  [{ ...good, baseURL: 'hush' }, 'baseURL: unknown key; did you mean baseUrl?'],
  [{ ...good, limit: {} }, 'limit: unknown key; did you mean limits?'],
  [{ ...good, limits: { partsize: 1 } }, 'limits.partsize: unknown key; did you mean partSize?'],
  [{ ...good, limits: { paralel: 1 } }, 'limits.paralel: unknown key; did you mean parallel?'],
  [{ ...good, limits: { chunks: 1 } }, 'limits.chunks: unknown key; known keys: partSize, parallel'],
  [{ ...good, spaces: [{ id: 'a' }, { id: 'b', ids: 1 }] }, 'spaces[1].ids: unknown key; did you mean id?'],
  [{ ...good, auth: { ...good.auth, keyId: 'x' } }, 'auth.keyId: unknown key; known keys: kind, accessToken'],
  [
    { ...good, auth: { kind: 'token', acessToken: 'hush', accessToken: 'hush' } },
    'auth.acessToken: unknown key; did you mean accessToken?',
  ],
  [JSON.parse('{"baseUrl":"x","auth":{"kind":"key","keyId":"k"},"__proto__":{"a":1}}'), '__proto__: unknown key'],
  [{ ...good, ['constructor']: 1 }, 'constructor: unknown key'],
  [{ ...good, ['x'.repeat(100_000)]: 1 }, 'unknown key; known keys'],
])('%#: an unknown key is refused by name', (input: unknown, message) => {
  expect(wrong(input).message).toContain(message)
})

test.each([
  [{ kind: 'hush' }, 'auth.kind: expected "token" or "key", got string'],
  [{ kind: 7 }, 'auth.kind: expected "token" or "key", got number'],
  [{ accessToken: 'hush' }, 'auth.kind: expected "token" or "key", got missing'],
  [{ kind: 'token', accessToken: '' }, 'auth.accessToken: expected Secret, got empty text'],
  [{ kind: 'token', accessToken: 42 }, 'auth.accessToken: expected Secret, got number'],
  [{ kind: 'token' }, 'auth.accessToken: expected Secret, got missing'],
  [{ kind: 'key', period: 1 }, 'auth.keyId: expected string, got missing'],
  ['hush', 'auth: expected'],
])('%#: wrong credentials are named', (auth, message) => {
  const error = wrong({ ...good, auth })
  expect(error.message).toContain(message)
  expect(error.issues).toHaveLength(1)
})

test('all that is wrong is told at once', () => {
  expect(wrong({ baseUrl: 7, auth: good.auth, limts: {} }).issues.map(({ at }) => at)).toEqual(['limts', 'baseUrl'])
})

test('a registry refuses the same, and a function that opens directly throws it', () => {
  const adapter = defineAdapter({
    type: 'toy',
    settings: Settings,
    capabilities: () => capabilities,
    open: () => toy().drive,
  })
  const registry = createRegistry([adapter])
  expect(registry.openUnknown({ type: 'toy', ...good, spces: [] })).toMatchObject({
    left: { _tag: 'InvalidSettings', type: 'toy', issues: [{ at: 'spces', got: 'unknown key' }] },
  })
  expect(E.isRight(registry.openUnknown({ type: 'toy', ...good }))).toBe(true)
  expect(registry.openUnknown({ type: 7 })).toMatchObject({ left: { issues: [{ at: 'type', got: 'number' }] } })
  expect(() => requireSettings(Settings, { ...good, spces: [] })).toThrow(
    new TypeError('the settings of the ToySettings drive are wrong: spces: unknown key; did you mean spaces?'),
  )
  expect(settingKeys(Settings)).toEqual(['baseUrl', 'auth', 'limits', 'spaces', 'headers', 'words'])
})
