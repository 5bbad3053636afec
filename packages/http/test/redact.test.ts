// Nothing that could be a secret is left in what is logged.
import fc from 'fast-check'
import { redact } from '../src'

describe('redacting', () => {
  test.each([
    ['https://h/a/b?access_token=abc123&limit=10&move', 'https://h/a/b?access_token=[secret]&limit=10&move'],
    ['https://h/?library_secret=plain', 'https://h/?library_secret=[secret]'],
    [
      'https://h/o?X-Amz-Signature=0a1b&X-Amz-Credential=AK',
      'https://h/o?X-Amz-Signature=[secret]&X-Amz-Credential=[secret]',
    ],
    ['https://h/o?q-sign-algorithm=sha1&q-signature=ff', 'https://h/o?q-sign-algorithm=[secret]&q-signature=[secret]'],
    ['https://h/o?sign=q-sign-algorithm%3Dsha1', 'https://h/o?sign=[secret]'],
    ['https://user:pass@h/o', 'https://h/o'],
    ['https://h/o?odd=eyJhbGciOiJIUzI1NiJ9', 'https://h/o?odd=[secret]'],
    ['https://h/o?order=desc&by=modification_time', 'https://h/o?order=desc&by=modification_time'],
    ['Authorization: Bearer abc.def', 'Authorization: Bearer [secret]'],
    ['{"code":"NoPermission","accessToken":"abc","n":1}', '{"code":"NoPermission","accessToken":"[secret]","n":1}'],
    [
      'see https://h/x?token=t1 and https://h/y?uploadId=77',
      'see https://h/x?token=[secret] and https://h/y?uploadId=77',
    ],
  ])('%s', (text, expected) => {
    expect(redact(text)).toBe(expected)
  })

  test.each([
    ['question marks', '?'.repeat(2_000_000)],
    ['parameters without values', '?a&'.repeat(700_000)],
    ['slashes', '/'.repeat(2_000_000)],
    ['quotes', '"'.repeat(2_000_000)],
    ['names in quotes', '"a":'.repeat(500_000)],
    ['a value that never closes', `"token":"${'\\"'.repeat(1_000_000)}`],
    ['blanks after a scheme', `Bearer ${' '.repeat(2_000_000)}`],
  ])('ends in time in proportion to %s', (_, text) => {
    expect(redact(text).length).toBeGreaterThan(0)
  })

  test('hides a token under any name that says so', () => {
    const names = fc.constantFrom(
      'access_token',
      'library_secret',
      'X-Amz-Signature',
      'q-signature',
      'sign',
      'apiKey',
      'SessionId',
    )
    const values = fc.stringMatching(/^[A-Za-z0-9+/=_.-]{8,64}$/)
    fc.assert(
      fc.property(names, values, (name, value) => {
        expect(redact(`https://h/p?${name}=${encodeURIComponent(value)}`)).toBe(`https://h/p?${name}=[secret]`)
      }),
    )
  })
})
