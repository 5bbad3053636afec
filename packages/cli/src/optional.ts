// Packages that few need, installed beside the command: loaded when a command uses them.
import type * as Cluster from '@anydrive/cluster'
import type * as Conformance from '@anydrive/conformance'
import type * as Emulators from '@anydrive/emulators'
import * as E from 'fp-ts/Either'
import { codeOf } from './error-code'
import { loaderOf } from './lazy'
import { usage, type Problem } from './problem'

interface Packages {
  readonly '@anydrive/cluster': typeof Cluster
  readonly '@anydrive/conformance': typeof Conformance
  readonly '@anydrive/emulators': typeof Emulators
}

const load = loaderOf(__filename)

/** A package that this one lacks is another fault: the first line of the message names what is missing. */
const isMissing = (u: unknown, name: string): boolean =>
  codeOf(u) === 'MODULE_NOT_FOUND' && u instanceof Error && (u.message.split('\n')[0] ?? '').includes(`'${name}'`)

/** The package; where it is not installed, a problem that names the command that installs it. */
export const optionalPackage = <N extends keyof Packages>(name: N): E.Either<Problem, Packages[N]> => {
  try {
    return E.right(load(name) as Packages[N])
  } catch (u) {
    if (!isMissing(u, name)) throw u
    return E.left(
      usage(
        `this command needs the package ${name}, which is not installed`,
        `Install it beside @anydrive/cli: npm install --global ${name} (or --save-dev, in a project).`,
      ),
    )
  }
}
