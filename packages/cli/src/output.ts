// What is printed: results to stdout, messages to stderr.
import type { Entry } from '@anydrive/core'
import pc from 'picocolors'
import { once } from 'node:events'
import type { Io } from './io'

export interface Output {
  readonly json: boolean
  /** Of messages to people, on stderr. */
  readonly colors: ReturnType<typeof pc.createColors>
  /** One line of results; waits while the reader is slow. */
  readonly line: (text: string) => Promise<void>
  /** One JSON document: indented where it is the whole result, a line each where there are many. */
  readonly document: (value: unknown) => Promise<void>
  readonly record: (value: unknown) => Promise<void>
  readonly message: (text: string) => void
}

// Written names may hold anything; what would steer the terminal is shown as an escape.
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const control = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g
export const printable = (text: string): string =>
  text.replace(control, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)

export const outputOf = (io: Io, options: { readonly json: boolean; readonly color: boolean }): Output => {
  const write = async (text: string): Promise<void> => {
    if (!io.stdout.write(text)) await once(io.stdout, 'drain')
  }
  return {
    json: options.json,
    colors: pc.createColors(options.color && io.stderr.isTTY === true && io.env['NO_COLOR'] === undefined),
    line: (text) => write(`${text}\n`),
    document: (value) => write(`${JSON.stringify(value, undefined, 2)}\n`),
    record: (value) => write(`${JSON.stringify(value)}\n`),
    message: (text) => {
      io.stderr.write(`${text}\n`)
    },
  }
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
/** `1.5 MiB`. */
export const showBytes = (bytes: number): string => {
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power] ?? 'B'}`
}

const stamp = (time: Date | undefined): string =>
  time === undefined ? '-'.padEnd(16) : time.toISOString().slice(0, 16).replace('T', ' ')

/** Kind, size, time, name. */
export const showEntry = (entry: Entry): string => {
  const kind = entry.kind === 'directory' ? 'd' : entry.kind === 'file' ? '-' : '?'
  const size = entry.kind === 'file' ? showBytes(entry.size) : '-'
  return `${kind} ${size.padStart(10)}  ${stamp(entry.modifiedAt)}  ${showName(entry)}`
}
export const showName = (entry: Entry): string => printable(entry.name) + (entry.kind === 'directory' ? '/' : '')
