// Sizes, durations and points in time, as they are written on the command line.
import { InvalidArgumentError } from 'commander'

const binary: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
  P: 2 ** 50,
}

/** Bytes: `1500`, `10M`, `1.5GiB`; units are powers of 1024. */
export const sizeOf = (text: string): number => {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([BKMGTP]?)(?:iB|B)?$/i.exec(text.trim()) ?? []
  const bytes = Math.round(Number(number) * (binary[unit.toUpperCase()] ?? NaN))
  if (number === '' || !Number.isSafeInteger(bytes))
    throw new InvalidArgumentError('It must be a size such as 500K, 10M or 1.5G.')
  return bytes
}

export const positiveSizeOf = (text: string): number => {
  const bytes = sizeOf(text)
  if (bytes === 0) throw new InvalidArgumentError('It must be more than 0.')
  return bytes
}

const spans: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
}

const spanIn = (text: string): number | undefined => {
  if (!/^(\d+(\.\d+)?(ms|[smhdw]))+$/.test(text)) return undefined
  let ms = 0
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/gy))
    ms += Number(number) * (spans[unit ?? ''] ?? NaN)
  return ms > 0 ? ms : undefined
}

/** Milliseconds: `90s`, `1h30m`, `2d`; a bare number counts seconds. */
export const durationOf = (text: string): number => {
  const ms = spanIn(/^\d+(\.\d+)?$/.test(text) ? `${text}s` : text)
  if (ms === undefined) throw new InvalidArgumentError('It must be a duration such as 90s, 1h30m or 2d.')
  return ms
}

/** A date, a date with a time, or an age. */
export const momentOf =
  (now: () => number) =>
  (text: string): Date => {
    const ago = spanIn(text)
    if (ago !== undefined) return new Date(now() - ago)
    const moment = /^\d{4}-\d{2}-\d{2}/.test(text) ? new Date(text) : new Date(NaN)
    if (Number.isNaN(moment.getTime()))
      throw new InvalidArgumentError(
        'It must be a date such as 2026-01-31, a time such as 2026-01-31T12:00:00Z, or an age such as 7d.',
      )
    return moment
  }
