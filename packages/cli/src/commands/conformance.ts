// conformance: the laws of the contract, checked on a real drive.
import { laws, matrixOf, matrixText, runLaw, type Subject, type Verdict } from '@anydrive/conformance'
import { ensureDir } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Add } from '../add'
import { locate } from '../context'
import type { Location } from '../location'
import { exits, interrupted, ofDrive } from '../problem'
import { nameText } from '../text'

interface Options {
  readonly only?: string
}

const subjectOf = ({ drive, path, again }: Location): Subject => ({
  capabilities: drive.capabilities,
  root: path,
  open: () => {
    const opened = again()
    return E.isRight(opened) ? opened.right : drive
  },
})

export const addConformance: Add = (program, run) => {
  program
    .command('conformance')
    .argument('<directory>')
    .description(
      'check on a real drive that it keeps the contract, each law in a folder of its own below the directory',
    )
    .option('--only <operation>', 'the laws of one operation')
    .action(
      run(async (context, [text], { only }: Options) => {
        const { out, signal } = context
        const place = locate(context, text)
        if (E.isLeft(place)) return place
        const { drive, path } = place.right
        const there = await ensureDir(drive, path, { signal })()
        if (E.isLeft(there)) return E.left(ofDrive(there.left))
        const verdicts: Array<Verdict> = []
        for (const law of laws.filter(({ operation }) => only === undefined || operation === only)) {
          if (signal.aborted) return E.left(interrupted)
          const verdict = await runLaw(subjectOf(place.right), law)
          if (verdict.verdict === 'broken') out.tell(`broken ${law.promise} ${law.name}: ${nameText(verdict.why)}`)
          verdicts.push(verdict)
        }
        const matrix = matrixOf(verdicts)
        if (out.json) await out.document(matrix)
        else for (const line of matrixText(matrix)) await out.line(line)
        return E.right(matrix.broken.length > 0 ? exits.partly : exits.done)
      }),
    )
}
