// check: compares two trees; prints the differences.
import { relativeTo, root, showPath } from '@anydrive/core'
import { compareTrees, encoder, namesFor, type CompareOptions, type Comparison, type Names } from '@anydrive/migrate'
import { Option } from 'commander'
import * as E from 'fp-ts/Either'
import { resolve } from 'node:path'
import type { Add, Handler } from '../add'
import { openCombined, type Combined } from '../combined'
import { locateTree, type Answer, type Context } from '../context'
import {
  createFilters,
  reportUnmatched,
  reportWarnings,
  withPatterns,
  type Filters,
  type PatternOptions,
} from '../filters'
import type { Location } from '../location'
import { exits, interrupted, ofDrive, ofScratch, usage } from '../problem'
import { countText, nameText, knownSize } from '../text'

interface Options extends PatternOptions {
  readonly content?: boolean
  readonly download?: boolean
  readonly sizeOnly?: boolean
  readonly oneWay?: boolean
  readonly names: Names
  readonly combined?: string
}

const lineOf = ({ out: { colors } }: Context, one: Comparison): string => {
  const path = nameText(`/${one.path}`)
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
          ? `: ${knownSize(one.a)}, ${knownSize(one.b)}`
          : ''
      return `${colors.magenta('different')}  ${path}  (${one.by}${sizes})`
    }
    case 'skipped':
      return `${colors.red('skipped')}    ${path}  (${one.side === 'both' ? '' : `in the ${one.side}: `}${one.reason})`
    case 'same':
      return `same       ${path}  (${one.by})`
  }
}

/** Files that are the same, by how that is known. */
const sameText = (by: ReadonlyMap<string, number>): string => {
  const total = [...by.values()].reduce((sum, n) => sum + n, 0)
  const detail = [...by].map(([how, n]) => `${n} by ${how}${how === 'size' ? ' only' : ''}`).join(', ')
  return `${countText(total, 'file')} the same${detail === '' ? '' : ` (${detail})`}`
}

/** How the names of each side are compared: under the name that the migration would have given or read. */
const namesOf = (names: Names, target: Location): CompareOptions['namesOf'] => {
  const { naming } = target.drive.capabilities
  if (names === 'refuse') return {}
  if (names === 'encode') return { b: encoder(naming).decode }
  const { toDestination } = namesFor(names, naming)
  return { a: (name) => E.getOrElse(() => name)(toDestination(name)) }
}

interface Found {
  readonly counts: Record<Comparison['status'], number>
  /** Equal files, by how that is known. */
  readonly by: Map<string, number>
  unreadable: number
}

/** "0 missing" is only claimed where everything was seen. */
const summaryOf = ({ counts: { missing, extra, different, renamed, skipped }, by, unreadable }: Found): string => {
  const unseen = skipped + unreadable > 0 ? 'at least ' : ''
  const rest = [
    ...(renamed > 0 ? [`${renamed} renamed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(unreadable > 0 ? [`${unreadable} unreadable`] : []),
  ]
  return [sameText(by), `${unseen}${missing} missing`, `${extra} extra`, `${different} different`, ...rest].join(', ')
}

const record = async (
  context: Context,
  found: Found,
  one: Comparison,
  combined: Combined | undefined,
): Promise<void> => {
  const { out } = context
  found.counts[one.status] += 1
  if (one.status === 'same' && one.a.kind === 'file') found.by.set(one.by, (found.by.get(one.by) ?? 0) + 1)
  if (one.status !== 'same' && combined?.isStdout !== true)
    await (out.json ? out.jsonLine(one) : out.line(lineOf(context, one)))
  await combined?.add(one)
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
  const found: Found = {
    counts: { same: 0, missing: 0, extra: 0, different: 0, renamed: 0, skipped: 0 },
    by: new Map(),
    unreadable: 0,
  }
  let isFirst = true
  for await (const one of compareTrees(...ends, { ...options, same: true, renames: true, signal })) {
    // A reader that has closed the pipe has seen a difference, or has not seen all: neither is success.
    if (signal.aborted) return out.isClosed() ? E.right(exits.partly) : E.left(interrupted)
    if (E.isRight(one)) await record(context, found, one.right, combined)
    else if (!('vendor' in one.left)) return E.left(ofScratch(one.left))
    else if (isFirst && isTop(one.left.path, ends)) return E.left(ofDrive(one.left))
    else {
      found.unreadable += 1
      await combined?.failed(relativeTo(ends[0].path, one.left.path ?? root))
      out.message(`failed ${nameText(one.left.message)}`)
    }
    isFirst = false
  }
  out.message(summaryOf(found))
  const { same: _same, ...differences } = found.counts
  const isEqual = Object.values(differences).reduce((sum, n) => sum + n, found.unreadable) === 0
  return E.right(isEqual ? exits.done : exits.partly)
}

const checked = async (context: Context, ends: Ends, filters: Filters, options: Options): Promise<Answer> => {
  const { download = false, content = download, sizeOnly = false, oneWay, names, combined } = options
  const file = combined === undefined ? E.right(undefined) : await openCombined(combined, context)
  if (E.isLeft(file)) return file
  const { test } = filters
  const { io, options: shared } = context
  const ownFiles = [combined === '-' ? undefined : combined, shared.logFile].flatMap((own) =>
    own === undefined ? [] : [resolve(io.cwd, own)],
  )
  const answer = await compare(
    context,
    ends,
    {
      ...{ content, sizeOnly, oneWay, ownFiles },
      include: (entry, path) => test(path, entry),
      namesOf: namesOf(names, ends[1]),
    },
    file.right,
  )
  const closed = (await file.right?.close()) ?? E.right(undefined)
  if (E.isRight(answer)) reportUnmatched(context, filters)
  return E.isRight(answer) && E.isLeft(closed) ? closed : answer
}

const handler: Handler<Options> = async (context, [from, to], options) => {
  const { content = false, download = false, sizeOnly = false } = options
  if ((content || download) && sizeOnly)
    return E.left(usage('--content and --size-only cannot be combined', 'Give one of the two.'))
  const source = locateTree(context, from)
  if (E.isLeft(source)) return source
  const target = locateTree(context, to)
  if (E.isLeft(target)) return target
  const filters = createFilters(options, context.io.cwd)
  if (E.isLeft(filters)) return filters
  reportWarnings(context, filters.right)
  return checked(context, [source.right, target.right], filters.right, options)
}

export const addCheck: Add = (program, run) => {
  const command = program
    .command('check')
    .argument('<source>')
    .argument('<target>')
    .description('compare two trees; prints the differences, with exit code 1 if there are any')
    .option('--content', 'read the files on both sides, whatever checksums are reported')
    .option('--download', 'the same as --content')
    .option('--size-only', 'compare only sizes, whatever checksums are reported')
    .option('--one-way', 'ignore what exists only in the target')
    .addOption(
      new Option(
        '--names <policy>',
        'how names were changed when the target was copied: refuse (not at all), encode, replace or decode',
      )
        .choices(['refuse', 'encode', 'replace', 'decode'])
        .default('refuse'),
    )
    .option('--combined <file>', 'write every path to this file, marked = * + - or !; - is standard output')
    .action(run(handler))
  withPatterns(command)
}
