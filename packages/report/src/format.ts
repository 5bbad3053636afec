// Numbers, times and names as people read them; runs in the page as well.

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

export const sizeText = (bytes: number): string => {
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** power
  return `${power === 0 ? Math.round(value) : value.toFixed(value < 10 ? 1 : 0)} ${units[power] ?? ''}`
}

export const numberText = (n: number): string => n.toLocaleString('en')

export const countText = (n: number, one: string, many = `${one}s`): string =>
  `${numberText(n)} ${n === 1 ? one : many}`

/** `3 d 4 h`, `2 h 5 min`, `1 min 20 s`, `4.2 s` */
export const durationText = (ms: number): string => {
  const seconds = Math.max(0, ms) / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  const parts: ReadonlyArray<readonly [number, string]> = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ]
  const first = parts.findIndex(([n]) => n > 0)
  return parts
    .slice(first, first + 2)
    .filter(([n]) => n > 0)
    .map(([n, unit]) => `${n} ${unit}`)
    .join(' ')
}

const unseen =
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  /([\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff])/

export interface NamePart {
  readonly text: string
  /** Stands for a character that would not be seen, or would turn the text around. */
  readonly escape: boolean
}

/** A name in pieces. */
export const nameParts = (name: string): ReadonlyArray<NamePart> => {
  if (!unseen.test(name)) return [{ text: name, escape: false }]
  return name
    .split(unseen)
    .filter((text) => text !== '')
    .map((text) =>
      unseen.test(text)
        ? { text: `\\u${text.charCodeAt(0).toString(16).padStart(4, '0')}`, escape: true }
        : { text, escape: false },
    )
}
