// How many files go at once by what their buffers may need together.
import type { Capabilities, FileEntry } from '@anydrive/core'

export interface Budget {
  /** Resolves, in order of arrival, once there is room; answers how to give it back. */
  readonly take: (bytes: number) => Promise<() => void>
}

/** What is larger than the whole budget is let through alone. */
export const createBudget = (bytes: number): Budget => {
  const queue: Array<{ readonly needs: number; readonly admit: () => void }> = []
  let free = bytes
  const admit = (): void => {
    for (let first = queue[0]; first !== undefined && first.needs <= free; first = queue[0]) {
      queue.shift()
      free -= first.needs
      first.admit()
    }
  }
  return {
    take: (asked) =>
      new Promise((resolve) => {
        const needs = Math.min(asked, bytes)
        queue.push({
          needs,
          admit: () => {
            resolve(() => {
              free += needs
              admit()
            })
          },
        })
        admit()
      }),
  }
}

const mib = 2 ** 20
/** Streams, their sockets and what TLS holds: measured at one file after another, rounded up. */
const aStream = mib
/** Parts side by side, each with its streams; a file of 1 GB in parts was seen to need 43 MiB. */
const inParts = 48 * mib

/** What sending one file is taken to need. */
export const needs = ({ size = 0 }: FileEntry, { upload }: Capabilities): number =>
  upload.parts === 'parallel' && size > 64 * mib ? inParts : aStream + Math.min(size, aStream)
