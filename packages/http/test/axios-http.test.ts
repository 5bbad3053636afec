// What axios does by itself, and what we make it do: each test talks to a real server.
import { Readable } from 'node:stream'
import { axiosHttp } from '../src'
import { ask, rightOf } from './requests'
import { bodyOf, servers } from './server'

const serve = servers()

describe('a request', () => {
  test('is answered with status, headers and text', async () => {
    const { base } = await serve((_, res) => res.writeHead(200, { 'X-Request-Id': 'r1' }).end('hello'))
    const answer = await rightOf(axiosHttp()(ask({ base })))
    expect(answer.status).toBe(200)
    expect(answer.text).toBe('hello')
    expect(answer.header('x-request-id')).toBe('r1')
    expect(answer.header('X-REQUEST-ID')).toBe('r1')
    expect(answer.attempts).toBe(1)
  })

  test('streams a body with its exact length', async () => {
    const seen: Array<unknown> = []
    const { base } = await serve((req, res) => {
      void bodyOf(req).then((body) => {
        seen.push(req.headers['content-length'], req.headers['content-type'], body.toString())
        res.end()
      })
    })
    const body = { stream: () => Readable.from([Buffer.from('he'), Buffer.from('llo')]), size: 5, type: false } as const
    await rightOf(axiosHttp()(ask({ base, method: 'PUT', body, repeat: 'idempotent' })))
    expect(seen).toEqual(['5', undefined, 'hello'])
  })
})
