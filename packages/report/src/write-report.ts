// Writes the page to a disk: whole under its name, or not at all.
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { lstat, open, readlink, rename, rm, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { ReportError, ReportInput, ReportOptions } from './input'
import { generatorMark, page } from './page'

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

const refused = (file: string, why: string): ReportError => ({
  _tag: 'ReportRefused',
  file,
  message: `cannot write the report ${file}: ${why}`,
})

const codeOf = (u: unknown): string | undefined => {
  const { code } = (u ?? {}) as { readonly code?: unknown }
  return typeof code === 'string' ? code : undefined
}

const errorOf =
  (file: string) =>
  (u: unknown): ReportError => {
    const code = codeOf(u)
    const _tag = tags[code ?? ''] ?? 'ReportFailed'
    const sentence =
      code === 'ENOENT' && !existsSync(dirname(file)) ? `${dirname(file)} does not exist` : sentences[_tag]
    const message = `cannot write the report ${file}: ${sentence}${code === undefined ? '' : ` (${code})`}`
    return { _tag, file, message, ...(code === undefined ? {} : { code }) }
  }

/** Beside the page, so that it can be renamed into place. */
const temporaryOf = (file: string): string =>
  join(dirname(file), `${basename(file).slice(0, 100)}.anydrive-${randomBytes(6).toString('hex')}`)

const mostLinks = 40

/** Where links lead; the file at the end of them need not exist. Rejects as the file system does. */
const linkTarget = async (file: string): Promise<string | undefined> => {
  let at = file
  for (let links = 0; links < mostLinks; links += 1) {
    const stats = await lstat(at).catch((u: unknown) => {
      if (codeOf(u) === 'ENOENT') return undefined
      throw u
    })
    if (stats?.isSymbolicLink() !== true) return at
    at = resolve(dirname(at), await readlink(at))
  }
  return undefined
}

/** Why what exists there must not be replaced; undefined where nothing exists, or a report. Opens nothing but regular files. */
const objection = async (file: string): Promise<string | undefined> => {
  const stats = await lstat(file).catch((u: unknown) => {
    if (codeOf(u) === 'ENOENT') return undefined
    throw u
  })
  if (stats === undefined) return undefined
  if (!stats.isFile()) return 'it exists and is not a regular file'
  const handle = await open(file, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0)
    const head = buffer.subarray(0, bytesRead).toString('utf8')
    return head.startsWith('<!doctype html>') && head.includes(generatorMark)
      ? undefined
      : 'the file already exists and is not a report'
  } finally {
    await handle.close()
  }
}

const placeOf = async (file: string): Promise<E.Either<ReportError, string>> => {
  const target = await linkTarget(file)
  if (target === undefined) return E.left(refused(file, 'its links lead in a circle'))
  const why = await objection(target)
  return why === undefined ? E.right(target) : E.left(refused(file, why))
}

/**
 * Resolves with the path that a report of this name is written to: links are followed. A left: it could not be written there, or it would replace a file that is no report, a device, or
 * anything else. Leaves nothing behind.
 */
export const reportPlace =
  (file: string): TaskEither<ReportError, string> =>
  async () => {
    try {
      const place = await placeOf(file)
      if (E.isLeft(place)) return place
      const trial = temporaryOf(place.right)
      await (await open(trial, 'wx')).close()
      await rm(trial)
      return place
    } catch (u) {
      return E.left(errorOf(file)(u))
    }
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
 * Writes the page to `reportPlace(file)`, under its name only once it is whole; after a left nothing has changed there, and nothing else is left behind. A left of the records is passed
 * on as it is. Memory does not grow with the number of entries beyond those that the page holds.
 */
export const writeReport =
  <F = never>(file: string, input: ReportInput<F>, options?: ReportOptions): TaskEither<ReportError | F, void> =>
  async () => {
    let temporary: string | undefined
    let handle: FileHandle | undefined
    let isWhole = false
    try {
      const place = await placeOf(file)
      if (E.isLeft(place)) return place
      temporary = temporaryOf(place.right)
      handle = await open(temporary, 'wx', 0o600)
      const filled = await fill(handle, input, options)
      if (E.isLeft(filled)) return filled
      await handle.close()
      await rename(temporary, place.right)
      isWhole = true
      return E.right(undefined)
    } catch (u) {
      return E.left(errorOf(file)(u))
    } finally {
      await handle?.close().catch(() => undefined)
      if (!isWhole && handle !== undefined && temporary !== undefined)
        await rm(temporary, { force: true }).catch(() => undefined)
    }
  }
