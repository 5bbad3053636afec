// --combined: every path with what became of it, one a line, as rclone writes them.
import type { Comparison } from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { closeSync, openSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Context } from './context'
import { usage, type Problem } from './problem'
import { nameText } from './text'

type Written = E.Either<Problem, void>
export interface Combined {
  /** The lines stand in place of the usual ones. */
  readonly isStdout: boolean
  readonly add: (one: Comparison) => Promise<Written>
  readonly failed: (path: string) => Promise<Written>
  /** In every case. */
  readonly close: () => Written
}

const isFile = (one: Comparison): boolean => ('a' in one ? one.a : one.b).kind !== 'directory'

/** `=` the same, `*` different, `+` only in the source, `-` only in the target; directories have no line. */
const linesOf = (one: Comparison): ReadonlyArray<string> => {
  if (!isFile(one)) return []
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

const bufferSize = 64 * 1024
const attempt = <A>(file: string, work: () => A): E.Either<Problem, A> =>
  E.tryCatch(work, (u) => usage(`${file} cannot be written: ${u instanceof Error ? u.message : String(u)}`))

const toFile = (file: string, at: string): E.Either<Problem, Combined> =>
  E.map((fd: number): Combined => {
    let text = ''
    const flush = (): Written =>
      attempt(file, () => {
        const bytes = Buffer.from(text)
        text = ''
        for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done)
      })
    const put = (lines: ReadonlyArray<string>): Promise<Written> => {
      for (const line of lines) text += `${line}\n`
      return Promise.resolve(text.length < bufferSize ? E.right(undefined) : flush())
    }
    return {
      isStdout: false,
      add: (one) => put(linesOf(one)),
      failed: (path) => put([`! ${nameText(path)}`]),
      close: () => {
        const flushed = flush()
        closeSync(fd)
        return flushed
      },
    }
  })(attempt(file, () => openSync(at, 'w')))

/** `-` is stdout. */
export const openCombined = (file: string, { out, io }: Context): E.Either<Problem, Combined> => {
  if (file !== '-') return toFile(file, resolve(io.cwd, file))
  const put = async (lines: ReadonlyArray<string>): Promise<Written> => {
    for (const line of lines) await out.line(line)
    return E.right(undefined)
  }
  return E.right({
    isStdout: true,
    add: (one) => put(linesOf(one)),
    failed: (path) => put([`! ${nameText(path)}`]),
    close: () => E.right(undefined),
  })
}
