// check: two trees, compared; differences on stdout.
import { showPath } from '@anydrive/core'
import { compareTrees, type Comparison } from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { gathered, type Add } from '../add'
import { locate, type Context } from '../context'
import { chooser, type Globs } from '../chosen'
import { exits, interrupted, ofDrive } from '../problem'
import { countText, nameText, sizeText } from '../text'

interface Options extends Globs {
  readonly content?: boolean
}

const lineOf = ({ out: { colors } }: Context, one: Comparison): string => {
  const path = nameText(showPath(one.path))
  switch (one.status) {
    case 'missing':
      return `${colors.red('missing')}    ${path}`
    case 'extra':
      return `${colors.yellow('extra')}      ${path}`
    case 'different': {
      const sizes =
        one.a.kind === 'file' && one.b.kind === 'file' && one.by === 'size'
          ? `: ${sizeText(one.a.size)}, ${sizeText(one.b.size)}`
          : ''
      return `${colors.magenta('different')}  ${path}  (${one.by}${sizes})`
    }
    case 'same':
      return `same       ${path}  (${one.by})`
  }
}

/** Files that are the same, by how that is known. */
const sameText = (by: ReadonlyMap<string, number>): string => {
  const total = [...by.values()].reduce((sum, n) => sum + n, 0)
  const detail = [...by].map(([how, n]) => `${n} by ${how}${how === 'size' ? ' alone' : ''}`).join(', ')
  return `${countText(total, 'file')} the same${detail === '' ? '' : ` (${detail})`}`
}

export const addCheck: Add = (program, run) => {
  program
    .command('check')
    .argument('<source>')
    .argument('<target>')
    .description('compare two trees; differences on stdout, exit code 1 if there are any')
    .option('--content', 'read the files on both sides, whatever is reported of them')
    .option('--include <glob>', 'only what matches; may be repeated', gathered)
    .option('--exclude <glob>', 'not what matches; may be repeated', gathered)
    .action(
      run(async (context, [from, to], { content, ...globs }: Options) => {
        const { out, signal } = context
        const a = locate(context, from)
        if (E.isLeft(a)) return a
        const b = locate(context, to)
        if (E.isLeft(b)) return b
        const chosen = chooser(globs, a.right.path, b.right.path)
        const include = (...[entry]: Parameters<typeof chosen>) => chosen(entry) !== false
        const by = new Map<string, number>()
        const counts = { same: 0, missing: 0, extra: 0, different: 0 }
        let errors = 0
        for await (const one of compareTrees(a.right, b.right, { content, same: true, include, signal })) {
          if (signal.aborted) return E.left(interrupted)
          if (E.isLeft(one)) {
            if (
              counts.same + counts.missing + counts.extra + counts.different + errors === 0 &&
              isTop(one.left.path, a.right.path, b.right.path)
            )
              return E.left(ofDrive(one.left))
            errors += 1
            out.tell(`failed ${nameText(one.left.message)}`)
            continue
          }
          counts[one.right.status] += 1
          if (one.right.status !== 'same')
            await (out.json ? out.jsonLine(one.right) : out.line(lineOf(context, one.right)))
          else if (one.right.a.kind === 'file') by.set(one.right.by, (by.get(one.right.by) ?? 0) + 1)
        }
        const { missing, extra, different } = counts
        out.tell(
          `${sameText(by)}, ${missing} missing, ${extra} extra, ${different} different${errors > 0 ? `, ${errors} unreadable` : ''}`,
        )
        return E.right(missing + extra + different + errors > 0 ? exits.partly : exits.done)
      }),
    )
}

const isTop = (path: string | undefined, ...tops: ReadonlyArray<string>): boolean =>
  path !== undefined && tops.includes(path)
