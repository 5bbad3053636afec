// readFile, writeFile and abandonUpload, as every drive does them.
import * as E from 'fp-ts/Either'
import { contentOf } from './content'
import type { Defined } from './define'
import {
  aborted,
  limitExceeded,
  locate,
  notFound,
  preconditionFailed,
  sourceFailed,
  type DriveError,
  type Fault,
  type Operation,
  type Where,
} from '../contract/errors'
import type { Answered, Call, WriteHow } from './operations'
import type { DrivePath } from '../contract/path'
import type { DriveProvider, WriteOptions } from '../contract/provider'
import { writeFileFault } from './rules'
import { beginScope, explained, settle, within } from './scope'
import type { UploadSource } from '../contract/source'
import { watched } from './source-stream'
import { withParents } from './directory'

type Bad = Fault | DriveError

const sizeFault = (defined: Defined, size: number): Bad | undefined => {
  if (!Number.isSafeInteger(size) || size < 0)
    return sourceFailed({ reason: 'unreadable', said: 'its size is not a whole number of bytes' })
  const max = defined.capabilities.limits.fileSize
  return max !== undefined && size > max ? limitExceeded({ limit: 'size', max }) : undefined
}

/** Where the vendor does not check a version itself, a look precedes the call. */
const versionFault = async (
  defined: Defined,
  path: DrivePath,
  ifVersion: string | undefined,
  call: Call,
): Promise<Bad | undefined> => {
  if (ifVersion === undefined || defined.capabilities.features.ifVersion) return undefined
  const found = await settle(defined.operations.stat(path, call))
  if (E.isLeft(found)) return found.left._tag === 'NotFound' ? preconditionFailed() : found.left
  return found.right.kind === 'file' && found.right.version === ifVersion ? undefined : preconditionFailed()
}

const howOf = (defined: Defined, options: WriteOptions): WriteHow => {
  const { onCheckpoint, createdAt, modifiedAt, contentType, ifVersion, resume } = options
  return {
    conflict: options.conflict ?? 'ask',
    createdAt,
    modifiedAt,
    contentType,
    ifVersion: defined.capabilities.features.ifVersion ? ifVersion : undefined,
    onProgress: options.onProgress ?? (() => undefined),
    onCheckpoint: (state): Answered<void> =>
      onCheckpoint === undefined
        ? () => Promise.resolve(E.right(undefined))
        : onCheckpoint({ vendor: defined.vendor, state }),
    keepsState: onCheckpoint !== undefined || resume !== undefined,
    resume: resume?.state,
  }
}

export const contentVerbs = (defined: Defined): Pick<DriveProvider, 'readFile' | 'writeFile' | 'abandonUpload'> => {
  const { vendor, operations } = defined
  const at = (operation: Operation, path: DrivePath): Where => ({ vendor, operation, path })

  const write = async (path: DrivePath, source: UploadSource, options: WriteOptions, call: Call) => {
    const conflict = options.conflict ?? 'ask'
    const refused =
      writeFileFault(defined, path, conflict) ??
      sizeFault(defined, source.size) ??
      (options.resume !== undefined && options.resume.vendor !== vendor ? notFound({ what: 'upload' }) : undefined) ??
      (await versionFault(defined, path, options.ifVersion, call))
    if (refused !== undefined) return E.left(refused)
    const watching = watched(source)
    const answered = await withParents(defined, { operation: 'writeFile', path, parents: options.parents }, call, () =>
      operations.writeFile(path, watching.source, howOf(defined, options), call),
    )
    const own = watching.fault()
    return E.isLeft(answered) && answered.left._tag === 'SourceFailed' && own !== undefined ? E.left(own) : answered
  }

  const readFile: DriveProvider['readFile'] = (path, options) => async () => {
    const where = at('readFile', path)
    if (options?.signal?.aborted === true) return E.left(locate(where)(aborted({ effect: 'none' })))
    const scope = beginScope(options)
    const opened = await settle(
      operations.readFile(
        path,
        { range: options?.range ?? { start: 0 }, ifVersion: options?.ifVersion },
        { signal: scope.signal, wait: true },
      ),
    )
    const content = E.isLeft(opened)
      ? opened
      : await settle(() =>
          contentOf(where, opened.right, options?.range ?? { start: 0 }, { scope, delay: defined.polling.delay }),
        )
    if (E.isLeft(content)) {
      scope.end()
      return E.left(explained(scope, false, where, content.left))
    }
    scope.answered()
    return content
  }

  return {
    readFile,
    writeFile: (path, source, options = {}) =>
      within({ where: at('writeFile', path), changes: true, options }, ({ signal }) =>
        write(path, source, options, { signal, wait: true }),
      ),
    abandonUpload: (ref, options) =>
      within({ where: { vendor, operation: 'abandonUpload' }, changes: true, options }, ({ signal }) =>
        ref.vendor === vendor
          ? operations.abandonUpload(ref.state, { signal, wait: true })()
          : Promise.resolve(E.left(notFound({ what: 'upload' }))),
      ),
  }
}
