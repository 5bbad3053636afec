// What every command is given.
import type { Result } from '@anydrive/core'
import type { Command } from 'commander'
import * as E from 'fp-ts/Either'
import type { Configured } from './configuration'
import { failed, type ExitCode } from './failure'
import type { Io } from './io'
import type { Output } from './output'
import type { Drives } from './places'

export interface Context {
  readonly io: Io
  readonly output: Output
  readonly drives: Drives
  readonly configured: Configured
}

/** Runs an action with what it needs; its exit code becomes the command's. */
export type Bind = <A extends ReadonlyArray<unknown>>(
  action: (context: Context, ...args: A) => Promise<ExitCode>,
) => (...args: A) => Promise<void>

/** Adds one command, or a few that belong together, to the program. */
export type Register = (program: Command, bind: Bind) => void

/** The right, or the failure that ends the command. */
export const take = async <A>(task: Result<A>): Promise<A> => {
  const answer = await task()
  if (E.isLeft(answer)) throw failed(answer.left)
  return answer.right
}
