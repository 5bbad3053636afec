// stat: shows one entry, with all that the drive reports about it.
import { showPath, type Entry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Add } from '../add'
import { locate } from '../context'
import { exits, ofDrive } from '../problem'
import { nameText, sizeText, tableText } from '../text'

const rowsOf = (entry: Entry): ReadonlyArray<readonly [string, string]> => {
  const time = (name: string, date: Date | undefined) =>
    date === undefined ? [] : ([[name, date.toISOString()]] as const)
  return [
    ['path', nameText(showPath(entry.path))],
    ['kind', entry.kind === 'other' ? entry.what : entry.kind],
    ...(entry.id === undefined ? [] : ([['id', entry.id]] as const)),
    ...(entry.kind === 'file'
      ? ([['size', entry.size === undefined ? 'unknown' : `${entry.size} (${sizeText(entry.size)})`]] as const)
      : []),
    ...time('created', entry.createdAt),
    ...time('modified', entry.modifiedAt),
    ...(entry.kind === 'file' && entry.contentType !== undefined ? ([['type', entry.contentType]] as const) : []),
    ...(entry.kind === 'file' && entry.version !== undefined ? ([['version', entry.version]] as const) : []),
    ...(entry.kind === 'file' ? Object.entries(entry.checksums).map(([name, value]) => [name, value] as const) : []),
  ]
}

export const addStat: Add = (program, run) => {
  program
    .command('stat')
    .argument('<place>')
    .description('show all that the drive reports about one entry')
    .action(
      run(async (context, [text]) => {
        const place = locate(context, text)
        if (E.isLeft(place)) return place
        const { drive, path } = place.right
        const entry = await drive.stat(path, { signal: context.signal })()
        if (E.isLeft(entry)) return E.left(ofDrive(entry.left))
        if (context.out.json) await context.out.document(entry.right)
        else for (const line of tableText(rowsOf(entry.right))) await context.out.line(line)
        return E.right(exits.done)
      }),
    )
}
