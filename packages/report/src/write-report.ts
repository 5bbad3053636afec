// The page on a disk: whole under its name, or not there at all.
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import { randomBytes } from 'node:crypto'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import type { ReportError, ReportInput, ReportOptions } from './input'
import { page } from './page'

const tags: { readonly [code: string]: ReportError['_tag'] } = {
  ENOSPC: 'ReportFull',
  EDQUOT: 'ReportFull',
  EFBIG: 'ReportFull',
  EACCES: 'ReportRefused',
  EPERM: 'ReportRefused',
  EROFS: 'ReportRefused',
  ENOENT: 'ReportRefused',
  ENOTDIR: 'ReportRefused',
  EISDIR: 'ReportRefused',
  ENAMETOOLONG: 'ReportRefused',
}
const sentences: { readonly [T in ReportError['_tag']]: string } = {
  ReportFull: 'there is no room for it',
  ReportRefused: 'the place cannot be written to',
  ReportFailed: 'writing failed',
}

const errorOf =
  (file: string) =>
  (u: unknown): ReportError => {
    const { code: given } = (u ?? {}) as { readonly code?: unknown }
    const code = typeof given === 'string' ? given : undefined
    const _tag = tags[code ?? ''] ?? 'ReportFailed'
    const message = `the report ${file} was not written: ${sentences[_tag]}${code === undefined ? '' : ` (${code})`}`
    return { _tag, file, message, ...(code === undefined ? {} : { code }) }
  }

const fill = async <F>(
  handle: FileHandle,
  input: ReportInput<F>,
  options: ReportOptions | undefined,
): Promise<E.Either<F, void>> => {
  for await (const text of page(input, options)) {
    if (E.isLeft(text)) return text
    await handle.writeFile(text.right)
  }
  await handle.sync()
  return E.right(undefined)
}

/**
 * The page stands under its name once it is whole; with a left nothing changes there, and nothing else is left behind. A left of the records is handed on as it is. Memory does not
 * grow with the number of entries beyond those that the page holds.
 */
export const writeReport =
  <F = never>(file: string, input: ReportInput<F>, options?: ReportOptions): TaskEither<ReportError | F, void> =>
  async () => {
    const temporary = `${file}.anydrive-${randomBytes(6).toString('hex')}`
    let handle: FileHandle | undefined
    let whole = false
    try {
      handle = await open(temporary, 'wx')
      const filled = await fill(handle, input, options)
      if (E.isLeft(filled)) return filled
      await handle.close()
      await rename(temporary, file)
      whole = true
      return E.right(undefined)
    } catch (u) {
      return E.left(errorOf(file)(u))
    } finally {
      await handle?.close().catch(() => undefined)
      if (!whole && handle !== undefined) await rm(temporary, { force: true }).catch(() => undefined)
    }
  }
