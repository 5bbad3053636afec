// Compares a time that was set with the one that is read back.
import type { Harness } from '../law'

/** Fails unless the two differ by less than the precision that the drive states. */
export const sameTime = ({ drive, same }: Harness, found: Date | undefined, then: Date, what: string): void => {
  const { precision } = drive.capabilities.times
  const isSame = found !== undefined && Math.abs(found.getTime() - then.getTime()) < precision
  same(isSame ? then : found, then, `${what}, within ${precision} ms`)
}
