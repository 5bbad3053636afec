// mkdir, cp, mv, rm: changes within a drive, and between drives.
import {
  child,
  copy,
  ensureDir,
  move,
  nameOf,
  root,
  type BatchSettled,
  type ConflictStrategy,
  type DrivePath,
  type DriveProvider,
  type Placed,
  type Removed,
} from '@anydrive/core'
import { Option } from 'commander'
import * as E from 'fp-ts/Either'
import { take, type Context, type Register } from '../command'
import { codeOf, failed, misused, type ExitCode } from '../failure'
import { printable } from '../output'
import type { Place } from '../places'
import { transfer } from '../transfer'

const mkdir = async (
  { drives, output }: Context,
  texts: ReadonlyArray<string>,
  options: { readonly conflict?: ConflictStrategy; readonly parents?: boolean },
): Promise<ExitCode> => {
  for (const text of texts) {
    const { drive, path } = await drives.place(text)
    const made =
      options.parents === true
        ? await take(ensureDir(drive, path))
        : await take(drive.createDir(path, { conflict: options.conflict, parents: 'require' }))
    await (output.json ? output.record(made) : output.line(`/${printable(made.path)}`))
  }
  return 0
}

type Verb = 'copy' | 'move'
interface PlacingOptions {
  readonly conflict: ConflictStrategy
  readonly targetDirectory: boolean
}

const isDirectory = async (drive: DriveProvider, path: DrivePath): Promise<boolean> => {
  if (path === root) return true
  const found = await drive.stat(path)()
  if (E.isRight(found)) return found.right.kind === 'directory'
  if (found.left._tag === 'NotFound' && found.left.what !== 'space') return false
  throw failed(found.left)
}

/** Into the target where it is a directory, as cp and mv do; else to the very path. */
const targetFor = (source: Place, target: Place, into: boolean): DrivePath => {
  if (!into) return target.path
  if (source.path === root) return target.path
  const inside = child(target.path, nameOf(source.path))
  if (E.isLeft(inside)) throw failed(inside.left)
  return inside.right
}

const within = async (
  verb: Verb,
  drive: DriveProvider,
  from: DrivePath,
  to: DrivePath,
  conflict: ConflictStrategy,
): Promise<Placed> => take((verb === 'copy' ? copy : move)(drive, from, to, { conflict }))

const place =
  (verb: Verb) =>
  async (context: Context, texts: ReadonlyArray<string>, options: PlacingOptions): Promise<ExitCode> => {
    const { drives, output } = context
    const [last, ...reversed] = [...texts].reverse()
    if (last === undefined || reversed.length === 0)
      throw misused(`${verb === 'copy' ? 'cp' : 'mv'} takes sources and a target`)
    const target = await drives.place(last)
    const into = options.targetDirectory && (await isDirectory(target.drive, target.path))
    if (reversed.length > 1 && !into)
      throw misused(`${last} is not a directory, and there are ${reversed.length} sources`)
    let code: ExitCode = 0
    for (const text of reversed.reverse()) {
      const source = await drives.place(text)
      const to = targetFor(source, target, into)
      if (source.drive !== target.drive) {
        code = (await transfer(context, verb, source, { ...target, path: to }, options.conflict)) || code
        continue
      }
      const placed = await within(verb, source.drive, source.path, to, options.conflict)
      await (output.json
        ? output.record({ from: source.path, ...placed })
        : output.line(
            `/${printable(source.path)} → /${printable(placed.path)}${placed.how === 'renamed' ? ' (renamed)' : ''}`,
          ))
    }
    return code
  }

const rm = async (
  { drives, output }: Context,
  texts: ReadonlyArray<string>,
  options: { readonly permanent?: boolean; readonly requireTrash?: boolean },
): Promise<ExitCode> => {
  const byDrive = new Map<DriveProvider, Array<DrivePath>>()
  for (const text of texts) {
    const { drive, path } = await drives.place(text)
    byDrive.set(drive, [...(byDrive.get(drive) ?? []), path])
  }
  const codes: Array<ExitCode> = []
  for (const [drive, paths] of byDrive) {
    const batch: BatchSettled<unknown, Removed> = await take(
      drive.batchRemove(paths, { permanent: options.permanent, requireTrash: options.requireTrash }),
    )
    for (const outcome of batch.outcomes) {
      if (outcome.status === 'failed') {
        output.message(`anydrive: ${printable(outcome.error.message)}`)
        codes.push(codeOf(outcome.error))
      } else
        await (output.json
          ? output.record({ path: outcome.path, how: outcome.how })
          : output.line(`/${printable(outcome.path)}\t${outcome.how}`))
    }
  }
  const [first] = codes
  return first === undefined ? 0 : texts.length === 1 ? first : 1
}

const conflict = (): Option =>
  new Option('--conflict <strategy>', 'what to do when the name is taken')
    .choices(['ask', 'rename', 'overwrite'])
    .default('ask')

export const registerChanging: Register = (program, bind) => {
  program
    .command('mkdir <drive:path...>')
    .description('make directories')
    .option('-p, --parents', 'make missing parents, and be content if it is there')
    .addOption(
      new Option('--conflict <strategy>', 'what to do when the name is taken')
        .choices(['ask', 'rename'])
        .default('ask'),
    )
    .action(bind(mkdir))
  for (const [name, verb, what] of [
    ['cp', 'copy', 'copy files and directories, within a drive or between two'],
    ['mv', 'move', 'move files and directories; between drives a source goes once its copy is verified'],
  ] as const)
    program
      .command(`${name} <drive:path...>`)
      .description(what)
      .addOption(conflict())
      .option('-T, --no-target-directory', 'the target is the new name itself, even where it is a directory')
      .action(bind(place(verb)))
  program
    .command('rm <drive:path...>')
    .description('remove files and directories, to the bin where there is one')
    .option('--permanent', 'past the bin')
    .option('--require-trash', 'only where it can be recovered')
    .action(bind(rm))
}
