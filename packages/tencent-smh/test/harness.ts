// A strict emulator and a drive on it, on one clock that only waiting moves.
import { parsePath, type DrivePath, type Result, type Environment } from '@anydrive/core'
import { startTencentSmh } from '@anydrive/emulators'
import * as E from 'fp-ts/Either'
import { openTencentSmh, type TencentSmhDrive, type TencentSmhInput } from '../src'

type Options = NonNullable<Parameters<typeof startTencentSmh>[0]>
type Emulator = Awaited<ReturnType<typeof startTencentSmh>>

interface Clock {
  readonly now: () => number
  readonly delay: (ms: number, signal: AbortSignal) => Promise<void>
  readonly advance: (ms: number) => void
}
const createClock = (): Clock => {
  let at = Date.UTC(2026, 0, 1)
  return {
    now: () => at,
    delay: (ms) => {
      at += ms
      return new Promise((resolve) => setImmediate(resolve))
    },
    advance: (ms) => {
      at += ms
    },
  }
}

export interface Bench {
  readonly emulator: Emulator
  readonly drive: TencentSmhDrive
  readonly clock: Clock
  /** Another drive on the same emulator. */
  readonly open: (settings?: Partial<TencentSmhInput>, environment?: Environment) => TencentSmhDrive
  /** Endpoints of the requests since the last `counted`, but for those of tokens. */
  readonly counted: () => Readonly<Record<string, number>>
}

export const library = { id: 'smhlibrary0000001', secret: 'very-secret-library-secret' }

export const startBench = async (options: Options = {}, settings: Partial<TencentSmhInput> = {}): Promise<Bench> => {
  const clock = createClock()
  const emulator = await startTencentSmh({
    strict: true,
    now: clock.now,
    config: { libraries: [library] },
    ...options,
  })
  const open: Bench['open'] = (more = {}, environment = {}) =>
    openTencentSmh(
      {
        baseUrl: emulator.url,
        libraryId: library.id,
        uploadScheme: 'http',
        auth: { kind: 'secret', librarySecret: library.secret },
        ...settings,
        ...more,
      },
      { now: clock.now, delay: clock.delay, random: () => 0.5, ...environment },
    )
  return {
    emulator,
    clock,
    open,
    drive: open(),
    counted: () => {
      const { createToken: _, ...counts } = emulator.requests.counts() as Record<string, number>
      emulator.requests.clear()
      return counts
    },
  }
}

export const at = (text: string): DrivePath => {
  const parsed = parsePath(text)
  if (E.isLeft(parsed)) throw new Error(parsed.left.message)
  return parsed.right
}

export const right = async <A>(result: Result<A>): Promise<A> => {
  const answer = await result()
  if (E.isLeft(answer)) throw new Error(`${answer.left._tag}: ${answer.left.message}`)
  return answer.right
}

export const left = async (result: Result<unknown>) => {
  const answer = await result()
  if (E.isRight(answer)) throw new Error(`an error was expected, not ${JSON.stringify(answer.right)}`)
  return answer.left
}

export const bytesOf = (size: number, seed = 1): Buffer => {
  const bytes = Buffer.alloc(size)
  let x = seed
  for (let i = 0; i < size; i++) {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff
    bytes[i] = x >> 16
  }
  return bytes
}
