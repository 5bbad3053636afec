// Writes a plan to a file, whole or not at all.
import { visible } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { lstat, open, rename, rm } from 'node:fs/promises'
import { headerText, type PlanError, type PlanHeader } from './file'
import { lineText, type PlanLine } from './line'

const block = 256 * 1024

const unwritable = (file: string, why: string, remedy: string): PlanError => ({
  _tag: 'PlanUnwritable',
  message: `the plan ${file} cannot be written: ${why}`,
  remedy,
})

/** A file that exists, or a link, is not replaced: somebody may have edited it. The plan appears under its name only once it is whole: `lines` resolves with false to leave it unwritten. */
export const writePlan = async (
  file: string,
  header: PlanHeader,
  lines: (add: (line: PlanLine) => Promise<void>) => Promise<boolean>,
): Promise<E.Either<PlanError, boolean>> => {
  const exists = await lstat(file).then(
    () => true,
    () => false,
  )
  if (exists) return E.left(unwritable(file, 'it already exists', 'Name another --plan FILE, or remove this one.'))
  const part = `${file}.part`
  try {
    const out = await open(part, 'w', 0o600)
    let isWhole = false
    try {
      let text = `${visible(headerText(header))}\n`
      isWhole = await lines(async (line) => {
        text += `${visible(lineText(line))}\n`
        if (text.length < block) return
        const full = text
        text = ''
        await out.appendFile(full)
      })
      await out.appendFile(text)
      await out.sync()
    } finally {
      await out.close()
    }
    await (isWhole ? rename(part, file) : rm(part))
    return E.right(isWhole)
  } catch (u) {
    await rm(part, { force: true }).catch(() => undefined)
    return E.left(
      unwritable(
        file,
        u instanceof Error ? u.message : String(u),
        'Name a --plan FILE in a directory that exists and has room.',
      ),
    )
  }
}
