// What the operations of one drive share.
import { indeterminate, unavailable, type Answered, type DriveError, type DrivePath, type Fault } from '@anydrive/core'
import { guarded } from '@anydrive/http'
import type { Api } from './api'
import type { Cache } from './cache'
import type { Ids } from './ids'
import type { Jobs } from './jobs'
import type { Complete } from './settings'

export interface Clock {
  readonly now: () => number
  readonly random: () => number
  readonly delay: (ms: number, signal: AbortSignal) => Promise<void>
}

export interface Context {
  readonly settings: Complete
  readonly clock: Clock
  readonly api: Api
  readonly cache: Cache
  readonly ids: Ids
  readonly jobs: Jobs
  /** The id of a folder as a job's destination: the root's long one. */
  readonly targetId: (folderId: string, signal: AbortSignal) => Answered<string>
}

export type Bad = Fault | DriveError
export const vendor = 'koodrive' as const

/** After these it may have happened: the answer was lost, or says nothing. */
const isDoubtful = (fault: Bad): boolean => {
  const { effect } = fault as { readonly effect?: 'none' | 'unknown' }
  if (effect === 'none') return false
  if (fault._tag === 'UnexpectedResponse') return fault.http !== undefined && fault.http < 300
  return (
    fault._tag === 'Network' || fault._tag === 'Timeout' || fault._tag === 'Unavailable' || fault._tag === 'Aborted'
  )
}

/** A guarded call: after a doubtful end, looks. What is found is the answer, `absent` calls again. */
export const lookedFor = <A>(
  clock: Clock,
  guard: {
    readonly call: Answered<A>
    readonly look: Answered<A | 'absent' | 'unknown'>
    readonly check: string
    readonly signal: AbortSignal
  },
): Answered<A> => guarded<Bad, A>({ ...guard, ambiguous: isDoubtful, surroundings: clock })

/** Whether what a fault ended may have an effect: every single change has looked by itself, and says so where it cannot know. */
export const isUnknown = (fault: Bad): boolean => fault._tag === 'Indeterminate'

/** For the reader of an `Indeterminate`. */
export const at = (...paths: ReadonlyArray<DrivePath>): string => paths.map((p) => `/${p}`).join(' and ')

/** `check` first: it names the places, where the fault perhaps only names a job. */
export const inDoubt = (check: string, fault: Bad): Fault =>
  indeterminate({
    check: fault._tag === 'Indeterminate' && fault.check !== check ? `${check}; ${fault.check}` : check,
    ...(fault.code === undefined ? {} : { code: fault.code }),
    ...(fault.http === undefined ? {} : { http: fault.http }),
    ...(fault.said === undefined ? {} : { said: fault.said }),
  })

/** A clash with something that nobody sees: the name of an upload that is not complete. */
export const heldByUpload = (fault: Bad): Fault =>
  unavailable({
    ...(fault.code === undefined ? {} : { code: fault.code }),
    said: 'the name is taken, but no entry is seen: an upload that is not complete holds it',
  })

/** The same signal, but for a while after it aborted: a step that was begun is finished, or undone. */
export const lenient = <A>(
  signal: AbortSignal,
  grace: number,
  run: (lenient: AbortSignal) => Answered<A>,
): Answered<A> => {
  return async () => {
    const controller = new AbortController()
    let timer: NodeJS.Timeout | undefined
    const begin = () => {
      timer = setTimeout(() => {
        controller.abort()
      }, grace)
    }
    if (signal.aborted) begin()
    else signal.addEventListener('abort', begin, { once: true })
    try {
      return await run(controller.signal)()
    } finally {
      signal.removeEventListener('abort', begin)
      clearTimeout(timer)
    }
  }
}
