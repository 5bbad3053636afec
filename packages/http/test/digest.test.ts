// Digest authentication: the examples of RFC 7616, other forms of challenges, and users outside ASCII.
import { secret } from '@anydrive/core'
import { authorization, challengeIn } from '../src'

describe('a digest', () => {
  const challenge =
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
  const md5 = challenge.replace('SHA-256', 'MD5')
  const mufasa = { user: 'Mufasa', password: secret('Circle of Life') }
  const signing = {
    method: 'GET',
    uri: '/dir/index.html',
    count: 1,
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  }
  const responseOf = (header: string, credentials = mufasa, by = signing): string => {
    const found = challengeIn(header)
    return found === undefined ? 'no challenge' : authorization(credentials, found, by)
  }

  test('of RFC 7616, 3.9.1: MD5 and SHA-256', () => {
    expect(responseOf(md5)).toContain('response="8ca523f5e9506fed4657c9700eebdbec"')
    expect(responseOf(challenge)).toContain(
      'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"',
    )
  })

  test('of RFC 7616, 3.9.2 as corrected by its erratum: the user’s name hashed by SHA-512-256', () => {
    const header =
      'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDssOS", charset=UTF-8, userhash=true'
    const jason = { user: 'Jäsøn Doe', password: secret('Secret, or not?') }
    const by = { method: 'GET', uri: '/doe.json', count: 1, cnonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm' }
    expect(responseOf(header, jason, by)).toContain(
      'username="793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"',
    )
  })

  test('of the strongest challenge, whatever stands beside it', () => {
    expect(challengeIn(`Basic realm="x", ${md5}, ${challenge}, Negotiate`)?.algorithm).toBe('SHA-256')
    expect(challengeIn('Basic realm="x"')).toBeUndefined()
    expect(challengeIn('Digest realm="x", nonce="n", qop="auth-int"')).toBeUndefined()
    expect(challengeIn('Digest realm="x", nonce="n", algorithm=SHA-3')).toBeUndefined()
  })

  test('without qop is that of RFC 2069, and a session’s key holds both nonces', () => {
    const old = 'Digest realm="r", nonce="n"'
    expect(responseOf(old)).not.toMatch(/qop|nc=|cnonce/)
    const session = responseOf('Digest realm="r", nonce="n", algorithm=MD5-sess, qop="auth"')
    expect(session).toMatch(/algorithm=MD5-sess.*cnonce=/)
    expect(session).not.toContain(
      /response="\w+"/.exec(responseOf('Digest realm="r", nonce="n", qop="auth"'))?.[0] ?? '?',
    )
  })

  test('has the user in quotes, as UTF-8 where the challenge names no charset', () => {
    const user = (name: string, charset = '') =>
      responseOf(`Digest realm="r", nonce="n"${charset}`, { ...mufasa, user: name })
    expect(user('a"b\\c')).toContain('username="a\\"b\\\\c"')
    expect(user('é', ', charset=UTF-8')).toContain("username*=UTF-8''%C3%A9")
    for (const name of ['é', '日本', '😀"'])
      expect(Buffer.from(user(name), 'latin1').toString()).toContain(`username="${name.replace('"', '\\"')}"`)
  })
})
