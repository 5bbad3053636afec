// One folder of files behind the calls of the adapter, each of which can be made to fail, or to come after something else.
import { secret, type Fault } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Api, NewFile, NewJob, NewPart, Renaming } from '../src/api'
import { createCache } from '../src/cache'
import type { Context } from '../src/context'
import { createIds } from '../src/ids'
import { createJobs } from '../src/jobs'
import { complete, type KooDriveSettings } from '../src/settings'

type Files = Readonly<Record<string, { readonly name: string; readonly fileType?: string; readonly size?: number }>>
type Answer = E.Either<Fault, unknown>
/** What happens to one call of an endpoint: it fails, something else happens before it, or this is the answer. */
type Turn = Fault | (() => unknown) | undefined

export interface Shelf {
  readonly context: Context
  /** Endpoints with what was asked, one a line. */
  readonly asked: ReadonlyArray<string>
  readonly announced: ReadonlyArray<NewFile>
  /** Names by ids; of what went to the bin nothing is told. */
  readonly names: () => Readonly<Record<string, string>>
  readonly rename: (id: string, name: string) => void
}

export const shelf = (
  files: Files,
  turns: Readonly<Record<string, ReadonlyArray<Turn>>> = {},
  settings: Partial<KooDriveSettings> = {},
): Shelf => {
  const standing = new Map(Object.entries(files).map(([id, file]) => [id, { fileType: '45', size: 1, ...file }]))
  const asked: Array<string> = []
  const counts = new Map<string, number>()
  const call =
    (endpoint: string, what: string, act: () => Answer): (() => Promise<Answer>) =>
    () => {
      asked.push(`${endpoint} ${what}`.trim())
      const count = counts.get(endpoint) ?? 0
      counts.set(endpoint, count + 1)
      const turn = turns[endpoint]?.[count]
      if (typeof turn === 'object') return Promise.resolve(E.left(turn))
      const instead = turn?.()
      return Promise.resolve(instead === undefined ? act() : (instead as Answer))
    }
  const withUrls = ({ multiParts }: Pick<NewFile, 'multiParts'>): object => ({
    multiParts: multiParts.map((part) => ({ ...part, uploadUrl: 'u' })),
  })
  const detailOf = (id: string): object | undefined => {
    const found = standing.get(id)
    if (found === undefined) return undefined
    const { name: fileName, fileType, size } = found
    return { id, fileName, fileType, size, parentFolder: ['root'] }
  }
  const known = (id: string): Answer => {
    const detail = detailOf(id)
    return detail === undefined ? E.left({ _tag: 'NotFound', what: 'source', code: '13000309' }) : E.right(detail)
  }
  const rename = (id: string, name: string): void => {
    standing.set(id, { ...(standing.get(id) ?? { fileType: '45', size: 1 }), name })
  }
  const isTaken = (name: string): boolean => [...standing.values()].some((other) => other.name === name)
  const announced: Array<NewFile> = []
  const pending = new Map<string, string>()
  const api = {
    createFile: (file: NewFile) =>
      call('createFile', `${file.fileName} ${file.autoRename}`, () => {
        announced.push(file)
        const taken = isTaken(file.fileName)
        if (taken && file.autoRename === 3) return E.left({ _tag: 'NameConflict', code: 'taken' })
        const fileName = taken ? `${file.fileName}_1` : file.fileName
        const fileId = `F${announced.length}`
        pending.set(fileId, fileName)
        return E.right({ fileId, fileName, ...withUrls(file) })
      }),
    uploadUrls: ({ multiParts }: { readonly multiParts: ReadonlyArray<NewPart> }) =>
      call('uploadUrls', '', () => E.right(withUrls({ multiParts }))),
    putPart: (_url: string, body: { readonly stream: (signal: AbortSignal) => TE.TaskEither<Fault, Readable> }) =>
      pipe(
        body.stream(new AbortController().signal),
        TE.flatMap((stream) => TE.rightTask(() => text(stream))),
        TE.flatMap((sent) => call('putPart', sent, () => E.right(undefined))),
      ),
    completeFile: ({ fileId }: { readonly fileId: string }) =>
      call('completeFile', fileId, () => {
        rename(fileId, pending.get(fileId) ?? 'resumed')
        return E.right({})
      }),
    list: () => call('list', '', () => E.right({ files: [...standing.keys()].map(detailOf) })),
    detail: (id: string) => call('detail', id, () => known(id)),
    path: (id: string) =>
      call('path', id, () =>
        E.map(() => ({ fileIdPath: `/root/${id}`, namePath: `/root/${standing.get(id)?.name ?? ''}` }))(known(id)),
      ),
    rename: ({ fileId, name, renameMode }: Renaming) =>
      call('rename', `${fileId} ${name} ${renameMode}`, () => {
        const isTaken = [...standing].some(([id, other]) => id !== fileId && other.name === name)
        if (isTaken && renameMode === 3) return E.left({ _tag: 'NameConflict', code: 'taken' })
        rename(fileId, isTaken ? `${name}_1` : name)
        return E.right({})
      }),
    createJob: ({ actionType, items }: NewJob) =>
      call(
        'createJob',
        `${actionType} ${items.map(({ fileId, filePath = '' }) => `${fileId} ${filePath}`).join()}`,
        () => {
          for (const { fileId } of items) standing.delete(fileId)
          return E.right({ data: '1' })
        },
      ),
    jobDetail: (id: string) => call('jobDetail', id, () => E.right({ jobInfo: { status: 2, taskResultCode: 1 } })),
  } as unknown as Api
  const clock = { now: () => 0, random: () => 0.5, delay: () => Promise.resolve() }
  const all = complete({
    baseUrl: 'http://127.0.0.1',
    auth: { kind: 'token', accessToken: secret('t') },
    ...settings,
  })
  const cache = createCache(100)
  const context: Context = {
    settings: all,
    clock,
    api,
    cache,
    ids: createIds({ api, cache, now: clock.now, idTrust: all.idTrust }),
    jobs: createJobs(api, all, clock),
    targetId: (id) => () => Promise.resolve(E.right(id)),
  }
  return {
    context,
    asked,
    announced,
    names: () => Object.fromEntries([...standing].map(([id, { name }]) => [id, name])),
    rename,
  }
}
