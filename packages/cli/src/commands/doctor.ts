// doctor: checks that a drive can be reached and used, and what of it differs from what its adapter expects.
import { remove } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Add } from '../add'
import { locate, type Answer, type Context } from '../context'
import { failed, type Check } from '../doctor/check'
import { createClock } from '../doctor/clock'
import { checkReading } from '../doctor/reading'
import { checkVendor } from '../doctor/vendors'
import { checkWriting } from '../doctor/writing'
import { locationText, type Location } from '../location'
import { exitOf, exits, interrupted, type ExitCode } from '../problem'
import { createTemporaryDir, opener } from '../scratch'
import { nameText, tableText } from '../text'
import { version } from '../version'

interface Options {
  readonly write?: boolean
}

const marks = { ok: 'ok', differs: 'differs', failed: 'failed', 'not-checked': '-' } as const

/** Of the first failure, if nothing else could be checked; 1 if something differs or failed. */
const exitFor = (checks: ReadonlyArray<Check>): ExitCode => {
  const [first] = checks
  if (first?.about === 'reach' && first.error !== undefined) return exitOf(first.error)
  return checks.some(({ result }) => result === 'failed' || result === 'differs') ? exits.partly : exits.done
}

/** Undefined where the scratch directory cannot be created or removed. */
const written = async (context: Context, place: Location, open: ReturnType<typeof opener>) => {
  const { signal, out } = context
  const drive = open()
  const scratch = await createTemporaryDir(drive, { below: place.path, what: 'doctor', signal })
  if (E.isLeft(scratch)) return scratch
  const dir = scratch.right.path
  const checks = [...(await checkWriting(drive, dir, { signal })), ...(await checkVendor(drive, dir, { signal }))]
  const removed = await remove(drive, scratch.right.created, { permanent: true })()
  if (E.isLeft(removed)) out.message(`${locationText(place, scratch.right.created)} could not be removed`)
  return E.right([...checks, ...(E.isLeft(removed) ? [failed('clean up', removed.left)] : [])])
}

const examine = async (context: Context, text: string, { write = false }: Options): Promise<Answer> => {
  const { out, signal } = context
  const place = locate(context, /[:/]/.test(text) ? text : `${text}:`)
  if (E.isLeft(place)) return place
  const clock = createClock()
  const open = opener(context, place.right, clock.note)
  const drive = open()
  const read = await checkReading(drive, { signal })
  const isReached = read[0]?.result === 'ok'
  const changes = write && isReached ? await written(context, place.right, open) : E.right([])
  if (signal.aborted) return E.left(interrupted)
  if (E.isLeft(changes)) return changes
  const checks = [...read, ...(isReached ? [clock.check()] : []), ...changes.right]
  const about = {
    anydrive: version,
    node: process.version,
    platform: process.platform,
    type: drive.vendor,
  }
  if (out.json)
    await out.document({
      ...about,
      checks: checks.map(({ about: what, result, detail }) => ({ about: what, result, detail })),
    })
  else {
    await out.line(`anydrive ${about.anydrive}, Node.js ${about.node}, ${about.platform}, a drive of ${about.type}`)
    for (const line of tableText(
      checks.map(({ about: what, result, detail }) => [marks[result], what, nameText(detail)]),
    ))
      await out.line(line)
  }
  return E.right(exitFor(checks))
}

export const addDoctor: Add = (program, run) => {
  program
    .command('doctor')
    .argument('<drive>')
    .description('check that a drive can be reached and used, and report what differs from what is expected of it')
    .option('--write', 'also change things in a scratch directory, which is removed afterwards')
    .addHelpText('after', '\nThe report holds no secret. Only the message of a failed check can name a file.')
    .action(run((context, [text = ''], options: Options) => examine(context, text, options)))
}
