// --json of a migration: prints its events as they happen, each on a line.
import type { Migration } from '@anydrive/migrate'
import type { Context } from '../context'
import { eventLine } from './event-line'
import { createWatch } from './view'

/** Milliseconds between two lines of progress. */
const progressEvery = 1000
/** Lines waiting for a slow reader at which the migration pauses. */
const most = 1000

/** Returns a function that prints the last progress, ends the printing, and resolves once everything is written. */
export const printEvents = (
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
  const print = (line: string): void => {
    queue.push(line)
    if (queue.length > most) migration.pause()
    writing ??= write()
  }
  const progress = (): void => {
    print(eventLine('progress', watch.read()))
  }
  const offs = [
    migration.on('failed', (event) => {
      print(eventLine('failed', event))
    }),
    migration.on('decided', (event) => {
      print(eventLine('decided', event))
    }),
    migration.on('settled', (event) => {
      print(eventLine('settled', event))
    }),
    migration.on('removed', (event) => {
      print(eventLine('removed', event))
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
