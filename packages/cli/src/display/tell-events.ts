// --json of a migration: its events to stdout as they happen, each on a line.
import type { Migration } from '@anydrive/migrate'
import type { Context } from '../context'
import { eventLine } from './event-line'
import { createWatch } from './view'

/** Milliseconds between two lines of progress. */
const progressEvery = 1000
/** Lines that a slow reader may owe before nothing new is begun. */
const most = 1000

/** The last line of progress comes at the end. Answers how to end it, which waits until all is written. */
export const tellEvents = (
  { out, meter }: Pick<Context, 'out' | 'meter'>,
  { migration, base }: { readonly migration: Migration; readonly base: string },
): (() => Promise<void>) => {
  const watch = createWatch({ migration, meter, base })
  let queue: Array<string> = []
  let writing: Promise<void> | undefined
  const write = async (): Promise<void> => {
    while (queue.length > 0) {
      const lines = queue
      queue = []
      await out.line(lines.join('\n'))
    }
    writing = undefined
    migration.resume()
  }
  const tell = (line: string): void => {
    queue.push(line)
    if (queue.length > most) migration.pause()
    writing ??= write()
  }
  const progress = (): void => {
    tell(eventLine('progress', watch.read()))
  }
  const offs = [
    migration.on('failed', (event) => {
      tell(eventLine('failed', event))
    }),
    migration.on('decided', (event) => {
      tell(eventLine('decided', event))
    }),
    migration.on('settled', (event) => {
      tell(eventLine('settled', event))
    }),
  ]
  const timer = setInterval(progress, progressEvery)
  return async () => {
    clearInterval(timer)
    for (const off of offs) off()
    progress()
    watch.end()
    await writing
  }
}
