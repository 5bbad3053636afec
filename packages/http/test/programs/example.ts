import { secret } from '@anydrive/core'
import { unavailable } from '@anydrive/core/adapter'
import { createHttp, decoded, flag } from '@anydrive/http'
import { pipe } from 'fp-ts/function'
import * as t from 'io-ts'

const Info = t.strict({ name: t.string, size: t.number }, 'Info')
const send = createHttp({ idleTimeout: 30_000, requestsPerSecond: 20 })

const info = (base: string, name: string, token: string, signal: AbortSignal) =>
  pipe(
    send({
      endpoint: 'info',
      method: 'GET',
      base,
      segments: ['files', name],
      query: { info: flag, access_token: secret(token) },
      answer: 'text',
      kind: 'read',
      signal,
    }),
    decoded(Info, ({ status, effect }) => unavailable({ http: status, effect })),
  )

const [, , base = '', name = ''] = process.argv
void info(base, name, 'a token', new AbortController().signal)().then(console.log)
