// A few lines of HTTP against an emulator, for its tests: plain fetch, no adapter.
import { startTencentSmh, type TencentSmhEmulator, type TencentSmhOptions } from '../src'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** Parsed where it is JSON. */
  readonly body: unknown
  readonly text: string
}

export interface Client {
  readonly emulator: TencentSmhEmulator
  readonly call: (method: string, path: string, body?: unknown, init?: RequestInit) => Promise<Answer>
  /** `/api/v1/directory/LIB/SPACE/` + path, and so on. */
  readonly at: (kind: string, path?: string, space?: string) => string
  /** Uploads text by the simple way and confirms. */
  readonly upload: (path: string, text: string | Uint8Array, query?: string, space?: string) => Promise<Answer>
  readonly mkdir: (path: string, query?: string, space?: string) => Promise<Answer>
  readonly names: (path: string, query?: string, space?: string) => Promise<ReadonlyArray<string>>
  readonly code: (answer: Promise<Answer>) => Promise<readonly [number, unknown]>
}

export const library = 'smhemulator000001'
export const secret = 'emulator-secret'

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

export const clientOf = (emulator: TencentSmhEmulator, token: string): Client => {
  const call: Client['call'] = async (method, path, body, init = {}) => {
    const url = `${emulator.url}${path}${path.includes('?') ? '&' : '?'}access_token=${token}`
    const answer = await fetch(url, {
      method,
      redirect: 'manual',
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      ...init,
    })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, text, body: parsed(text) }
  }
  const at: Client['at'] = (kind, path = '', space = '-') =>
    `/api/v1/${kind}/${library}/${space}${path === '' ? '' : '/'}${path}`
  const mkdir: Client['mkdir'] = (path, query = '', space = '-') =>
    call('PUT', `${at('directory', path, space)}${query === '' ? '' : `?${query}`}`)
  return {
    emulator,
    call,
    at,
    mkdir,
    upload: async (path, text, query = '', space = '-') => {
      const begun = await call('PUT', `${at('file', path, space)}?${query}`)
      if (begun.status !== 201) return begun
      const { domain, path: target, headers, confirmKey } = begun.body as Begun
      const put = await fetch(`http://${domain}${target}`, { method: 'PUT', headers, body: text })
      if (put.status !== 200) throw new Error(`PUT answered ${put.status}`)
      return call('POST', `${at('file', confirmKey, space)}?confirm`)
    },
    names: async (path, query = 'by-marker=1&limit=1000', space = '-') => {
      const { body } = await call('GET', `${at('directory', path, space)}?${query}`)
      return (body as Listed).contents.map(({ name }) => name)
    },
    code: async (answer) => {
      const { status, body } = await answer
      return [status, (body as { readonly code?: string } | undefined)?.code]
    },
  }
}

export interface Begun {
  readonly domain: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly confirmKey: string
  readonly uploadId?: string
  readonly expiration: string
  readonly form: Readonly<Record<string, string>>
}

interface Listed {
  readonly contents: ReadonlyArray<Readonly<Record<string, unknown>> & { readonly name: string }>
  readonly nextMarker?: string | number | null
  readonly eTag: string
}

/** A client with the token `t`, for an emulator of its own; `close` ends it. */
export const startClient = async (options: TencentSmhOptions = {}): Promise<Client> => {
  const emulator = await startTencentSmh({
    config: { libraries: [{ id: library, secret, tokens: [{ token: 't', userId: 'u1' }] }] },
    ...options,
  })
  return clientOf(emulator, 't')
}

/** Runs with an emulator of its own. */
export const using = async <A>(options: TencentSmhOptions, use: (client: Client) => Promise<A>): Promise<A> => {
  const client = await startClient(options)
  try {
    return await use(client)
  } finally {
    await client.emulator.close()
  }
}

export const clock = (start = Date.UTC(2026, 0, 1)) => {
  let now = start
  return { now: () => now, pass: (ms: number) => void (now += ms) }
}
