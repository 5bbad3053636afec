// From the service's error responses to faults: one table of its codes.
import { parsePath, type Answer, type DrivePath, type Effect, type Fault } from '@anydrive/core'
import {
  checksumMismatch,
  defined,
  forbidden,
  invalidPath,
  nameConflict,
  nestedTarget,
  notFound,
  rateLimited,
  unauthenticated,
  unavailable,
  unexpectedResponse,
  wrongKind,
} from '@anydrive/core/adapter'
import { parseJson, type HttpResponse } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { ErrorBody } from './wire'

type Said = Answer & { readonly at?: DrivePath }

/**
 * Every code of the service's list. Each is a documented refusal, so that nothing was changed. A missing parent is not a missing source: core
 * creates the parent, and sends the request once more.
 */
const faults: ReadonlyMap<string, (said: Said) => Fault> = new Map<string, (said: Said) => Fault>([
  ['bad-token', unauthenticated],
  ['not-allowed', forbidden],
  ['no-such', (said) => notFound({ ...said, what: 'source' })],
  ['no-parent', (said) => notFound({ ...said, what: 'parent' })],
  ['not-a-folder', (said) => wrongKind({ ...said, expected: 'directory' })],
  ['not-a-file', (said) => wrongKind({ ...said, expected: 'file' })],
  ['taken', nameConflict],
  ['into-itself', nestedTarget],
  ['bad-name', (said) => invalidPath({ ...said, reason: 'the service refuses this name' })],
  ['bad-checksum', (said) => checksumMismatch({ ...said, algorithm: 'sha256' })],
  ['slow', rateLimited],
])

/** Where the table does not know the code, the status decides, and `effect` says whether the request may have been carried out. */
export const faultOf = (code: string | undefined, effect: Effect, said: Said): Fault => {
  const known = code === undefined ? undefined : faults.get(code)
  const { http = 0 } = said
  if (known !== undefined) return known(said)
  if (http === 401) return unauthenticated(said)
  if (http === 403) return forbidden(said)
  if (http === 429) return rateLimited(said)
  if (http === 408 || http >= 500) return unavailable({ ...said, effect })
  return unexpectedResponse({
    ...said,
    effect,
    issues: [{ at: 'code', expected: 'a documented code', got: typeof code }],
  })
}

/** The path that an error is about, where the service names one. */
export const pathIn = (at: string | undefined): { readonly at?: DrivePath } => {
  const parsed = at === undefined ? undefined : parsePath(at)
  return parsed === undefined || E.isLeft(parsed) ? {} : { at: parsed.right }
}

/** Of a response with any status but 2xx, also one that a proxy sent. */
export const toFault = ({ status, text, effect }: HttpResponse): Fault =>
  pipe(
    parseJson(text),
    E.flatMap((json) => ErrorBody.decode(json)),
    E.match(
      () => faultOf(undefined, effect, { http: status }),
      ({ code, message, at }) =>
        faultOf(code, effect, { http: status, code, ...defined({ said: message }), ...pathIn(at) }),
    ),
  )
