// put and get: between this machine and a drive.
import { isError, spooled } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { conflictOption, type Add } from '../add'
import { locate, type Answer, type Context } from '../context'
import { localLocation, locationText, type Location } from '../location'
import { exits, ofDrive, usage } from '../problem'
import { nameText } from '../text'
import { report, transfer, type Conflict } from '../transfer'
import { cat } from './cat'

interface Options {
  readonly conflict: Conflict
}
interface PutOptions extends Options {
  readonly type?: string
}

/** Standard input is stored until its end: its size must be known before the first byte is sent. */
const putStdin = async (context: Context, target: Location, { conflict, type }: PutOptions): Promise<Answer> => {
  const { io, signal, out } = context
  const existing = await target.drive.stat(target.path, { signal })()
  if (target.asDirectory || (E.isRight(existing) && existing.right.kind === 'directory'))
    return E.left(usage('the content of standard input needs a file name', 'Name the target as DRIVE:DIRECTORY/NAME.'))
  const end = (): void => void io.stdin.destroy()
  signal.addEventListener('abort', end, { once: true })
  const source = await spooled(io.stdin)()
  signal.removeEventListener('abort', end)
  if (E.isLeft(source)) return E.left(ofDrive(source.left))
  const written = await target.drive
    .writeFile(target.path, source.right, {
      conflict: conflict === 'skip' ? 'ask' : conflict,
      contentType: type,
      signal,
    })()
    .finally(source.right.dispose)
  if (E.isLeft(written)) {
    if (conflict !== 'skip' || !isError('NameConflict')(written.left)) return E.left(ofDrive(written.left))
    out.message(`skipped: ${nameText(locationText(target, target.path))} already exists`)
    return E.right(exits.done)
  }
  if (out.json) await out.document(written.right)
  else if (written.right.path !== target.path)
    out.message(`stored as ${nameText(locationText(target, written.right.path))}`)
  return E.right(exits.done)
}

export const addPut: Add = (program, run) => {
  program
    .command('put')
    .argument('<files...>', 'files and directories of this machine, or - for standard input, then the target')
    .usage('[options] FILE… DRIVE:PATH')
    .description('send files and directories of this machine to a drive')
    .option('--type <media-type>', 'the content type of what is read from standard input')
    .addOption(conflictOption())
    .action(
      run(async (context, texts, options: PutOptions) => {
        const files = texts.slice(0, -1)
        if (files.length === 0)
          return E.left(usage('a file and a target are needed', 'Run anydrive put FILE… DRIVE:PATH.'))
        const target = locate(context, texts.at(-1))
        if (E.isLeft(target)) return target
        if (files.includes('-')) {
          if (files.length > 1)
            return E.left(
              usage(
                '"-" cannot be combined with other files',
                'Run anydrive put - DRIVE:PATH for standard input by itself.',
              ),
            )
          return putStdin(context, target.right, options)
        }
        const sources: Array<Location> = []
        for (const file of files) {
          const source = localLocation(file, context.io.cwd)
          if (E.isLeft(source)) return source
          sources.push(source.right)
        }
        const way = { conflict: options.conflict, move: false, recursive: true }
        return E.right(await report(context, await transfer(context, sources, target.right, way)))
      }),
    )
}

export const addGet: Add = (program, run) => {
  program
    .command('get')
    .argument('<place>')
    .argument('[target]', 'a path of this machine, or - for standard output', '.')
    .description('download a file or a directory; a file appears under its name once it is complete')
    .addOption(conflictOption())
    .action(
      run(async (context, [text, to = '.'], { conflict }: Options) => {
        const source = locate(context, text)
        if (E.isLeft(source)) return source
        if (to === '-') return cat(context, source.right)
        const target = localLocation(to, context.io.cwd, 'followed')
        if (E.isLeft(target)) return target
        const way = { conflict, move: false, recursive: true }
        return E.right(await report(context, await transfer(context, [source.right], target.right, way)))
      }),
    )
}
