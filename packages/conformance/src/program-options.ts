// How many random steps, and from which seed: as a test says, unless the environment does.
export interface ProgramOptions {
  /** Steps in all. */
  readonly steps?: number | undefined
  readonly seed?: number | undefined
}

const numberOf = (name: string): number | undefined => {
  const text = process.env[name]
  if (text === undefined || text === '') return undefined
  const n = Number(text)
  if (!Number.isSafeInteger(n) || n < 0) throw new Error(`${name} must be a whole number, not ${JSON.stringify(text)}`)
  return n
}

/** `ANYDRIVE_STEPS` and `ANYDRIVE_SEED` win. */
export const programOptions = ({ steps, seed }: ProgramOptions): ProgramOptions => ({
  steps: numberOf('ANYDRIVE_STEPS') ?? steps,
  seed: numberOf('ANYDRIVE_SEED') ?? seed,
})
