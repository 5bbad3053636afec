// cat, put, get: bytes between a drive and this machine.
import {
  child,
  type ConflictStrategy,
  fromFile,
  nameOf,
  root,
  spooled,
  type ByteRange,
  type DrivePath,
  type DriveProvider,
  type FileContent,
  type Spooled,
  type WriteOptions,
} from '@anydrive/core'
import { Option } from 'commander'
import * as E from 'fp-ts/Either'
import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { link, rename, rm, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { take, type Context, type Register } from '../command'
import { Failure, failed, misused, type ExitCode } from '../failure'
import { printable, showBytes } from '../output'

const rangeOf = (text: string | undefined): ByteRange | undefined => {
  if (text === undefined) return undefined
  const found = /^(\d+)-(\d*)$/.exec(text)
  if (found === null)
    throw misused(`a range is START-END in bytes, END not included, or START- (got ${JSON.stringify(text)})`)
  const [, start, end] = found
  return { start: Number(start), ...(end === undefined || end === '' ? {} : { end: Number(end) }) }
}

const cat = async (
  { io, drives }: Context,
  texts: ReadonlyArray<string>,
  options: { readonly range?: string },
): Promise<ExitCode> => {
  const range = rangeOf(options.range)
  for (const text of texts) {
    const { drive, path } = await drives.place(text)
    const content = await take(drive.readFile(path, { range }))
    await pipeline(content.stream, io.stdout, { end: false })
  }
  return 0
}

/** Into a directory under its own name; else to the very path. */
const targetOf = async (drive: DriveProvider, path: DrivePath, name: string): Promise<DrivePath> => {
  const there = path === root ? 'directory' : await kindAt(drive, path)
  if (there !== 'directory') return path
  const inside = child(path, name)
  if (E.isLeft(inside)) throw failed(inside.left)
  return inside.right
}
const kindAt = async (drive: DriveProvider, path: DrivePath): Promise<string | undefined> => {
  const found = await drive.stat(path)()
  if (E.isRight(found)) return found.right.kind
  if (found.left._tag === 'NotFound' && found.left.what !== 'space') return undefined
  throw failed(found.left)
}

interface PutOptions {
  readonly conflict: ConflictStrategy
}
const putSource = async ({ io }: Context, from: string): Promise<Spooled> => {
  if (from === '-') return take(spooled(io.stdin))
  return { ...(await take(fromFile(resolve(io.cwd, from)))), dispose: () => Promise.resolve() }
}
const timesOf = async ({ io }: Context, from: string): Promise<Pick<WriteOptions, 'modifiedAt'>> =>
  from === '-' ? {} : { modifiedAt: (await stat(resolve(io.cwd, from))).mtime }

const put = async (context: Context, from: string, text: string, options: PutOptions): Promise<ExitCode> => {
  const { drive, path } = await context.drives.place(text)
  if (from === '-' && path === root) throw misused('name the file that stdin goes to')
  const source = await putSource(context, from)
  try {
    const to = from === '-' ? path : await targetOf(drive, path, basename(from))
    const written = await take(
      drive.writeFile(to, source, { conflict: options.conflict, ...(await timesOf(context, from)) }),
    )
    if (context.output.json) await context.output.document(written)
    else await context.output.line(`/${printable(written.path)}\t${showBytes(written.size)}\t${written.evidence}`)
    return 0
  } finally {
    await source.dispose()
  }
}

const isDirectory = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}

/** Under a temporary name first, so that nothing half-written is ever seen. */
const save = async (content: FileContent, to: string, overwrite: boolean): Promise<void> => {
  const temporary = join(dirname(to), `.${basename(to).slice(0, 200)}.${randomUUID().slice(0, 8)}.part`)
  try {
    await pipeline(content.stream, createWriteStream(temporary, { flags: 'wx', flush: true }))
    if (overwrite) await rename(temporary, to)
    else {
      await link(temporary, to)
      await unlink(temporary)
    }
  } catch (error) {
    await rm(temporary, { force: true })
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'EEXIST')
      throw new Failure(5, `${to} exists; use --conflict overwrite to replace it`)
    throw error
  }
}

const get = async (
  context: Context,
  text: string,
  to: string | undefined,
  options: { readonly conflict: string },
): Promise<ExitCode> => {
  const { io, output } = context
  const { drive, path } = await context.drives.place(text)
  const content = await take(drive.readFile(path))
  if (to === '-') {
    await pipeline(content.stream, io.stdout, { end: false })
    return 0
  }
  const wanted = resolve(io.cwd, to ?? '.')
  const name = nameOf(path)
  const file = (await isDirectory(wanted)) ? join(wanted, name) : wanted
  await save(content, file, options.conflict === 'overwrite')
  if (output.json) await output.document({ file, size: content.size })
  else await output.line(`${printable(file)}\t${showBytes(content.size)}`)
  return 0
}

const conflict = (...choices: ReadonlyArray<string>): Option =>
  new Option('--conflict <strategy>', 'what to do when the name is taken').choices([...choices]).default('ask')

export const registerBytes: Register = (program, bind) => {
  program
    .command('cat <drive:path...>')
    .description('print files')
    .option('--range <start-end>', 'bytes, END not included')
    .action(bind(cat))
  program
    .command('put <file> <drive:path>')
    .description('upload a file, or - for stdin')
    .addOption(conflict('ask', 'rename', 'overwrite'))
    .action(bind(put))
  program
    .command('get <drive:path> [file]')
    .description('download a file, to - for stdout')
    .addOption(conflict('ask', 'overwrite'))
    .action(bind(get))
}
