// Numbers, times and names as text for people.

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

/** A name on one line: control characters, and characters that change the direction of text, are written as escapes. */
export const nameText = (name: string): string =>
  // eslint-disable-next-line no-control-regex -- control characters are what this replaces
  name.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (c) =>
    c === '\n' ? '\\n' : c === '\t' ? '\\t' : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** Lines with columns of equal width; the last column is not padded. */
export const tableText = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const widths: Array<number> = []
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)))
  return rows.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  '))
}

/** An argument as a shell reads it: quoted unless it needs no quotes. */
export const shellWord = (text: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`
