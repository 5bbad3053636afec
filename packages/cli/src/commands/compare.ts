// compare: shows what a migration between two kinds of drive would lose, by their capabilities.
import { compareCapabilities } from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import type { Add } from '../add'
import { locateTree } from '../context'
import { exits } from '../problem'
import { tableText } from '../text'

export const addCompare: Add = (program, run) => {
  program
    .command('compare')
    .argument('<source>')
    .argument('<destination>')
    .description('show what a migration between these two kinds of drive would lose; sends nothing')
    .action(
      run(async (context, [from, to]) => {
        const { out } = context
        const source = locateTree(context, from)
        if (E.isLeft(source)) return source
        const destination = locateTree(context, to)
        if (E.isLeft(destination)) return destination
        const losses = compareCapabilities(source.right.drive.capabilities, destination.right.drive.capabilities)
        if (out.json) await out.document(losses)
        else if (losses.length === 0) await out.line('nothing would be lost')
        else
          for (const line of tableText([
            ['feature', source.right.name, destination.right.name],
            ...losses.map((loss) => [loss.feature, loss.source, loss.destination]),
          ]))
            await out.line(line)
        return E.right(exits.done)
      }),
    )
}
