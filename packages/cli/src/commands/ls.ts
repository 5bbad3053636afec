// ls: what a directory holds, a page at a time, in the drive's own order.
import { entries, type Entry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Add } from '../add'
import { locate, type Context } from '../context'
import { exits, ofDrive } from '../problem'
import { nameText, sizeText } from '../text'

interface Options {
  readonly long?: boolean
}

export const mark = (entry: Entry): string =>
  entry.kind === 'directory' ? '/' : entry.kind === 'other' ? `  (${entry.what})` : ''

const lineOf = ({ out }: Context, entry: Entry, long: boolean): string => {
  const name = nameText(entry.name)
  const shown = `${entry.kind === 'directory' ? out.colors.blue(name) : name}${mark(entry)}`
  if (!long) return shown
  const size = entry.kind === 'file' ? sizeText(entry.size) : '-'
  const time = entry.modifiedAt?.toISOString().replace(/\.\d+Z$/, 'Z') ?? '-'
  return `${size.padStart(9)}  ${time.padEnd(20)}  ${shown}`
}

export const addLs: Add = (program, run) => {
  program
    .command('ls')
    .argument('<place>')
    .description('list a directory; with --json one entry a line')
    .option('-l, --long', 'sizes and times too')
    .action(
      run(async (context, [text], { long = false }: Options) => {
        const { out, signal } = context
        const place = locate(context, text)
        if (E.isLeft(place)) return place
        const { drive, path } = place.right
        const tell = (entry: Entry) => (out.json ? out.jsonLine(entry) : out.line(lineOf(context, entry, long)))
        for await (const entry of entries(drive, path, { signal })) {
          if (E.isRight(entry)) await tell(entry.right)
          else {
            const self = entry.left._tag === 'WrongKind' ? await drive.stat(path, { signal })() : entry
            if (E.isLeft(self)) return E.left(ofDrive(self.left))
            await tell(self.right)
          }
        }
        return E.right(exits.done)
      }),
    )
}
