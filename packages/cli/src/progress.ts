// Shows how far a migration is: as a live view on a terminal, else as a line now and then.
import type { Migration, Progress } from '@anydrive/migrate'
import type { Context } from './context'
import { frame } from './display/frame'
import { showLive } from './display/live'
import { createWatch, type View } from './display/view'
import { clockText, countText, sizeText, untrusted } from './text'

/** Milliseconds between two lines, unless `--stats` says otherwise. */
export const lineEvery = 10_000

const statusText = (progress: Progress, { bytes, left, drives, failures }: View): string => {
  const { settled, through, found, walked } = progress
  const some = walked ? '' : '+'
  const throttled = drives.reduce((sum, drive) => sum + drive.throttled, 0)
  const failed = failures.reduce((sum, [, count]) => sum + count, 0)
  const parts = [
    `${settled}/${found.files}${some} files`,
    `${sizeText(through)}/${sizeText(found.bytes)}${some}`,
    `${sizeText(bytes)}/s`,
    ...(left === undefined ? [] : [`${clockText(left)} left`]),
    ...(throttled > 0 ? [`${throttled} throttled`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ]
  return parts.join(' · ')
}

export interface Shown {
  readonly migration: Migration
  /** The path of the source. */
  readonly base: string
}

/** Returns a function that ends it. */
export const showProgress = ({ io, options, out, meter }: Context, { migration, base }: Shown): (() => void) => {
  const watch = createWatch({ migration, meter, base })
  // Results that come line by line on the same terminal would run through the view.
  if (out.screen !== undefined && !(out.json && io.stdout.isTTY === true)) {
    const live = showLive(out.screen, (room) => {
      const lines = frame(watch.read(), room, out.errorColors)
      return lines.map((line) => untrusted(line, out.errorColors.isColorSupported))
    })
    const release = out.divert(live.message)
    return () => {
      release()
      live.end()
      watch.end()
    }
  }
  const timer = setInterval(() => {
    const view = watch.read()
    if (!out.json && view.progress !== undefined) out.message(statusText(view.progress, view))
  }, options.stats ?? lineEvery)
  return () => {
    clearInterval(timer)
    watch.end()
  }
}

export const filesText = (files: number, bytes: number): string => `${countText(files, 'file')}, ${sizeText(bytes)}`
