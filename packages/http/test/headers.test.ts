// Header values: what a header can carry is sent as it is, anything else is refused by name before anything is sent.
import { mayHaveHappened, secret, type Secret } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHttp, type HttpBody } from '../src'

const sent = async (
  headers: Readonly<Record<string, string | Secret>>,
  body?: HttpBody,
): Promise<{ readonly result: E.Either<unknown, unknown>; readonly received: ReadonlyArray<string | undefined> }> => {
  const received: Array<string | undefined> = []
  const server = createServer((req, res) => {
    received.push(...Object.keys(headers).map((name) => String(req.headers[name.toLowerCase()])))
    req.resume()
    res.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const signal = new AbortController().signal
    const send = createHttp({ attempts: 3 }, { delay: () => Promise.resolve() })
    const request = {
      endpoint: 'test',
      method: 'PUT',
      base,
      headers,
      answer: 'text',
      kind: 'change',
      signal,
    } as const
    return { result: await send(body === undefined ? request : { ...request, body })(), received }
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

test.each([
  ['destination', 'http://host/日本'],
  ['X-Name', 'a\r\nx-evil: 1'],
  ['x-name', 'nul\0'],
  ['x-emoji', '😀'],
  ['if-match', '"\u007f"'],
])('a value of %s that no header can carry is refused by name, and nothing is sent', async (name, value) => {
  const { result, received } = await sent({ [name]: value })
  expect(result).toMatchObject({
    left: { _tag: 'InvalidPath', reason: expect.stringContaining(name.toLowerCase()) as string },
  })
  expect(E.isLeft(result) && mayHaveHappened(result.left as Parameters<typeof mayHaveHappened>[0])).toBe(false)
  expect(received).toEqual([])
})

test('a secret that no header can carry is refused without being shown', async () => {
  const { result, received } = await sent({ authorization: secret('Bearer ключ') })
  expect(JSON.stringify(result)).toContain('authorization')
  expect(JSON.stringify(result)).not.toContain('ключ')
  expect(received).toEqual([])
})

test('the type of a body is checked too', async () => {
  const { result, received } = await sent({}, { text: 'x', type: 'text/plain; name=日本' })
  expect(result).toMatchObject({ left: { reason: expect.stringContaining('content-type') as string } })
  expect(received).toEqual([])
})

test.each(['plain', 'a\tb', Buffer.from('日本').toString('latin1'), 'é'])('%j is sent byte for byte', async (value) => {
  const { received } = await sent({ 'x-name': value })
  expect(received).toEqual([value])
})
