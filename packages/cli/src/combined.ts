// --combined: every path with what was found of it, one a line, in the form that rclone writes.
import type { Comparison } from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { resolve } from 'node:path'
import type { Context } from './context'
import { exits, type Problem } from './problem'
import { createSink } from './sink'
import { nameText, untrusted } from './text'

export interface Combined {
  /** The lines replace the usual ones on standard output. */
  readonly isStdout: boolean
  readonly add: (one: Comparison) => Promise<void>
  readonly failed: (path: string) => Promise<void>
  /** Must be called in every case; a left: not all lines were written. */
  readonly close: () => Promise<E.Either<Problem, void>>
}

const isDirectory = (one: Exclude<Comparison, { readonly status: 'skipped' }>): boolean =>
  ('a' in one ? one.a : one.b).kind === 'directory'

/** `=` the same, `*` different, `+` only in the source, `-` only in the target, `!` not compared; directories have no line. */
const linesOf = (one: Comparison): ReadonlyArray<string> => {
  if (one.status === 'skipped') return [`! ${nameText(one.path)}`]
  if (isDirectory(one)) return []
  switch (one.status) {
    case 'same':
      return [`= ${nameText(one.path)}`]
    case 'different':
      return [`* ${nameText(one.path)}`]
    case 'missing':
      return [`+ ${nameText(one.path)}`]
    case 'extra':
      return [`- ${nameText(one.path)}`]
    case 'renamed':
      return [`+ ${nameText(one.path)}`, `- ${nameText(one.to)}`]
  }
}

/** `write` waits for a slow stream. */
const combinedOver = (
  isStdout: boolean,
  write: (line: string) => Promise<void>,
  close: Combined['close'],
): Combined => ({
  isStdout,
  add: async (one) => {
    for (const line of linesOf(one)) await write(line)
  },
  failed: (path) => write(`! ${nameText(path)}`),
  close,
})

/** `-` is standard output. A left: the file cannot be opened. */
export const openCombined = async (file: string, { out, io }: Context): Promise<E.Either<Problem, Combined>> => {
  if (file === '-')
    return E.right(
      combinedOver(
        true,
        (line) => out.line(line),
        () => Promise.resolve(E.right(undefined)),
      ),
    )
  const stream = createWriteStream(resolve(io.cwd, file), { mode: 0o600 })
  const sink = createSink(stream, file)
  await once(stream, 'open').catch(() => undefined)
  const opened = sink.failure()
  if (opened !== undefined)
    return E.left({ ...opened.problem, exit: exits.usage, remedy: 'Name another --combined FILE.' })
  const close = async (): Promise<E.Either<Problem, void>> => {
    await sink.flush()
    await sink.end()
    const failure = sink.failure()
    return failure === undefined ? E.right(undefined) : E.left(failure.problem)
  }
  return E.right(combinedOver(false, (line) => sink.write(untrusted(`${line}\n`)), close))
}
