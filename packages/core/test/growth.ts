/** Microseconds of processor time of this process. */
const cost = (run: () => unknown): number => {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

/**
 * Whether `long` takes at most `times` as much processor time as `short`, of which half a millisecond counts at least. Other work on the machine makes a time longer and
 * never shorter: the least of up to twenty is compared.
 */
export const growsAtMost = (times: number, short: () => unknown, long: () => unknown): boolean => {
  let least = { short: Infinity, long: Infinity }
  for (let round = 0; round < 20; round++) {
    least = { short: Math.min(least.short, cost(short)), long: Math.min(least.long, cost(long)) }
    if (round > 0 && least.long <= times * Math.max(500, least.short)) return true
  }
  return false
}
