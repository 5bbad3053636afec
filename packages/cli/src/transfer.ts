// cp and mv between two drives: a migration of one source, told in a line.
import type { ConflictStrategy } from '@anydrive/core'
import { migrate } from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import type { Context } from './command'
import { codeOf, Failure, type ExitCode } from './failure'
import { printable, showBytes } from './output'
import type { Place } from './places'

export const transfer = async (
  { io, output }: Context,
  verb: 'copy' | 'move',
  from: Place,
  to: Place,
  conflict: ConflictStrategy,
): Promise<ExitCode> => {
  const { run } = migrate({
    from: { drive: from.drive, path: from.path },
    to: { drive: to.drive, path: to.path },
    conflict,
    removeSource: verb === 'move',
    signal: io.signal,
  })
  const ended = await run()
  if (E.isLeft(ended)) {
    const error = ended.left
    throw new Failure('vendor' in error ? codeOf(error) : 1, error.message)
  }
  const summary = ended.right
  for (const { error } of summary.failed) output.message(`anydrive: ${printable(error.message)}`)
  if (output.json) await output.record({ from: from.text, to: `${to.driveName}:${to.path}`, ...summary })
  else
    await output.line(
      `${printable(from.text)} → ${to.driveName}:/${printable(to.path)}\t${summary.files} files\t${showBytes(summary.bytes)}`,
    )
  const [first] = summary.failed
  if (first === undefined) return 0
  return summary.failed.length === 1 && summary.files === 0 ? codeOf(first.error) : 1
}
