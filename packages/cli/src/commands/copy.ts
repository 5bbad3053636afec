// cp and mv: within a drive by the drive itself, between two as a migration with proof.
import * as E from 'fp-ts/Either'
import { conflictOption, type Add, type Handler } from '../add'
import { locateAll } from '../context'
import { usage } from '../problem'
import { report, transfer, type Conflict } from '../transfer'

interface Options {
  readonly conflict: Conflict
  readonly recursive?: boolean
}

const handler =
  (move: boolean): Handler<Options> =>
  async (context, texts, { conflict, recursive = false }) => {
    const places = locateAll(context, texts)
    if (E.isLeft(places)) return places
    const target = places.right.at(-1)
    const sources = places.right.slice(0, -1)
    if (target === undefined || sources.length === 0)
      return E.left(usage('a source and a target are needed', `Run anydrive ${move ? 'mv' : 'cp'} SOURCE… TARGET.`))
    const way = { conflict, move, recursive: recursive || move }
    return E.right(await report(context, await transfer(context, sources, target, way)))
  }

export const addCopy: Add = (program, run) => {
  program
    .command('cp')
    .argument('<places...>', 'sources, then the target; into it, if it is a directory')
    .usage('[options] SOURCE… TARGET')
    .description('copy files, and directories with -r; between two drives every copy is verified')
    .option('-r, --recursive', 'copy directories with all below them')
    .addOption(conflictOption())
    .action(run(handler(false)))
}

export const addMove: Add = (program, run) => {
  program
    .command('mv')
    .argument('<places...>', 'sources, then the target; into it, if it is a directory')
    .usage('[options] SOURCE… TARGET')
    .description(
      'move or rename; between two drives a file is removed from the source once its copy is verified, and a directory once it is empty',
    )
    .addOption(conflictOption())
    .action(run(handler(true)))
}
