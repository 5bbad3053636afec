// The operations on file contents.
import * as E from 'fp-ts/Either'
import type {
  DrivePath,
  DriveProvider,
  Fault,
  UploadSource,
  VersionedReads,
  WriteOptions,
  Written,
} from '@anydrive/core'
import { locate, notFound, preconditionFailed, unsupported } from '@anydrive/core/adapter'
import { beginCall, runCall, thrown, type Bad, type Call } from './call'
import * as changes from './changes'
import { howOf, timesOf, type Context } from './context'
import { clipped, contentOf } from './download'
import type { FileNode } from './nodes'
import * as rules from './rules'
import { checksumsOf, partOf } from './settings'
import { findFile, type Answer } from './tree'
import { knownUpload, receive } from './upload'
import { at, step } from './verbs'

const versionHolds = (file: FileNode, ifVersion: string | undefined): Answer<FileNode> =>
  ifVersion === undefined || file.version === ifVersion ? E.right(file) : E.left(preconditionFailed())

export const contentVerbs = (context: Context): Pick<DriveProvider, 'writeFile' | 'abandonUpload'> & VersionedReads => {
  const { store, settings, capabilities, clock, now } = context
  const { tree } = store

  const replaceable = (path: DrivePath, ifVersion: string | undefined): Fault | undefined => {
    if (ifVersion === undefined) return undefined
    const held = E.flatMap((file: FileNode) => versionHolds(file, ifVersion))(findFile(tree, path))
    return E.isRight(held) ? undefined : preconditionFailed()
  }

  const write = async (
    path: DrivePath,
    source: UploadSource,
    options: WriteOptions,
    call: Call,
  ): Promise<E.Either<Bad, Written>> => {
    const unknown = options.resume !== undefined && knownUpload(store, options.resume) === undefined
    const refused =
      rules.writeFileFault(capabilities.naming, capabilities.limits.fileSize, path, source.size) ??
      (unknown ? notFound({ what: 'upload' }) : undefined)
    const held = () => replaceable(path, options.ifVersion)
    const early = await step(call, refused, () => {
      const fault = held()
      return fault === undefined ? changes.canPut(tree, path, source.size, howOf(context, options)) : E.left(fault)
    })
    if (E.isLeft(early)) return early
    const receiving = { store, path, source, options, part: partOf(settings), call }
    const received = await receive(receiving, checksumsOf(settings))
    if (E.isLeft(received)) return received
    const { end, evidence, ...content } = received.right
    const late = call.stopped() ?? held()
    const file = { ...content, contentType: options.contentType }
    const put =
      late === undefined
        ? changes.putFile(tree, path, file, howOf(context, options), timesOf(options, now()))
        : E.left(late)
    end(E.isRight(put))
    return E.map((made: Omit<Written, 'evidence'>): Written => ({ ...made, evidence }))(put)
  }

  const versionOf = (file: FileNode, version: string | undefined): Answer<FileNode> => {
    if (version === undefined || version === file.version) return E.right(file)
    const old = file.history.find((one) => one.version === version)
    return old === undefined ? E.left(notFound({ what: 'version' })) : E.right({ ...file, ...old })
  }

  const readFile: VersionedReads['readFile'] =
    (path, options = {}) =>
    async () => {
      const call = beginCall(clock, options)
      const located = locate({ vendor: 'memory', operation: 'readFile', path })
      try {
        const refused =
          options.version !== undefined && settings.versions !== true
            ? unsupported({ feature: 'operations.listVersions' })
            : undefined
        const stopped = call.stopped() ?? refused ?? (await call.pause())
        const file = stopped === undefined ? findFile(tree, path) : E.left(stopped)
        const current = E.flatMap((node: FileNode) => versionHolds(node, options.ifVersion))(file)
        const wanted = E.flatMap((node: FileNode) => versionOf(node, options.version))(current)
        const content = E.flatMap((node: FileNode) =>
          E.map((range: Parameters<typeof contentOf>[2]) => contentOf(call, node, range, call.release))(
            clipped(options.range ?? { start: 0 }, node.content.byteLength),
          ),
        )(wanted)
        if (E.isLeft(content)) call.release()
        else call.answered()
        return E.mapLeft((fault: Fault) => located(fault))(content)
      } catch (error) {
        call.release()
        return E.left(located(thrown(error)))
      }
    }

  return {
    readFile,
    writeFile: (path, source, options = {}) =>
      runCall(clock, at('writeFile', path), options, (call) => write(path, source, options, call)),
    abandonUpload: (ref, options = {}) =>
      runCall(clock, at('abandonUpload'), options, (call) =>
        step(call, ref.vendor === 'memory' ? undefined : notFound({ what: 'upload' }), () => {
          const id = knownUpload(store, ref)
          if (id !== undefined) store.uploads.delete(id)
          return E.right(undefined)
        }),
      ),
  }
}
