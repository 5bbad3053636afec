// trash: lists what was removed, puts it back, or erases it.
import {
  isInside,
  nameOf,
  requires,
  root,
  type BatchSettled,
  type DriveError,
  type Placed,
  type Purged,
  type TrashEntry,
  type TrashItem,
} from '@anydrive/core'
import { Argument, Option } from 'commander'
import * as E from 'fp-ts/Either'
import { repeatable, type Add } from '../add'
import { confirmed } from '../confirm'
import { locate, type Answer, type Context } from '../context'
import { locationText, type Location } from '../location'
import { exitOf, exits, interrupted, ofDrive, usage, type Problem } from '../problem'
import { countText, knownSize, nameText } from '../text'

interface Options {
  readonly id?: ReadonlyArray<string>
  readonly conflict: 'ask' | 'rename' | 'overwrite'
  readonly yes?: boolean
}

/** Where it was, or its bare name where the service does not report it. */
const placeText = (place: Location, { path, name }: TrashEntry): string =>
  nameText(path === undefined ? name : locationText(place, path))

/** Everything in the trash; a left ends it. */
async function* trashOf(
  { drive }: Location,
  signal: AbortSignal,
): AsyncGenerator<E.Either<DriveError, TrashEntry>, void> {
  const able = requires('operations.listTrash')(drive)
  if (E.isLeft(able)) {
    yield able
    return
  }
  for (let cursor: string | undefined; ;) {
    const page = await able.right.listTrash({ cursor, signal })()
    if (E.isLeft(page)) {
      yield page
      return
    }
    for (const entry of page.right.items) yield E.right(entry)
    if (page.right.next === undefined || page.right.next === cursor) return
    cursor = page.right.next
  }
}

const list = async (context: Context, place: Location): Promise<Answer> => {
  const { out, signal } = context
  let unknown = 0
  for await (const entry of trashOf(place, signal)) {
    if (signal.aborted) return out.isClosed() ? E.right(exits.done) : E.left(interrupted)
    if (E.isLeft(entry)) return E.left(ofDrive(entry.left))
    const { kind, path, removedAt, trashId } = entry.right
    if (place.path !== root && (path === undefined || !isInside(place.path, path))) {
      if (path === undefined) unknown += 1
      continue
    }
    const size = kind === 'file' ? knownSize(entry.right) : '-'
    const time = removedAt?.toISOString().replace(/\.\d+Z$/, 'Z') ?? '-'
    const suffix = kind === 'directory' ? '/' : ''
    await (out.json
      ? out.jsonLine(entry.right)
      : out.line(
          `${size.padStart(9)}  ${time.padEnd(20)}  ${placeText(place, entry.right)}${suffix}  (id ${nameText(trashId)})`,
        ))
  }
  if (unknown > 0) {
    const all = `anydrive trash ls ${place.name}:`
    out.message(
      `${countText(unknown, 'entry', 'entries')} not listed: the service does not report where they were; see ${all}`,
    )
  }
  return E.right(exits.done)
}

/** The ids that are named, or that of the one entry that was at the place. */
const chosen = async (
  place: Location,
  { id }: Options,
  signal: AbortSignal,
): Promise<E.Either<Problem, ReadonlyArray<string>>> => {
  if (id !== undefined) return E.right(id)
  const found: Array<string> = []
  const sameName: Array<string> = []
  for await (const entry of trashOf(place, signal)) {
    if (signal.aborted) return E.left(interrupted)
    if (E.isLeft(entry)) return E.left(ofDrive(entry.left))
    const { path, name, trashId } = entry.right
    if (path === undefined && name === nameOf(place.path)) sameName.push(trashId)
    if (path === place.path && place.path !== root) found.push(trashId)
  }
  const what = nameText(locationText(place, place.path))
  if (found.length === 1) return E.right(found)
  const remedy = `Choose with --id; anydrive trash ls ${place.name}: lists the ids.`
  const idsOf = (ids: ReadonlyArray<string>): string => `ids ${ids.map(nameText).join(', ')}`
  if (found.length === 0 && sameName.length > 0)
    return E.left(
      usage(`the service does not report where entries of the trash were; of this name: ${idsOf(sameName)}`, remedy),
    )
  return E.left(
    found.length === 0
      ? { exit: exits.notFound, message: `nothing in the trash is known to have been at ${what}`, remedy }
      : usage(`${found.length} entries of the trash were at ${what}: ${idsOf(found)}`, remedy),
  )
}

