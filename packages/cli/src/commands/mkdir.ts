// mkdir: creates a directory.
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
    .description('create a directory')
    .option('-p, --parents', 'create missing parents, and accept a directory that exists already')
    .addOption(
      new Option(
        '--conflict <strategy>',
        'when the name is taken: ask (fail with an error) or rename (the drive picks a free name)',
      )
        .choices(['ask', 'rename'])
        .default('ask'),
    )
    .action(
      run(async (context, [text], { parents = false, conflict }: Options) => {
        const { out, signal } = context
        const place = locate(context, text)
        if (E.isLeft(place)) return place
        const { drive, path } = place.right
        const created: E.Either<Parameters<typeof ofDrive>[0], DirEntry> =
          parents && conflict === 'ask'
            ? await ensureDir(drive, path, { signal })()
            : await drive.createDir(path, { conflict, parents: parents ? 'create' : 'require', signal })()
        if (E.isLeft(created)) return E.left(ofDrive(created.left))
        if (out.json) await out.document(created.right)
        else if (created.right.path !== path)
          out.message(`created as ${nameText(locationText(place.right, created.right.path))}`)
        return E.right(exits.done)
      }),
    )
}
