// How far the clocks of this machine and of the service are apart, by the Date headers of its responses.
import type { LogEvent } from '@anydrive/core'
import { differs, notChecked, ok, type Check } from './check'

/** A Date header names a second, and a request takes time. */
const tolerance = 5000

export const createClock = () => {
  const differences: Array<number> = []
  return {
    note: ({ date }: LogEvent): void => {
      const at = typeof date === 'string' ? Date.parse(date) : NaN
      if (!Number.isNaN(at)) differences.push(at - Date.now())
    },
    check: (): Check => {
      if (differences.length === 0) return notChecked('clock', 'no response has a date')
      // The response that was the fastest tells the time best.
      const ms = differences.reduce((a, b) => (Math.abs(b) < Math.abs(a) ? b : a))
      const seconds = Math.round(Math.abs(ms) / 1000)
      return Math.abs(ms) <= tolerance
        ? ok('clock', 'this machine and the service agree')
        : differs(
            'clock',
            `the service’s clock is ${seconds} s ${ms > 0 ? 'ahead' : 'behind'}: set the clock of this machine`,
          )
    },
  }
}