interface Row {
  readonly trashId: string
  readonly status: 'restored' | 'erased' | 'failed'
  readonly place?: string
  readonly error?: DriveError
}

const ended = async (
  { out }: Context,
  place: Location,
  settled: E.Either<DriveError, BatchSettled<TrashItem, Placed | Purged>>,
): Promise<Answer> => {
  if (E.isLeft(settled)) return E.left(ofDrive(settled.left))
  const rows = settled.right.outcomes.map((outcome): Row => {
    const trashId = typeof outcome.item === 'string' ? outcome.item : outcome.item.trashId
    if (outcome.status === 'failed') return { trashId, status: 'failed', error: outcome.error }
    return 'path' in outcome
      ? { trashId, status: 'restored', place: locationText(place, outcome.path) }
      : { trashId, status: 'erased' }
  })
  for (const { error } of rows) if (error !== undefined) out.problem(ofDrive(error))
  if (out.json) await out.document(rows)
  else for (const row of rows) if (row.place !== undefined) await out.line(`restored  ${nameText(row.place)}`)
  const failed = rows.filter(({ status }) => status === 'failed')
  const [first] = failed
  if (first === undefined) return E.right(exits.done)
  return E.right(failed.length === rows.length && first.error !== undefined ? exitOf(first.error) : exits.partly)
}

const restore = async (context: Context, place: Location, options: Options): Promise<Answer> => {
  const able = requires('operations.restore')(place.drive)
  if (E.isLeft(able)) return E.left(ofDrive(able.left))
  const ids = await chosen(place, options, context.signal)
  if (E.isLeft(ids)) return ids
  const { conflict } = options
  return ended(context, place, await able.right.restore(ids.right, { conflict, signal: context.signal })())
}

const purge = async (context: Context, place: Location, options: Options): Promise<Answer> => {
  const able = requires('operations.purge')(place.drive)
  if (E.isLeft(able)) return E.left(ofDrive(able.left))
  const ids = await chosen(place, options, context.signal)
  if (E.isLeft(ids)) return ids
  const what = options.id === undefined ? locationText(place, place.path) : `${options.id.length} of ${place.name}`
  const refused = await confirmed(context, `Erase ${nameText(what)} from the trash for good?`, options.yes)
  if (refused !== undefined) return E.left(refused)
  return ended(context, place, await able.right.purge(ids.right, { signal: context.signal })())
}

const empty = async (context: Context, place: Location, options: Options): Promise<Answer> => {
  if (place.path !== root)
    return E.left(
      usage('the trash is emptied as a whole', `Write ${place.name}: as the place, or use anydrive trash purge.`),
    )
  const able = requires('operations.emptyTrash')(place.drive)
  if (E.isLeft(able)) return E.left(ofDrive(able.left))
  const refused = await confirmed(context, `Erase everything in the trash of ${place.name} for good?`, options.yes)
  if (refused !== undefined) return E.left(refused)
  const emptied = await able.right.emptyTrash({ signal: context.signal })()
  if (E.isLeft(emptied)) return E.left(ofDrive(emptied.left))
  if (context.out.json) await context.out.document({ emptied: place.name })
  return E.right(exits.done)
}

const actions = { ls: list, restore, purge, empty }
type Action = keyof typeof actions

export const addTrash: Add = (program, run) => {
  program
    .command('trash')
    .addArgument(
      new Argument(
        '<what>',
        'ls: list what was removed from a place and below it; restore: put an entry back where it was; purge: erase it for good; empty: erase all that is in the trash of a drive',
      ).choices(Object.keys(actions)),
    )
    .argument('<place>', 'where it was; for ls and empty DRIVE: is the whole trash')
    .description('list, restore or erase what was removed')
    .option('--id <id>', 'of restore and purge: this entry, as trash ls shows it; may be repeated', repeatable)
    .addOption(
      new Option(
        '--conflict <strategy>',
        'of restore, when the name is taken: ask (fail with an error), rename (the drive picks a free name), overwrite (replace the file)',
      )
        .choices(['ask', 'rename', 'overwrite'])
        .default('ask'),
    )
    .option('-y, --yes', 'of purge and empty: erase without asking')
    .action(
      run(async (context, [what, text], options: Options) => {
        const place = locate(context, text)
        return E.isLeft(place) ? place : actions[what as Action](context, place.right, options)
      }),
    )
}
