// Changing a file only while it has a version, which the server checks.
import { preconditionFailed, type Answered, type DrivePath } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Dav } from './context'
import { defaultDelay } from './delay'
import type { Bad } from './faults'

/** Milliseconds until a tag that was weak has become strong, and times that this is waited for. */
const maturing = 1100
const attempts = 3

/**
 * `run` sends `If-Match`, which compares strongly: Apache refuses it for a second after each change of the file, whatever its version
 * (docs/wire/webdav.md, ETags). So a refusal of the version that a look sees is tried again.
 */
export const whileAt =
  <A>(dav: Dav, path: DrivePath, version: string, run: Answered<A>, signal: AbortSignal): Answered<A> =>
  async () => {
    const { delay = defaultDelay } = dav.surroundings
    for (let attempt = 1; ; attempt++) {
      const found = await dav.looks.find(path, signal)()
      if (E.isLeft(found)) return found
      const holds = found.right?.kind === 'file' && found.right.version === version
      if (!holds) return E.left<Bad, A>(preconditionFailed())
      const answer = await run()
      if (E.isRight(answer) || answer.left._tag !== 'PreconditionFailed' || attempt >= attempts) return answer
      await delay(maturing, signal)
      if (signal.aborted) return answer
    }
  }
