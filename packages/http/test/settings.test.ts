// Settings decode, or name the field that is wrong.
import { issuesOf } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHttp, HttpSettings } from '../src'
import { certificate } from './certificate'
import { ask, rightOf } from './requests'
import { servers } from './server'

const serve = servers()

describe('settings', () => {
  test('may be empty, or say everything', () => {
    const all = {
      idleTimeout: 1,
      totalTimeout: 2,
      minimumRate: 0,
      concurrency: 3,
      requestsPerSecond: 0.5,
      attempts: 1,
      longestDelay: 9,
      proxy: 'http://user:password@proxy.example:3128',
      privateAddresses: true,
      startRate: 10,
      lowestRate: 0.1,
      highestRate: 100,
    }
    expect(HttpSettings.decode({})).toEqual(E.right({}))
    expect(HttpSettings.decode({ ...all, other: 1 })).toEqual(E.right(all))
  })

  test.each([
    ['idleTimeout', 0],
    ['totalTimeout', '5'],
    ['minimumRate', -1],
    ['concurrency', 1.5],
    ['requestsPerSecond', Number.NaN],
    ['attempts', 0],
    ['longestDelay', Infinity],
    ['ca', '/no/such/file'],
    ['ca', 7],
    ['lowestRate', 0],
    ['startRate', Infinity],
    ['highestRate', '9'],
    ['proxy', 'proxy.example:3128'],
    ['proxy', 'socks5://proxy.example'],
    ['privateAddresses', 'yes'],
  ])('are refused with %s = %p', (field, value) => {
    const result = HttpSettings.decode({ [field]: value })
    expect(E.isLeft(result) ? issuesOf(result.left).map((issue) => issue.at) : []).toEqual([field])
  })

  test('take certificates as text or from a file', () => {
    const dir = mkdtempSync(join(tmpdir(), 'anydrive-'))
    const [good, bad] = [join(dir, 'ca.pem'), join(dir, 'bad.pem')]
    writeFileSync(good, certificate)
    writeFileSync(bad, 'no certificate')
    expect(HttpSettings.decode({ ca: good })).toEqual(E.right({ ca: certificate }))
    expect(HttpSettings.decode({ ca: certificate })).toEqual(E.right({ ca: certificate }))
    expect(E.isLeft(HttpSettings.decode({ ca: bad }))).toBe(true)
    rmSync(dir, { recursive: true })
  })

  test('hold for what createHttp makes: attempts, concurrency, a pause that the service asks for', async () => {
    let flying = 0
    let most = 0
    let count = 0
    const { base } = await serve((_, res) => {
      count++
      most = Math.max(most, ++flying)
      const status = count === 1 ? 429 : 200
      setImmediate(() => {
        flying--
        res.writeHead(status, status === 429 ? { 'retry-after': '2' } : {}).end()
      })
    })
    const pauses: Array<number> = []
    let time = 0
    const delay = (ms: number) => {
      pauses.push(ms)
      time += ms
      return Promise.resolve()
    }
    const http = createHttp({ concurrency: 2 }, { now: () => time, delay })
    const answers = await Promise.all(Array.from({ length: 9 }, () => rightOf(http(ask({ base })))))
    expect(answers.map((answer) => answer.status)).toEqual(Array(9).fill(200))
    expect(answers.map((answer) => answer.attempts).sort()).toEqual([...Array<number>(8).fill(1), 2])
    expect(most).toBeLessThanOrEqual(2)
    expect(pauses).toContain(2000)
  })
})
