// URLs: what is written is what a standard parser reads back.
import { secret } from '@anydrive/core'
import fc from 'fast-check'
import { encodeSegment, flag, urlOf } from '../src'

const base = 'https://host.example/api/v1'
const text = fc.string({ unit: 'binary' }).filter((s) => s === Buffer.from(s).toString())

describe('a URL', () => {
  test('holds each segment, encoded, and the query in its order', () => {
    const query = { move: flag, from: 'a/b c', limit: 10, deep: true, none: undefined }
    expect(urlOf({ base, segments: ['dir', 'a/b#c?.txt'], query })).toBe(
      `${base}/dir/a%2Fb%23c%3F.txt?move&from=a%2Fb%20c&limit=10&deep=true`,
    )
  })

  test('has one slash between base and path, whether or not the base closes with one', () => {
    expect(urlOf({ base: `${base}/`, segments: ['x'] })).toBe(`${base}/x`)
    expect(urlOf({ base, segments: ['x'] })).toBe(`${base}/x`)
  })

  test('without segments is the base as it was given', () => {
    expect(urlOf({ base: `${base}/` })).toBe(`${base}/`)
  })

  test('that is signed already is kept as it stands, and may be given more parameters', () => {
    const signed = secret(`${base}/o?X-Amz-Signature=a%2Fb`)
    expect(urlOf({ base: signed })).toBe(`${base}/o?X-Amz-Signature=a%2Fb`)
    expect(urlOf({ base: signed, query: { partNumber: 2 } })).toBe(`${base}/o?X-Amz-Signature=a%2Fb&partNumber=2`)
  })

  test('holds the value of a secret parameter', () => {
    expect(urlOf({ base, query: { access_token: secret('t/1') } })).toBe(`${base}?access_token=t%2F1`)
  })

  test('never holds a dot segment', () => {
    expect(urlOf({ base, segments: ['..', '.', '...'] })).toBe(`${base}/%2E%2E/%2E/...`)
  })

  test('encodes all but the unreserved characters', () => {
    expect(encodeSegment("AZaz09-._~!*'();:@&=+$,/?#[] %")).toBe(
      'AZaz09-._~%21%2A%27%28%29%3B%3A%40%26%3D%2B%24%2C%2F%3F%23%5B%5D%20%25',
    )
  })

  test('of any segments gives the same segments back', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), (segments) => {
        const url = urlOf({ base, segments })
        expect(url).toMatch(/^[\x21-\x7e]+$/)
        expect(
          url
            .slice(base.length + 1)
            .split('/')
            .map(decodeURIComponent),
        ).toEqual(segments)
      }),
    )
  })

  test('of any query gives the same query back', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          text.filter((s) => s !== ''),
          text,
        ),
        (query) => {
          expect([...new URL(urlOf({ base, query })).searchParams]).toEqual(Object.entries(query))
        },
      ),
    )
  })

  test('of half a surrogate pair is still a URL', () => {
    expect(encodeSegment('\ud800')).toBe('%EF%BF%BD')
  })
})
