// about: shows the space of a drive, and what the drive can do.
import type { Capabilities, Usage } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Add } from '../add'
import { locate } from '../context'
import { exits, ofDrive } from '../problem'
import { sizeText, tableText } from '../text'

const sizeOf = (bytes: number | undefined): string =>
  bytes === undefined ? 'not reported' : `${bytes} (${sizeText(bytes)})`
const yes = (is: boolean): string => (is ? 'yes' : 'no')
const listOf = (names: ReadonlyArray<string>): string => (names.length === 0 ? 'none' : names.join(', '))

const rowsOf = (vendor: string, { used, capacity, free }: Space, can: Capabilities) => [
  ['type', vendor],
  ['used', sizeOf(used)],
  ['free', sizeOf(free)],
  ['capacity', sizeOf(capacity)],
  ['copies directories', yes(can.operations.copyDir)],
  ['bin', yes(can.features.trash)],
  ['search', yes(can.operations.search)],
  ['versions', yes(can.operations.listVersions)],
  ['download URLs', yes(can.operations.downloadUrl)],
  ['reads ranges', yes(can.features.ranges)],
  ['checksums reported', listOf(can.checksums.given)],
  ['checksums checked', listOf(can.checksums.checked)],
  ['keeps times of files', yes(can.times.file.modifiedAt === 'kept')],
  ['uploads resume', can.upload.resume === 'part' ? 'after the last part' : 'from the beginning'],
  ['longest name', `${can.naming.maxLength} ${can.naming.lengthUnit}`],
  ['largest file', can.limits.fileSize === undefined ? 'unlimited or unknown' : sizeOf(can.limits.fileSize)],
]

interface Space extends Usage {
  readonly free?: number
}

const spaceOf = (usage: Usage): Space => {
  const { used, capacity } = usage
  return used === undefined || capacity === undefined ? usage : { ...usage, free: Math.max(0, capacity - used) }
}

export const addAbout: Add = (program, run) => {
  program
    .command('about')
    .argument('<drive>')
    .description('show the used and free space of a drive, and what the drive can do')
    .action(
      run(async (context, [text = '']) => {
        const { out, signal } = context
        const place = locate(context, /[:/]/.test(text) ? text : `${text}:`)
        if (E.isLeft(place)) return place
        const { vendor, capabilities, usage } = place.right.drive
        const found = capabilities.operations.usage ? await usage({ signal })() : E.right({})
        if (E.isLeft(found)) return E.left(ofDrive(found.left))
        const space = spaceOf(found.right)
        if (out.json) await out.document({ type: vendor, ...space, capabilities })
        else for (const line of tableText(rowsOf(vendor, space, capabilities))) await out.line(line)
        return E.right(exits.done)
      }),
    )
}
