// Whatever form a service repeats a secret in, no text for people holds it.
import fc from 'fast-check'
import { DriveException, path, secret, withoutSecrets, type Fault } from '@anydrive/core'
import { locate, rateLimited, unavailable, unexpectedResponse, visible } from '@anydrive/core/adapter'

const value = 'Tk/9+x=é"q\\z-Long_Value'
const phrase = 'a pass phrase\twith 😀 in it'
const held = [value, 'hush', 'plain-token-0123456789', phrase].map(secret)
const at = locate({ vendor: 'v', operation: 'stat', path: path('a') })

const everyByte = (text: string): string =>
  [...Buffer.from(text)].map((b) => `%${b.toString(16).padStart(2, '0')}`).join('')
const everyUnit = (text: string): string =>
  Array.from({ length: text.length }, (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')
const forms: ReadonlyArray<readonly [string, (text: string) => string]> = [
  ['as it is', (text) => text],
  ['in upper case', (text) => text.toUpperCase()],
  ['percent-encoded', encodeURIComponent],
  ['percent-encoded twice', (text) => encodeURIComponent(encodeURIComponent(text))],
  ['percent-encoded byte by byte', everyByte],
  ['in JSON', (text) => JSON.stringify(text)],
  ['in JSON within JSON', (text) => JSON.stringify(JSON.stringify({ text }))],
  ['in escapes of JSON', everyUnit],
  ['in XML', (text) => text.replaceAll('"', '&quot;').replaceAll('é', '&#xE9;')],
  ['in base64', (text) => Buffer.from(text).toString('base64')],
  ['in base64 after a name', (text) => Buffer.from(`user:${text}`).toString('base64')],
  ['in base64 of URLs', (text) => Buffer.from(`ab${text}c`).toString('base64url')],
  ['in base64 of mail', (text) => Buffer.from(text).toString('base64').replace(/.{12}/g, '$&\r\n')],
  ['in a form', (text) => new URLSearchParams({ a: text }).toString().slice(2)],
  [
    'in escapes with braces',
    (text) => Array.from(text, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`).join(''),
  ],
  ['in escapes of scripts', (text) => everyUnit(text).replaceAll('\\', '%')],
  ['in octal escapes', (text) => [...Buffer.from(text)].map((b) => `\\${b.toString(8).padStart(3, '0')}`).join('')],
  ['on several lines', (text) => text.replace(/.{5}/gu, '$&\n')],
  ['in another Unicode form', (text) => text.normalize('NFD')],
  ['read as Latin-1', (text) => Buffer.from(text).toString('latin1')],
  ['in hexadecimal', (text) => Buffer.from(text).toString('hex').toUpperCase()],
]

describe.each(forms)('a secret %s', (_, form) => {
  test.each([value, 'plain-token-0123456789', phrase])('is taken out of a text', (its) => {
    const echoed = form(its)
    const shown = withoutSecrets(`before ${echoed} after`)
    expect(shown).toMatch(/^before .*\[secret\].* after$/s)
    expect(shown).not.toContain(echoed.slice(1, -1))
  })

  test('is in no field of an error, nor in what is thrown', () => {
    const said = form(value)
    const issues = [{ at: said, expected: 'a number', got: `the refusal ${said}` }]
    const faults: ReadonlyArray<Fault> = [
      unavailable({ code: said, said: `no ${said}`, requestId: said, effect: 'none' }),
      unexpectedResponse({ effect: 'none', issues }),
      rateLimited({ code: said }),
    ]
    for (const fault of faults) {
      const error = at(fault)
      const exception = new DriveException(error)
      const everything = JSON.stringify([error, exception.message, exception.stack])
      expect(everything).toContain('[secret]')
      expect(everything).not.toContain(said)
    }
  })
})

test('a secret across the end of what is shown is taken out, too', () => {
  const text = `${'x'.repeat(990)} plain-token-0123456789 ${'y'.repeat(3000)}`
  expect(at(unavailable({ said: text, effect: 'none' })).said).toContain('[secret]')
})

test.each([
  ['p%E4ssw%f6rd-1234', 'pässwörd-1234'],
  [String.raw`\xc4\xe9-\xe4\351-key`, 'Äé-äé-key'],
])('a secret whose bytes of Latin-1 are escaped, %s, is taken out', (echoed, its) => {
  const holder = secret(its)
  expect(withoutSecrets(`no ${echoed} here`)).toBe('no [secret] here')
  expect(holder).toBeDefined()
})

test('a short secret is taken out as a word, not out of words', () => {
  expect(withoutSecrets('to\nhush\nthem, hush\r\nhour')).toBe('to\n[secret]\nthem, [secret]\r\nhour')
  expect(withoutSecrets('hush, hushed, HUSH')).toBe('[secret], hushed, [secret]')
})

test('a signed URL is known by what signs it', () => {
  const signed = secret('https://h/a?q-signature=0a1b2c3d4e5f&limit=10000000&X-Amz-Credential=AKIDEXAMPLE%2F2026')
  expect(withoutSecrets('0a1b2c3d4e5f 10000000 akidexample/2026')).toBe('[secret] 10000000 [secret]')
  expect(signed).toBeDefined()
})

test('other texts stay as they are', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(withoutSecrets(text)).toBe(text)
    }),
  )
  expect(held).toHaveLength(4)
})

test('what a terminal would act on is visible, and JSON stays JSON', () => {
  const text = 'a\u001b[31m\u0007\r\n\u009b2J\u202e\u2066\u200f\u061c\u200b\ufeff\u206a'
  expect(visible(text)).toBe(
    'a\\u001b[31m\\u0007\\u000d\\u000a\\u009b2J\\u202e\\u2066\\u200f\\u061c\\u200b\\ufeff\\u206a',
  )
  const json = JSON.stringify({ text })
  expect(JSON.parse(visible(json))).toEqual({ text })
})
