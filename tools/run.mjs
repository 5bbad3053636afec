// Runs other programs from the root of the repository.
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Runs a program with the streams of this process; its failure ends this process with the same exit code. */
export const run = (command, args, options = {}) => {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (error) throw error
  if (status !== 0) process.exit(signal ? 1 : (status ?? 1))
}

/** Resolves with the standard output. Nothing is printed unless the program fails, which ends this process with its exit code. */
export const output = (command, args) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root })
    let out = ''
    let printed = ''
    child.stdout.setEncoding('utf8').on('data', (text) => ((out += text), (printed += text)))
    child.stderr.setEncoding('utf8').on('data', (text) => (printed += text))
    child.once('error', (error) => {
      throw error
    })
    child.once('close', (status) => {
      if (status === 0) return resolve(out)
      process.stderr.write(printed)
      process.exit(status ?? 1)
    })
  })

/** The arguments of npx that run this repository's version of pnpm. */
export const pnpm = (() => {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return ['--yes', packageManager.replace(/\+.*$/, '')]
})()

/** A program of the development dependencies. */
export const bin = (name) => join(root, 'node_modules', '.bin', name)
