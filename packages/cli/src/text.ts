// Numbers, times and names as text for people.
import { withoutSecrets } from '@anydrive/core'
import { visible } from '@anydrive/core/adapter'

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** `1.5 MiB` */
/** Of a file; `unknown` where its service does not state it. */
export const knownSize = ({ size }: { readonly size?: number }): string =>
  size === undefined ? 'unknown' : sizeText(size)

export const sizeText = (bytes: number): string => {
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** power
  return `${power === 0 ? Math.round(value) : value.toFixed(value < 10 ? 1 : 0)} ${units[power] ?? ''}`
}

/** `1:02:03`, or `0:42` below an hour. */
export const clockText = (ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const two = (n: number): string => String(n).padStart(2, '0')
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

export const durationText = (ms: number): string => (ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : clockText(ms))

export const countText = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`

/** Text that others wrote, on one line: control characters, and characters that change the direction of text, are written as escapes. */
export const nameText = (name: string): string => visible(name.replaceAll('\n', '\\n').replaceAll('\t', '\\t'))

/** The escapes with which picocolors colors and emphasizes a text; nothing else of a terminal's language is ever in a line. */
// eslint-disable-next-line no-control-regex -- ESC begins an escape
const style = /(\u001b\[(?:[0-9]|2[0-9]|3[0-9]|4[0-9]|9[0-7]|10[0-7])m)/

/**
 * The last step of everything that is written for people or as JSON: without the secrets in use, and without characters that a terminal acts on, other
 * than line ends, tabs and (where `styled`) colors. In JSON such a character becomes its escape, so that the value is the same.
 */
export const untrusted = (text: string, styled = false): string =>
  withoutSecrets(text)
    .split(/([\n\t])/)
    .map((piece, i) => {
      if (i % 2 === 1) return piece
      return styled
        ? piece
            .split(style)
            .map((part, k) => (k % 2 === 1 ? part : visible(part)))
            .join('')
        : visible(piece)
    })
    .join('')

/** Lines with columns of equal width; the last column is not padded. */
export const tableText = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const widths: Array<number> = []
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)))
  return rows.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  '))
}

/** An argument as a shell reads it: quoted unless it needs no quotes. */
export const shellWord = (text: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`
