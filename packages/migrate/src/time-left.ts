// The time that is left, from the seconds that a file and a byte have taken so far.

interface Amount {
  readonly files: number
  readonly bytes: number
}
/** Milliseconds; absent until it can be known. */
type TimeLeft = { readonly timeLeft?: number }

/** Milliseconds between two measurements, and after which the older ones count half. */
const every = 500
const halfLife = 60_000

/** Costs that explain the measurements best (least squares), neither of them negative. */
const fit = (s: Readonly<Record<'ff' | 'fb' | 'bb' | 'ft' | 'bt', number>>): { file: number; byte: number } => {
  const alone = {
    file: { file: s.ff > 0 ? s.ft / s.ff : 0, byte: 0 },
    byte: { file: 0, byte: s.bb > 0 ? s.bt / s.bb : 0 },
  }
  const determinant = s.ff * s.bb - s.fb * s.fb
  // Where files are all of one size, a file and its bytes cannot be told apart, and need not be.
  if (determinant <= 1e-6 * s.ff * s.bb) return s.ff > 0 ? alone.file : alone.byte
  const file = (s.ft * s.bb - s.bt * s.fb) / determinant
  const byte = (s.bt * s.ff - s.ft * s.fb) / determinant
  if (file < 0) return alone.byte
  return byte < 0 ? alone.file : { file, byte }
}

export interface Estimate {
  /** What was done in `ms` milliseconds of an earlier run. */
  readonly learn: (ms: number, done: Amount) => void
  /** To be called now and then with what is done and what is found, by all runs together. The first call is where this run starts. */
  readonly left: (done: Amount, found: Amount) => TimeLeft
}

export const createEstimate = (now: () => number): Estimate => {
  const sums = { ff: 0, fb: 0, bb: 0, ft: 0, bt: 0 }
  const scale = 2 ** 20
  let last: (Amount & { readonly at: number }) | undefined
  const learn = (t: number, { files: f, bytes }: Amount): void => {
    const b = bytes / scale
    if (t <= 0 || f < 0 || b < 0 || f + b === 0) return
    const decay = 0.5 ** (t / halfLife)
    // Each measurement counts by its length: the squares of its amounts divided by its time.
    const add = { ff: (f * f) / t, fb: (f * b) / t, bb: (b * b) / t, ft: f, bt: b }
    for (const key of ['ff', 'fb', 'bb', 'ft', 'bt'] as const) sums[key] = sums[key] * decay + add[key]
  }
  return {
    learn,
    left: (done, found) => {
      const at = now()
      last ??= { ...done, at }
      const more = { files: done.files - last.files, bytes: done.bytes - last.bytes }
      if (at - last.at >= every && (more.files > 0 || more.bytes > 0)) {
        learn(at - last.at, more)
        last = { ...done, at }
      }
      const { file, byte } = fit(sums)
      const files = Math.max(0, found.files - done.files)
      const bytes = Math.max(0, found.bytes - done.bytes)
      if (files === 0 && bytes === 0) return { timeLeft: 0 }
      return file === 0 && byte === 0 ? {} : { timeLeft: Math.round(files * file + (bytes / scale) * byte) }
    },
  }
}
