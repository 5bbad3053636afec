// ls, tree, stat, drives.
import { entries, parentOf, root, segments, walk, type DriveProvider, type Entry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { take, type Context, type Register } from '../command'
import { failed, Failure, type ExitCode } from '../failure'
import { printable, showEntry, showName } from '../output'

const ls = async (
  { drives, output }: Context,
  text: string,
  options: { readonly long?: boolean },
): Promise<ExitCode> => {
  const { drive, path } = await drives.place(text)
  const show = (entry: Entry) =>
    output.json ? output.record(entry) : output.line(options.long === true ? showEntry(entry) : showName(entry))
  const self = path === root ? undefined : await take(drive.stat(path))
  if (self !== undefined && self.kind !== 'directory') {
    await show(self)
    return 0
  }
  for await (const one of entries(drive, path)) {
    if (E.isLeft(one)) throw failed(one.left)
    await show(one.right)
  }
  return 0
}

const tree = async (
  { drives, output }: Context,
  text: string,
  options: { readonly depth?: string },
): Promise<ExitCode> => {
  const { drive, path } = await drives.place(text)
  const deepest = options.depth === undefined ? Infinity : Number(options.depth)
  const above = segments(path).length
  let code: ExitCode = 0
  for await (const one of walk(drive, path)) {
    if (E.isLeft(one)) {
      if (one.left.path === path) throw failed(one.left)
      output.message(printable(one.left.message))
      code = 1
      continue
    }
    const depth = segments(parentOf(one.right.path)).length - above
    if (depth >= deepest) continue
    await (output.json ? output.record(one.right) : output.line('  '.repeat(depth) + showName(one.right)))
  }
  return code
}

const described = (entry: Entry): ReadonlyArray<readonly [string, string]> => [
  ['path', `/${printable(entry.path)}`],
  ['kind', entry.kind === 'other' ? entry.what : entry.kind],
  ...(entry.kind === 'file' ? ([['size', `${entry.size}`]] as const) : []),
  ...(entry.createdAt === undefined ? [] : ([['created', entry.createdAt.toISOString()]] as const)),
  ...(entry.modifiedAt === undefined ? [] : ([['modified', entry.modifiedAt.toISOString()]] as const)),
  ...(entry.kind === 'file' && entry.contentType !== undefined
    ? ([['type', printable(entry.contentType)]] as const)
    : []),
  ...(entry.kind === 'file' ? Object.entries(entry.checksums) : []),
  ...(entry.kind === 'file' && entry.version !== undefined ? ([['version', printable(entry.version)]] as const) : []),
  ...(entry.id === undefined ? [] : ([['id', printable(entry.id)]] as const)),
]

const stat = async ({ drives, output }: Context, text: string): Promise<ExitCode> => {
  const { drive, path } = await drives.place(text)
  const entry = await take(drive.stat(path))
  if (output.json) await output.document(entry)
  else for (const [name, value] of described(entry)) await output.line(`${name.padEnd(9)} ${value}`)
  return 0
}

const listDrives = async (
  { configured, drives, output }: Context,
  options: { readonly check?: boolean },
): Promise<ExitCode> => {
  const all: Array<{ readonly name: string; readonly type: unknown; readonly reach?: string }> = []
  let code: ExitCode = 0
  for (const [name, settings] of Object.entries(configured.drives)) {
    if (options.check !== true) {
      all.push({ name, type: settings['type'] })
      continue
    }
    const reach = await reachOf(() => drives.open(name))
    if (reach !== 'ok') code = 1
    all.push({ name, type: settings['type'], reach })
  }
  if (output.json) await output.document(all)
  else
    for (const { name, type, reach } of all)
      await output.line([name, String(type), ...(reach === undefined ? [] : [reach])].join('\t'))
  if (all.length === 0) output.message('no drives are configured; write anydrive.json, or use local:PATH')
  return code
}

const reachOf = async (open: () => DriveProvider): Promise<string> => {
  try {
    const reached = await open().stat(root)()
    return E.isRight(reached) ? 'ok' : reached.left.message
  } catch (error) {
    if (error instanceof Failure) return error.message
    throw error
  }
}

export const registerListing: Register = (program, bind) => {
  program
    .command('ls <drive:path>')
    .description('list a directory')
    .option('-l, --long', 'kind, size and time')
    .action(bind(ls))
  program
    .command('tree <drive:path>')
    .description('list all below a directory')
    .option('--depth <levels>', 'how deep')
    .action(bind(tree))
  program.command('stat <drive:path>').description('tell all about one entry').action(bind(stat))
  program
    .command('drives')
    .description('the configured drives')
    .option('--check', 'ask each for its root')
    .action(bind(listDrives))
}
