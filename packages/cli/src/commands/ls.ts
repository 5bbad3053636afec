// ls: what a directory holds, a page at a time, in the drive's own order.
import * as E from 'fp-ts/Either'
import type { Add } from '../add'
import { locateTree, type Answer, type Context } from '../context'
import { listed, stoppedListing, suffixOf, type Listed } from '../listing'
import type { Location } from '../location'
import { exits, ofDrive } from '../problem'
import { nameText, knownSize } from '../text'

interface Options {
  readonly long?: boolean
}

const lineOf = ({ out }: Context, item: Listed, long: boolean): string => {
  const name = nameText(item.name)
  const shown = `${item.kind === 'directory' ? out.colors.blue(name) : name}${suffixOf(item)}`
  if (!long) return shown
  const size = item.kind === 'file' ? knownSize(item) : '-'
  const time = item.kind === 'skipped' ? undefined : item.modifiedAt?.toISOString().replace(/\.\d+Z$/, 'Z')
  return `${size.padStart(9)}  ${(time ?? '-').padEnd(20)}  ${shown}`
}

const list = async (context: Context, { drive, path }: Location, long: boolean): Promise<Answer> => {
  const { out, signal } = context
  const print = (item: Listed) => (out.json ? out.jsonLine(item) : out.line(lineOf(context, item, long)))
  let isComplete = true
  for await (const item of listed(drive, path, signal)) {
    if (signal.aborted) return stoppedListing(context, isComplete)
    if (E.isRight(item)) {
      isComplete &&= item.right.kind !== 'skipped'
      await print(item.right)
      continue
    }
    const self = item.left._tag === 'WrongKind' ? await drive.stat(path, { signal })() : item
    if (E.isLeft(self)) return E.left(ofDrive(self.left))
    await print(self.right)
  }
  return E.right(isComplete ? exits.done : exits.partly)
}

export const addLs: Add = (program, run) => {
  program
    .command('ls')
    .argument('<place>')
    .description('list a directory; with --json one entry a line')
    .option('-l, --long', 'print sizes and times too')
    .action(
      run(async (context, [text], { long = false }: Options) => {
        const place = locateTree(context, text)
        return E.isLeft(place) ? place : list(context, place.right, long)
      }),
    )
}
