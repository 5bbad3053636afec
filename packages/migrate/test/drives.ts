// Memory drives filled for tests, and drives that misbehave.
import {
  DriveException,
  parsePath,
  toPromises,
  walk,
  type DriveError,
  type DrivePath,
  type DriveProvider,
  type Fault,
  type FileContent,
  type Operation,
  type Result,
} from '@anydrive/core'
import { locate } from '@anydrive/core/adapter'
import { openMemory, type OpenMemory } from '@anydrive/memory'
import * as E from 'fp-ts/Either'
import { Transform } from 'node:stream'
import { migrate, type MigrateError, type MigrateOptions, type Summary } from '@anydrive/migrate'

export const at = (text: string): DrivePath => {
  const parsed = parsePath(text)
  if (E.isLeft(parsed)) throw new Error(parsed.left.message)
  return parsed.right
}

/** A path that ends in `/` is an empty directory. */
export type Files = Readonly<Record<string, string | Uint8Array>>

const filled = async <D extends DriveProvider>(drive: D, files: Files): Promise<D> => {
  const it = toPromises(drive)
  for (const [path, content] of Object.entries(files))
    if (path.endsWith('/')) await it.ensureDir(path)
    else await it.writeFile(path, content)
  return drive
}
export const memory = (files: Files = {}, settings: OpenMemory = {}): Promise<ReturnType<typeof openMemory>> =>
  filled(openMemory(settings), files)

/** Every path with its text, directories with a `/` at their end. */
export const contents = async (drive: DriveProvider, dir = ''): Promise<Record<string, string>> => {
  const found: Record<string, string> = {}
  for await (const entry of walk(drive, at(dir))) {
    if (E.isLeft(entry)) throw new DriveException(entry.left)
    const { kind, path } = entry.right
    if (kind === 'directory') found[`${path}/`] = ''
    else found[path] = kind === 'file' ? await toPromises(drive).readText(path) : `(${kind})`
  }
  return found
}

export const errorOf = (vendor: string, operation: Operation, path: DrivePath, fault: Fault): DriveError =>
  locate({ vendor, operation, path })(fault)

/** No waiting. */
export const atOnce = () => Promise.resolve()

export const run = (options: MigrateOptions): Promise<E.Either<MigrateError, Summary>> =>
  migrate({ delay: atOnce, ...options }).run()

export const summaryOf = async (options: MigrateOptions): Promise<Summary> => {
  const ended = await run(options)
  if (E.isLeft(ended)) throw new Error(ended.left.message)
  return ended.right
}

type Failing = (path: DrivePath, call: number) => Fault | undefined
/** Calls of one operation fail where `fault` says so; `call` counts those of the path from 1. */
export const failing = <D extends DriveProvider>(
  drive: D,
  operation: 'readFile' | 'writeFile' | 'createDir' | 'list' | 'stat',
  fault: Failing,
): D => {
  const calls = new Map<DrivePath, number>()
  const call = (path: DrivePath, ...rest: ReadonlyArray<unknown>): Result<unknown> => {
    return () => {
      const n = (calls.get(path) ?? 0) + 1
      calls.set(path, n)
      const wrong = fault(path, n)
      return wrong === undefined
        ? (drive[operation] as (...all: ReadonlyArray<unknown>) => Result<unknown>)(path, ...rest)()
        : Promise.resolve(E.left(errorOf(drive.vendor, operation, path, wrong)))
    }
  }
  return { ...drive, [operation]: call }
}

/** Reading passes the bytes through a change. */
export const altered = <D extends DriveProvider>(drive: D, change: (path: DrivePath, bytes: Buffer) => Buffer): D => ({
  ...drive,
  readFile: (path: DrivePath, options: Parameters<DriveProvider['readFile']>[1]) => async () => {
    const content = await drive.readFile(path, options)()
    return E.map((it: FileContent): FileContent => {
      const changed = new Transform({
        transform: (chunk: Buffer, _encoding, done) => done(null, change(path, chunk)),
      })
      return { ...it, stream: it.stream.pipe(changed) }
    })(content)
  },
})

export const flipped = (bytes: Buffer): Buffer => {
  const copy = Buffer.from(bytes)
  copy.writeUInt8(copy.readUInt8(0) ^ 1, 0)
  return copy
}
