// How fast a total grows, in the last seconds rather than since the start.

export interface Rate {
  /** Growth a second, over the measured time. */
  readonly of: (total: number, at: number) => number
}

/** `span`: the measured time, in milliseconds. */
export const createRate = (span: number): Rate => {
  const seen: Array<{ readonly at: number; readonly total: number }> = []
  return {
    of: (total, at) => {
      if ((seen.at(-1)?.at ?? -Infinity) < at) seen.push({ at, total })
      while (seen.length > 2 && at - (seen[0]?.at ?? at) > span) seen.shift()
      const [first] = seen
      if (first === undefined || at - first.at < 200) return 0
      return Math.max(0, ((total - first.total) * 1000) / (at - first.at))
    },
  }
}
