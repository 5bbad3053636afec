// The configuration file, found upward from the working directory or named, and the drives in it.
import { expandEnvironment } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { misconfigured, misused } from './failure'
import type { Io } from './io'

export const fileName = 'anydrive.json'

const Configuration = t.type({ drives: t.record(t.string, t.UnknownRecord) }, 'Configuration')

export interface Configured {
  /** Absent where no file was found. */
  readonly file?: string
  readonly drives: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

const hasCode = (u: unknown, code: string): boolean =>
  typeof u === 'object' && u !== null && 'code' in u && u.code === code

const textOf = async (file: string): Promise<string | undefined> => {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return undefined
    throw misused(`the configuration ${file} cannot be read`)
  }
}

const upward = async (start: string): Promise<{ readonly file: string; readonly text: string } | undefined> => {
  for (let dir = resolve(start); ; dir = dirname(dir)) {
    const file = join(dir, fileName)
    const text = await textOf(file)
    if (text !== undefined) return { file, text }
    if (dirname(dir) === dir) return undefined
  }
}

const parsed = (file: string, text: string): Configured => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw misused(`the configuration ${file} is not valid JSON`)
  }
  const decoded = Configuration.decode(json)
  if (E.isLeft(decoded))
    throw misused(`the configuration ${file} is not of the form { "drives": { "NAME": { "type": "…" } } }`)
  return { file, drives: decoded.right.drives }
}

/** A named file must be there; without a name none need be found. */
export const readConfiguration = async (io: Io, named: string | undefined): Promise<Configured> => {
  if (named === undefined) {
    const found = await upward(io.cwd)
    return found === undefined ? { drives: {} } : parsed(found.file, found.text)
  }
  const file = resolve(io.cwd, named)
  const text = await textOf(file)
  if (text === undefined) throw misused(`there is no configuration ${file}`)
  return parsed(file, text)
}

/** One drive's settings, with what they take from the environment; other drives' variables need not be set. */
export const settingsOf = (io: Io, configured: Configured, name: string): unknown => {
  const settings = Object.hasOwn(configured.drives, name) ? configured.drives[name] : undefined
  if (settings === undefined) {
    const known = Object.keys(configured.drives)
    throw misused(
      `no drive ${JSON.stringify(name)} in ${configured.file ?? `any ${fileName} here or above`}; ${known.length > 0 ? `known: ${known.join(', ')}` : 'add it, or name a file with --config'}`,
    )
  }
  const expanded = expandEnvironment(settings, io.env)
  if (E.isLeft(expanded)) throw misconfigured(expanded.left)
  return expanded.right
}
