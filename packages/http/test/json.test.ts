// Long integers, strings that look like them, and secrets.
import { secret } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import fc from 'fast-check'
import { parseJson } from '../src'
import { printJson } from '../src/json'

describe('reading JSON', () => {
  test('keeps integers that a number cannot hold, as strings', () => {
    expect(parseJson('{"crc64":11051210869376104954,"n":[-9007199254740993,9007199254740991]}')).toEqual(
      E.right({ crc64: '11051210869376104954', n: ['-9007199254740993', 9007199254740991] }),
    )
  })

  test.each([
    ['digits inside a string', '{"a":"x 11051210869376104954 y","b":"\\"11051210869376104954"}'],
    ['digits in a name', '{"11051210869376104954":1}'],
    ['a fraction', '[0.12345678901234567890]'],
    ['an exponent', '[12345678901234567890e-3,1E2]'],
    ['a backslash before a quote', '["\\\\",11,"1105121086937610"]'],
  ])('leaves %s alone', (_, text) => {
    expect(parseJson(text)).toEqual(E.right(JSON.parse(text)))
  })

  test('reads whatever JSON.stringify writes, as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        const safe = JSON.parse(text, (_, v: unknown) =>
          typeof v === 'number' && Number.isInteger(v) && !Number.isSafeInteger(v) && /^-?\d+$/.test(String(v))
            ? String(v)
            : v,
        ) as unknown
        expect(parseJson(text)).toEqual(E.right(safe))
      }),
    )
  })

  test.each(['', '{', '<html>', '{"a":1}}', 'undefined', '[01]', '[0000000000000000001]'])(
    'says that %p is malformed',
    (text) => {
      expect(parseJson(text)).toEqual(E.left('malformed'))
    },
  )

  // Each of these takes minutes where an expression starts over at every quote; the counts are of characters, not of seconds.
  test.each([
    ['quotes that are escaped and never closed', `{"a":"1234567890123456${'\\"'.repeat(2_000_000)}`],
    ['strings that open and never close', `{"a":1234567890123456,"${'"\\'.repeat(2_000_000)}`],
    ['digits without end', `[${'9'.repeat(4_000_000)}`],
    ['signs without end', `[1234567890123456${'-+'.repeat(2_000_000)}`],
  ])('ends in time in proportion to %s', (_, text) => {
    expect(parseJson(text)).toEqual(E.left('malformed'))
  })

  test('takes a string of megabytes', () => {
    const long = JSON.stringify({ a: '\\"1234567890123456'.repeat(300_000) })
    expect(parseJson(long)).toEqual(E.right(JSON.parse(long)))
  })
})

test('writing JSON reveals the secrets within', () => {
  expect(printJson({ user: 'u', keys: [secret('k')], at: new Date(0) })).toBe(
    '{"user":"u","keys":["k"],"at":"1970-01-01T00:00:00.000Z"}',
  )
  expect(printJson(secret('s'))).toBe('"s"')
})
