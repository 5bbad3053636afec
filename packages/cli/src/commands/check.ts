// check: two trees, compared; differences on stdout.
import { relativeTo, root, showPath } from '@anydrive/core'
import { compareTrees, encoder, namesFor, type CompareOptions, type Comparison, type Names } from '@anydrive/migrate'
import { Option } from 'commander'
import * as E from 'fp-ts/Either'
import { gathered, type Add, type Handler } from '../add'
import { chooser, type Globs } from '../chosen'
import { openCombined, type Combined } from '../combined'
import { locate, type Answer, type Context } from '../context'
import type { Location } from '../location'
import { exits, interrupted, ofDrive, ofScratch, usage } from '../problem'
import { countText, nameText, sizeText } from '../text'

interface Options extends Globs {
  readonly content?: boolean
  readonly download?: boolean
  readonly sizeOnly?: boolean
  readonly oneWay?: boolean
  readonly names: Names
  readonly combined?: string
}

const lineOf = ({ out: { colors } }: Context, one: Comparison): string => {
  const path = nameText(showPath(one.path))
  switch (one.status) {
    case 'missing':
      return `${colors.red('missing')}    ${path}`
    case 'extra':
      return `${colors.yellow('extra')}      ${path}`
    case 'renamed':
      return `${colors.cyan('renamed')}    ${path} → ${nameText(showPath(one.to))}  (${one.by})`
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

/** Each side under the names that the other would have it by. */
const namesOf = (names: Names, target: Location): CompareOptions['namesOf'] => {
  const { naming } = target.drive.capabilities
  if (names === 'refuse') return {}
  if (names === 'encode') return { b: encoder(naming).decode }
  const { toDestination } = namesFor(names, naming)
  return { a: (name) => E.getOrElse(() => name)(toDestination(name)) }
}

interface Tally {
  readonly counts: Record<Comparison['status'], number>
  readonly by: Map<string, number>
  errors: number
}

const summaryOf = ({ counts: { missing, extra, different, renamed }, by, errors }: Tally): string => {
  const rest = [renamed > 0 ? `${renamed} renamed` : '', errors > 0 ? `${errors} unreadable` : ''].filter(
    (it) => it !== '',
  )
  return [sameText(by), `${missing} missing`, `${extra} extra`, `${different} different`, ...rest].join(', ')
}

const told = async (context: Context, tally: Tally, one: Comparison, combined: Combined | undefined) => {
  const { out } = context
  tally.counts[one.status] += 1
  if (one.status === 'same' && one.a.kind === 'file') tally.by.set(one.by, (tally.by.get(one.by) ?? 0) + 1)
  if (one.status !== 'same' && combined?.isStdout !== true)
    await (out.json ? out.jsonLine(one) : out.line(lineOf(context, one)))
  return combined === undefined ? E.right(undefined) : combined.add(one)
}

type Ends = readonly [source: Location, target: Location]

const isTop = (path: string | undefined, ends: Ends): boolean =>
  path !== undefined && ends.some((end) => end.path === path)

const compare = async (
  context: Context,
  ends: Ends,
  options: CompareOptions,
  combined: Combined | undefined,
): Promise<Answer> => {
  const { out, signal } = context
  const tally: Tally = { counts: { same: 0, missing: 0, extra: 0, different: 0, renamed: 0 }, by: new Map(), errors: 0 }
  let isFirst = true
  for await (const one of compareTrees(...ends, { ...options, same: true, renames: true, signal })) {
    if (signal.aborted) return E.left(interrupted)
    if (E.isRight(one)) {
      const written = await told(context, tally, one.right, combined)
      if (E.isLeft(written)) return written
    } else if (!('vendor' in one.left)) return E.left(ofScratch(one.left))
    else if (isFirst && isTop(one.left.path, ends)) return E.left(ofDrive(one.left))
    else {
      tally.errors += 1
      await combined?.failed(relativeTo(ends[0].path, one.left.path ?? root))
      out.tell(`failed ${nameText(one.left.message)}`)
    }
    isFirst = false
  }
  out.tell(summaryOf(tally))
  const { missing, extra, different, renamed } = tally.counts
  const isEqual = missing + extra + different + renamed + tally.errors === 0
  return E.right(isEqual ? exits.done : exits.partly)
}

const handler: Handler<Options> = async (context, [from, to], options) => {
  const { download = false, content = download, sizeOnly = false, oneWay, names, combined, ...globs } = options
  if (content && sizeOnly) return E.left(usage('--content and --size-only exclude each other.'))
  const a = locate(context, from)
  if (E.isLeft(a)) return a
  const b = locate(context, to)
  if (E.isLeft(b)) return b
  const file = combined === undefined ? E.right(undefined) : openCombined(combined, context)
  if (E.isLeft(file)) return file
  const chosen = chooser(globs, a.right.path, b.right.path)
  const include = (...[entry]: Parameters<typeof chosen>) => chosen(entry) !== false
  const compared = await compare(
    context,
    [a.right, b.right],
    { content, sizeOnly, oneWay, include, namesOf: namesOf(names, b.right) },
    file.right,
  )
  const closed = file.right?.close() ?? E.right(undefined)
  return E.isRight(compared) && E.isLeft(closed) ? closed : compared
}

export const addCheck: Add = (program, run) => {
  program
    .command('check')
    .argument('<source>')
    .argument('<target>')
    .description('compare two trees; differences on stdout, exit code 1 if there are any')
    .option('--content', 'read the files on both sides, whatever is reported of them')
    .option('--download', 'the same as --content')
    .option('--size-only', 'compare sizes alone, whatever checksums are reported')
    .option('--one-way', 'what is in the target alone is no difference')
    .addOption(
      new Option('--names <policy>', 'the target is a copy whose names were encoded, replaced or decoded on their way')
        .choices(['refuse', 'encode', 'replace', 'decode'])
        .default('refuse'),
    )
    .option('--combined <file>', 'every path there, with = * + - or ! before it; - is stdout')
    .option('--include <glob>', 'only what matches; may be repeated', gathered)
    .option('--exclude <glob>', 'not what matches; may be repeated', gathered)
    .action(run(handler))
}
