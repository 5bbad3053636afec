// What cannot be undone: asked for on a terminal, or confirmed by an option.
import type { Context } from './context'
import { interrupted, usage, type Problem } from './problem'
import { openQuestions } from './questions'

/** Undefined if the user agrees. Without a terminal, `--yes` is needed. */
export const confirmed = async (
  { io, signal }: Context,
  question: string,
  yes: boolean | undefined,
): Promise<Problem | undefined> => {
  if (yes === true) return undefined
  const questions = openQuestions(io, signal)
  if (questions === undefined) return usage('this cannot be undone', 'Add --yes to do it without being asked.')
  try {
    const answer = await questions.ask(`${question} [y/N]`)
    return /^y(es)?$/i.test(answer) ? undefined : usage('nothing was changed', 'Answer y to go on.')
  } catch {
    return interrupted
  } finally {
    questions.close()
  }
}
