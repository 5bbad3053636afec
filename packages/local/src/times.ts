// Times in the form in which Node sets them on a file.

/**
 * Nanoseconds since 1970 for `utimes`: what is set is exact to the microsecond. Node hands a double of seconds to the system, which cuts it to microseconds; without half a microsecond
 * more, about every second time would be one microsecond early. Negative seconds mean the present to Node; a date before 1970 is set to the millisecond.
 */
export const settableTime = (ns: bigint): number | Date =>
  ns >= 0n ? (Number(ns / 1000n) + 0.5) / 1e6 : new Date(Math.round(Number(ns) / 1e6))

export const settableDate = (date: Date): number | Date => settableTime(BigInt(date.getTime()) * 1_000_000n)
