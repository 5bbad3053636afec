// Packages that only developers need, installed beside the command: loaded when a command uses them.
import * as E from 'fp-ts/Either'
import { usage, type Problem } from './problem'

const isMissing = (error: unknown, name: string): boolean => {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  const isResolution = code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND'
  // The message names what is missing first; a package that the package itself lacks is another fault.
  return (
    isResolution &&
    String(message)
      .split(/ from | imported /)[0]
      ?.includes(`'${name}'`) === true
  )
}

/** What `load` imports; where the package `name` is not installed, a problem that names the command that installs it. */
export const developersPackage = async <A>(
  name: '@anydrive/emulators' | '@anydrive/conformance',
  load: () => Promise<A>,
): Promise<E.Either<Problem, A>> => {
  try {
    return E.right(await load())
  } catch (error) {
    if (!isMissing(error, name)) throw error
    return E.left(
      usage(
        `this command needs the package ${name}, which is not installed`,
        `Install it beside @anydrive/cli: npm install --global ${name} (or --save-dev, in a project).`,
      ),
    )
  }
}
