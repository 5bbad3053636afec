// The directories of the user that belong to anydrive, by the XDG Base Directory Specification.
import { isAbsolute, join } from 'node:path'
import type { Io } from './io'

const kinds = {
  config: ['XDG_CONFIG_HOME', '.config'],
  state: ['XDG_STATE_HOME', '.local/state'],
} as const

/** Undefined where neither the variable nor the home directory is known; a relative path in the variable is ignored, as the specification requires. */
export const userDirectory = (kind: keyof typeof kinds, env: Io['env']): string | undefined => {
  const [variable, below] = kinds[kind]
  const named = env[variable] ?? ''
  if (isAbsolute(named)) return join(named, 'anydrive')
  const home = env['HOME'] ?? env['USERPROFILE'] ?? ''
  return isAbsolute(home) ? join(home, below, 'anydrive') : undefined
}
