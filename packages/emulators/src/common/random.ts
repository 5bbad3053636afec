// Seeded chance: the only source of ids, suffixes and fault decisions.

export interface Random {
  /** At least 0, less than 1. */
  readonly next: () => number
  /** A whole number from 0 to `bound - 1`. */
  readonly below: (bound: number) => number
  readonly hex: (length: number) => string
  readonly digits: (length: number) => string
}

/** 32 bits that depend on every part. */
export const mixSeed = (...parts: ReadonlyArray<string | number>): number => {
  let h = 0x811c9dc5
  for (const char of parts.join('\u0000')) {
    h = Math.imul(h ^ (char.codePointAt(0) ?? 0), 0x01000193)
    h ^= h >>> 13
  }
  return h >>> 0
}

/** The mulberry32 generator: the same seed gives the same sequence on every machine. */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const below = (bound: number): number => Math.floor(next() * bound)
  /** Several characters from each number drawn. */
  const spell = (length: number, at: number, radix: number): string => {
    let text = ''
    while (text.length < length)
      text += below(radix ** at)
        .toString(radix)
        .padStart(at, '0')
    return text.slice(0, length)
  }
  return {
    next,
    below,
    hex: (length) => spell(length, 8, 16),
    digits: (length) => spell(length, 9, 10),
  }
}
