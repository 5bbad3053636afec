// The files that differ from where the work on them began.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.mjs'

/** The output of a git command; undefined when it fails, for example where there is no repository. */
export const git = (...args) => {
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

/** The commit to compare with: the merge base with the main branch, or, on the main branch itself, the commit before the last. */
const base = () => {
  const head = git('rev-parse', '--verify', '--quiet', 'HEAD')
  for (const main of ['origin/HEAD', 'origin/main', 'main']) {
    const commit = git('merge-base', 'HEAD', main)
    if (commit !== undefined && commit !== head) return commit
  }
  return git('rev-parse', '--verify', '--quiet', 'HEAD~1')
}

const lines = (text) => text.split('\0').filter((line) => line !== '')

/** A change of one of these can change the result for every file. */
const affectsAll = /^(eslint\.config\.js|\.prettier.*|tsconfig\.base\.json|pnpm-lock\.yaml)$/

/**
 * Paths relative to the root, of existing files only: committed since the base, changed since, or untracked. Undefined when every
 * file counts as changed: there is no earlier commit to compare with, or the configuration of the checks has changed.
 */
export const changedFiles = () => {
  const from = base()
  if (from === undefined) return undefined
  const committed = git('diff', '--name-only', '-z', '--no-renames', from)
  const untracked = git('ls-files', '--others', '--exclude-standard', '-z')
  if (committed === undefined || untracked === undefined) return undefined
  const files = [...new Set([...lines(committed), ...lines(untracked)])]
  return files.some((file) => affectsAll.test(file)) ? undefined : files.filter((file) => existsSync(join(root, file)))
}
