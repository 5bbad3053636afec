// mkdir: a directory.
import { ensureDir, type DirEntry } from '@anydrive/core'
import { Option } from 'commander'
import * as E from 'fp-ts/Either'
import type { Add } from '../add'
import { locate } from '../context'
import { locationText } from '../location'
import { exits, ofDrive } from '../problem'
import { nameText } from '../text'

interface Options {
  readonly parents?: boolean
  readonly conflict: 'ask' | 'rename'
}

export const addMkdir: Add = (program, run) => {
  program
    .command('mkdir')
    .argument('<place>')
    .description('make a directory')
    .option('-p, --parents', 'missing parents too; one that is there already is fine')
    .addOption(
      new Option('--conflict <strategy>', 'when the name is taken: fail, or pick a free one')
        .choices(['ask', 'rename'])
        .default('ask'),
    )
    .action(
      run(async (context, [text], { parents = false, conflict }: Options) => {
        const { out, signal } = context
        const place = locate(context, text)
        if (E.isLeft(place)) return place
        const { drive, path } = place.right
        const made: E.Either<Parameters<typeof ofDrive>[0], DirEntry> =
          parents && conflict === 'ask'
            ? await ensureDir(drive, path, { signal })()
            : await drive.createDir(path, { conflict, parents: parents ? 'create' : 'require', signal })()
        if (E.isLeft(made)) return E.left(ofDrive(made.left))
        if (out.json) await out.document(made.right)
        else if (made.right.path !== path) out.tell(`made as ${nameText(locationText(place.right, made.right.path))}`)
        return E.right(exits.done)
      }),
    )
}
