// How far a migration is: a bar on a terminal, else now and then a line.
import type { Migration, Progress } from '@anydrive/migrate'
import { Format, SingleBar } from 'cli-progress'
import type { Context } from './context'
import { clockText, countText, sizeText } from './text'

const lineEvery = 10_000

/** Bytes a second, of late rather than since the start. */
const meter = () => {
  const seen: Array<{ readonly at: number; readonly bytes: number }> = []
  return (bytes: number): number => {
    const now = Date.now()
    seen.push({ at: now, bytes })
    while (seen.length > 2 && now - (seen[0]?.at ?? now) > 10_000) seen.shift()
    const [first] = seen
    if (first === undefined || now - first.at < 200) return 0
    return Math.max(0, ((bytes - first.bytes) * 1000) / (now - first.at))
  }
}

const statusText = ({ bytes, settled, through, found, walked }: Progress, rate: number): string => {
  const of = walked ? '' : '+'
  const parts = [
    `${settled}/${found.files}${of} files`,
    `${sizeText(bytes)}/${sizeText(found.bytes)}${of}`,
    `${sizeText(rate)}/s`,
    ...(walked && rate > 0 ? [`${clockText(((found.bytes - through) / rate) * 1000)} left`] : []),
  ]
  return parts.join(' · ')
}

/** Answers how to end it. */
export const showProgress = ({ io, out }: Context, migration: Migration, lines: boolean): (() => void) => {
  const rate = meter()
  let last: Progress | undefined
  const off = migration.on('progress', (progress) => {
    last = progress
  })
  if (io.stderr.isTTY !== true) {
    const timer = setInterval(() => {
      if (lines && last !== undefined) out.tell(statusText(last, rate(last.through)))
    }, lineEvery)
    return () => {
      clearInterval(timer)
      off()
    }
  }
  const bar = new SingleBar({
    stream: io.stderr,
    format: (options, params, payload: { readonly text?: string }) =>
      `${Format.BarFormat(params.progress, options)} ${payload.text ?? ''}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    hideCursor: true,
    // The terminal keeps wrapping: messages pass by above the bar.
    linewrap: true,
    clearOnComplete: true,
    stopOnComplete: false,
    gracefulExit: false,
  })
  bar.start(1, 0, { text: 'looking' })
  const timer = setInterval(() => {
    if (last === undefined) return
    const { found, through, settled } = last
    // Empty files count as well, so that a tree of them moves the bar.
    const total = found.bytes + found.files
    bar.setTotal(Math.max(1, total))
    bar.update(Math.min(total, through + settled), { text: statusText(last, rate(through)) })
  }, 200)
  return () => {
    clearInterval(timer)
    off()
    bar.stop()
  }
}

export const carriedText = (files: number, bytes: number): string => `${countText(files, 'file')}, ${sizeText(bytes)}`
