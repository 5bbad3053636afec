import { authorizationOf, canonicalRequest, sha256, signatureOf, signingDate, type Signable } from '../src/session'

// The vectors prove that we and the emulator follow one reading of the page, not that the service does.
const headers = { host: '127.0.0.1:8080', 'x-date': '20251103T070140Z', 'x-user-id': '1505084218764547200' }
const creating: Signable = {
  method: 'POST',
  segments: ['koodrive', 'ose', 'v1', 'directory'],
  query: [],
  headers,
  body: '{"containerId":"IAADemoContainer","fileName":"ttgg","fileType":"10","parentFolder":["root"],"renameMode":3}',
}
const listing: Signable = {
  method: 'GET',
  segments: ['koodrive', 'ose', 'v1', 'jobs'],
  query: [
    ['offset', '0'],
    ['limit', '10'],
  ],
  headers,
  body: '',
}

test('a request with a body is signed as documented', () => {
  expect(sha256(creating.body)).toBe('d609aba3bb5908add79b18cbbd7090482784280464f3ee25a2c87e53463ad011')
  expect(sha256(canonicalRequest(creating))).toBe('ea2ea74e7406ee1ff642e325fe3595f7455f047157f0bb03065b4ad0d87471c8')
  expect(signatureOf(creating, 'demo-app-secret')).toBe(
    '1f82c6494a9ce7759b4cbbd79be300fa2f8ffec3a8413ebc9e37724b66c0a93b',
  )
})

test('a request with a query and no body is signed as documented, the query sorted', () => {
  expect(sha256(listing.body)).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  expect(sha256(canonicalRequest(listing))).toBe('a724e0c352f123fec51ce08184427514352263278dc4c238e54d895199f2f38d')
  expect(signatureOf(listing, 'demo-app-secret')).toBe(
    'b72a2a1823a4aa9afc8413a2b829522df7cb1e858487d1a44b7fec8514c17014',
  )
})

test('the header names the signed headers in order, and blanks nowhere but after the algorithm', () => {
  expect(authorizationOf(listing, { appId: 'demo-app-id', appSecret: 'demo-app-secret' })).toBe(
    'HMAC-SHA256 AppId=demo-app-id,SignedHeaders=host;x-date;x-user-id,' +
      'Signature=b72a2a1823a4aa9afc8413a2b829522df7cb1e858487d1a44b7fec8514c17014',
  )
})

test('the canonical path is encoded segment by segment and ends in a slash', () => {
  const odd = canonicalRequest({ ...listing, segments: ['a b', 'ü*'], query: [['n', '']] })
  expect(odd.split('\n').slice(0, 3)).toEqual(['GET', '/a%20b/%C3%BC%2A/', 'n='])
})

test('the date is UTC to the second', () => {
  expect(signingDate(Date.UTC(2025, 10, 3, 7, 1, 40, 999))).toBe('20251103T070140Z')
})
