// What the tests of this package are written with.
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import {
  fromBytes,
  parsePath,
  readText,
  root,
  type DriveError,
  type DrivePath,
  type DriveProvider,
  type Entry,
  type FaultTag,
  type UploadSource,
} from '@anydrive/core'

const made: Array<string> = []
/** Removed again by `sweep`. */
export const scratch = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'anydrive-local-'))
  made.push(dir)
  mkdirSync(join(dir, 'root'))
  return dir
}
export const sweep = (): void => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true })
}

export const at = (text: string): DrivePath => {
  const parsed = parsePath(text)
  if (E.isLeft(parsed)) throw new Error(parsed.left.message)
  return parsed.right
}

export const right = async <A>(task: TaskEither<DriveError, A>): Promise<A> => {
  const answer = await task()
  if (E.isLeft(answer)) throw new Error(`expected a right, got ${answer.left._tag}: ${answer.left.message}`)
  return answer.right
}

export const left = async <T extends FaultTag>(
  task: TaskEither<DriveError, unknown>,
  tag: T,
): Promise<Extract<DriveError, { readonly _tag: T }>> => {
  const answer = await task()
  if (E.isRight(answer)) throw new Error(`expected ${tag}, got a right`)
  expect(answer.left._tag).toBe(tag)
  return answer.left as Extract<DriveError, { readonly _tag: T }>
}

export const put = (drive: DriveProvider, path: string, content: string) =>
  right(drive.writeFile(at(path), fromBytes(content)))

export const text = async (drive: DriveProvider, path: string): Promise<string> =>
  right(readText(await right(drive.readFile(at(path)))))

export const entries = async (drive: DriveProvider, dir: DrivePath = root): Promise<ReadonlyArray<Entry>> => {
  const all: Array<Entry> = []
  let cursor: string | undefined
  do {
    const page = await right(drive.list(dir, { cursor }))
    all.push(...page.items)
    cursor = page.next
  } while (cursor !== undefined)
  return all
}

/** Of each outcome: where it ended, or the tag and place of its error. */
export const told = (settled: {
  readonly outcomes: ReadonlyArray<
    | { readonly status: 'done'; readonly path: DrivePath; readonly how: string }
    | { readonly status: 'failed'; readonly error: DriveError }
  >
}): ReadonlyArray<string> =>
  settled.outcomes.map((o) => (o.status === 'done' ? `${o.how} ${o.path}` : `${o.error._tag} ${o.error.path ?? ''}`))

export const sourceOf = (size: number, chunks: () => Iterable<Buffer> | AsyncIterable<Buffer>): UploadSource => ({
  size,
  open: () => () => Promise.resolve(E.right(Readable.from(chunks(), { objectMode: false }))),
})
