// rm: removes entries, to the bin where the drive has one.
import { isError, type DriveError, type RemoveItem } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Add } from '../add'
import { locateAll, type Answer, type Context } from '../context'
import { locationText, type Location } from '../location'
import { exitOf, exits, ofDrive, usage, type ExitCode, type Problem } from '../problem'
import { nameText } from '../text'

interface Options {
  readonly permanent?: boolean
  readonly recursive?: boolean
  readonly force?: boolean
}
interface Row {
  readonly place: string
  readonly status: 'trashed' | 'erased' | 'missing' | 'failed'
  /** For trash restore --id. */
  readonly trashId?: string
  readonly error?: DriveError
}

/** A directory that could not be recovered is removed only with --recursive. */
const guarded = async (
  places: ReadonlyArray<Location>,
  options: Options,
  context: Context,
): Promise<Problem | undefined> => {
  if (options.recursive === true) return undefined
  for (const place of places) {
    const recoverable = place.drive.capabilities.features.trash && options.permanent !== true
    const entry = recoverable ? undefined : await place.drive.stat(place.path, { signal: context.signal })()
    if (entry !== undefined && E.isRight(entry) && entry.right.kind === 'directory')
      return usage(
        `${nameText(locationText(place, place.path))} is a directory, and could not be recovered`,
        'Add --recursive to remove it with all below it.',
      )
  }
  return undefined
}

const removed = async (
  drive: Location['drive'],
  places: ReadonlyArray<Location>,
  options: Options,
  context: Context,
) => {
  const items: ReadonlyArray<RemoveItem> = places.map(({ path }) => path)
  const settled = await drive.batchRemove(items, { permanent: options.permanent, signal: context.signal })()
  const isFine = (error: DriveError) => options.force === true && isError('NotFound')(error)
  return places.map((place, i): Row => {
    const text = locationText(place, place.path)
    const outcome = E.isLeft(settled) ? undefined : settled.right.outcomes[i]
    if (outcome?.status === 'done') {
      const { how, trashId } = outcome
      return { place: text, status: how, ...(trashId === undefined ? {} : { trashId }) }
    }
    const error = E.isLeft(settled) ? settled.left : outcome?.error
    if (error !== undefined && isFine(error)) return { place: text, status: 'missing' }
    return { place: text, status: 'failed', ...(error === undefined ? {} : { error }) }
  })
}

/** The exit code of the failure, or 1 where something was removed. */
const exitOfRows = (rows: ReadonlyArray<Row>): ExitCode => {
  const failed = rows.filter(({ status }) => status === 'failed')
  const [first] = failed
  if (first === undefined) return exits.done
  return failed.length === rows.length && first.error !== undefined ? exitOf(first.error) : exits.partly
}

const remove = async (context: Context, places: ReadonlyArray<Location>, options: Options): Promise<Answer> => {
  const problem = await guarded(places, options, context)
  if (problem !== undefined) return E.left(problem)
  const rows: Array<Row> = []
  for (const drive of new Set(places.map((place) => place.drive)))
    rows.push(
      ...(await removed(
        drive,
        places.filter((place) => place.drive === drive),
        options,
        context,
      )),
    )
  for (const { error } of rows) if (error !== undefined) context.out.problem(ofDrive(error))
  if (context.out.json) await context.out.document(rows)
  return E.right(exitOfRows(rows))
}

export const addRm: Add = (program, run) => {
  program
    .command('rm')
    .argument('<places...>')
    .description('remove entries: to the bin, where the drive has one')
    .option('--permanent', 'remove for good, not to the bin')
    .option('-r, --recursive', 'also remove directories that could not be recovered')
    .option('-f, --force', 'ignore paths that do not exist')
    .action(
      run(async (context, texts, options: Options) => {
        const places = locateAll(context, texts)
        return E.isLeft(places) ? places : remove(context, places.right, options)
      }),
    )
}
