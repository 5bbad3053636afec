// Which generation of SMH answers: a setting, or decided by the first answer that shows it, and remembered for the drive.
import type { RawResult } from '@anydrive/core/adapter'
import { singleFlight, type Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import type { TencentSmhSettings } from './settings'

/** `private`: a request names the parts it wants credentials for, and the status of an upload holds no credentials. */
export type Generation = 'public' | 'private'

/** `parts`: beginning and renewing an upload in parts; `status`: the status of an upload. Each is decided once. */
type Question = 'parts' | 'status'

interface Asking<A> {
  readonly signal: AbortSignal
  readonly send: (generation: Generation) => RawResult<A>
  /** What an accepted request shows. `likely`: only what the service will probably accept next time; undefined: nothing. */
  readonly shows: (value: A, sent: Generation) => { readonly is?: Generation; readonly likely?: Generation } | undefined
}

export interface Deployment {
  readonly known: (question: Question) => Generation | undefined
  /**
   * Sends in the form of the generation that is known. While none is, one request at a time is sent in the likely form, and once more in the
   * other one if the service refuses it as such; the others wait for what it shows.
   */
  readonly ask: <A>(question: Question, asking: Asking<A>) => RawResult<A>
}

/** SMH refuses the form of the other generation so (docs/wire/tencent-smh.md, private deployments). Nothing was done then. */
const isRefusedForm = (fault: Failure): boolean => fault.http === 400 && fault.code === 'ParamInvalid'

const other = { public: 'private', private: 'public' } as const

export const deploymentOf = ({ deployment = 'auto' }: TencentSmhSettings): Deployment => {
  const decided = new Map<Question, Generation>()
  let likely: Generation = 'public'
  const decide = (question: Question, generation: Generation): void => {
    likely = generation
    decided.set(question, generation)
  }
  if (deployment !== 'auto') for (const question of ['parts', 'status'] as const) decide(question, deployment)
  const flights = singleFlight<undefined>()

  const tryBoth = async <A>(question: Question, { send, shows }: Asking<A>): Promise<E.Either<Failure, A>> => {
    const first = likely
    const result = await send(first)()
    if (E.isRight(result)) {
      const shown = shows(result.right, first)
      likely = shown?.likely ?? likely
      if (shown?.is !== undefined) decide(question, shown.is)
      return result
    }
    if (!isRefusedForm(result.left)) return result
    const second = await send(other[first])()
    // Both forms are refused for the same reason: it is something else in the request.
    if (E.isLeft(second) && isRefusedForm(second.left)) return result
    if (E.isRight(second)) decide(question, other[first])
    else likely = other[first]
    return second
  }

  const ask =
    <A>(question: Question, asking: Asking<A>): RawResult<A> =>
    async () => {
      const own: { result?: Promise<E.Either<Failure, A>> } = {}
      for (;;) {
        const generation = decided.get(question)
        if (generation !== undefined) return asking.send(generation)()
        const first = flights(question, asking.signal, () => async () => {
          own.result = tryBoth(question, asking)
          await own.result
          return E.right(undefined)
        })
        const waited = await first()
        if (own.result !== undefined) return own.result
        if (E.isLeft(waited)) return waited
      }
    }
  return { known: (question) => decided.get(question), ask }
}
