// Starts the dashboard and reads its events; and migrations that a test holds up at a file.
import { createRegistry, layer, type DriveProvider } from '@anydrive/core'
import type { Emulator } from '@anydrive/emulators'
import { kooDrive } from '@anydrive/koodrive'
import { migrate, sqliteJournal, type MigrateOptions } from '@anydrive/migrate'
import { tencentSmh } from '@anydrive/tencent-smh'
import * as E from 'fp-ts/Either'
import { Readable } from 'node:stream'
import { main } from '@anydrive/cli'
import { sink, type Desk, type Ran } from './command'

export const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20))
}

export interface Served {
  readonly url: string
  /** Ends the command, as a signal would. */
  readonly stop: () => Promise<Ran>
}

const open = new Set<AbortController>()
/** What a test that failed has left. */
export const stopAll = (): void => {
  for (const stop of open) stop.abort()
  open.clear()
}

/** `anydrive dashboard` with these words, once it has printed its URL. */
export const served = async (here: Desk, words: string): Promise<Served> => {
  const [stdout, stderr] = [sink(), sink()]
  const stop = new AbortController()
  open.add(stop)
  let code: number | undefined
  const ended = main(['dashboard', ...words.split(' ')], {
    stdin: Readable.from([]),
    stdout,
    stderr,
    env: {},
    cwd: here.dir,
    signal: stop.signal,
  }).then((it) => {
    code = it
  })
  await until(() => code !== undefined || stdout.text().includes('\n'))
  if (code !== undefined) throw new Error(stderr.text())
  return {
    url: stdout.text().trim(),
    stop: async () => {
      stop.abort()
      await ended
      return { code: code ?? -1, out: stdout.text(), err: stderr.text() }
    },
  }
}

export type Fragments = Readonly<Record<string, string>>

/** The events of the page, one after another, until the stream ends. */
async function* eventsOf(url: string): AsyncGenerator<Fragments, void> {
  const response = await fetch(new URL('events', url))
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks)
      if (block.startsWith('data: ')) yield JSON.parse(block.slice('data: '.length)) as Fragments
  }
}

/** A following of the events: all that a page would show now, and the last event. */
export const follow = (url: string) => {
  let shown: Fragments = {}
  let count = 0
  const done = (async () => {
    for await (const event of eventsOf(url)) {
      shown = { ...shown, ...event }
      count += 1
    }
  })()
  /** Without the tags. */
  const text = (id: string): string => (shown[id] ?? '').replace(/<[^<>]*>/g, ' ').replace(/\s+/g, ' ')
  return {
    text,
    shown: () => shown,
    count: () => count,
    done,
    until: (id: string, what: RegExp) => until(() => what.test(text(id))),
  }
}

/** Lets through as many as it was opened for. */
export const gate = () => {
  let free = 0
  const waiting: Array<() => void> = []
  return {
    pass: (): Promise<void> =>
      free > 0
        ? (free--, Promise.resolve())
        : new Promise((resolve) => {
            waiting.push(resolve)
          }),
    open: (n: number): void => {
      for (let i = 0; i < n; i++) {
        const next = waiting.shift()
        if (next === undefined) free += 1
        else next()
      }
    },
  }
}
export type Gate = ReturnType<typeof gate>

const registry = createRegistry([tencentSmh, kooDrive])
export const driveOf = ({ configuration }: Emulator): DriveProvider => {
  const opened = registry.openUnknown(Object.values(configuration)[0])
  if (E.isLeft(opened)) throw new Error(opened.left.message)
  return opened.right
}

/** A migration with a journal, each of whose files waits at the gate before it is written. */
export const gated = (
  file: string,
  options: Omit<MigrateOptions, 'journal'>,
  { pass }: Gate,
): { readonly done: Promise<unknown> } => {
  const opened = sqliteJournal(file, { label: 'the old drive → the new one' })
  if (E.isLeft(opened)) throw new Error(opened.left.message)
  const drive = layer(options.to.drive, {
    writeFile:
      (next) =>
      (...args) =>
      async () => {
        await pass()
        return next(...args)()
      },
  })
  const { run } = migrate({ ...options, to: { ...options.to, drive }, journal: opened.right })
  return { done: run().finally(opened.right.close) }
}
