// The harness that a law is checked with: one folder of the drive, and the assertions that laws share.
import {
  ensureDir,
  entries,
  fromBytes,
  parsePath,
  readText,
  relativeTo,
  under,
  walk,
  type DriveError,
  type DrivePath,
  type DriveProvider,
  type Entry,
  type FaultTag,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { isDeepStrictEqual, inspect } from 'node:util'
import { NotApplicable, Violation, type Harness, type Subject } from './law'

const show = (u: unknown): string => inspect(u, { depth: 6, breakLength: 120, maxStringLength: 300 })

const violated = (why: string): never => {
  throw new Violation(why)
}

const right: Harness['right'] = async (task) => {
  const answer = await task()
  return E.isRight(answer)
    ? answer.right
    : violated(`a right was promised, got ${answer.left._tag}: ${answer.left.message}`)
}

/** Every error says where it happened and what to do, and survives being stored. */
const checkTold = (error: DriveError): void => {
  if (error.vendor === '' || error.operation.length === 0 || error.message.trim() === '')
    violated(`the ${error._tag} does not say where it happened: ${show(error)}`)
  if ((JSON.parse(JSON.stringify(error)) as DriveError)._tag !== error._tag)
    violated(`the ${error._tag} does not survive JSON`)
}

const left: Harness['left'] = async <T extends FaultTag>(
  task: Parameters<Harness['right']>[0],
  ...tags: ReadonlyArray<T>
) => {
  const answer = await task()
  if (E.isRight(answer)) return violated(`${tags.join(' or ')} was promised, got a right: ${show(answer.right)}`)
  const error = answer.left
  checkTold(error)
  if (!(tags as ReadonlyArray<string>).includes(error._tag))
    return violated(`${tags.join(' or ')} was promised, got ${error._tag}: ${error.message}`)
  return error as Extract<DriveError, { readonly _tag: T }>
}

const pathOf = (text: string): DrivePath => {
  const parsed = parsePath(text)
  return E.isRight(parsed) ? parsed.right : violated(parsed.left.message)
}

const entriesOf = async (
  drive: DriveProvider,
  of: DrivePath,
  limit: number | undefined,
): Promise<ReadonlyArray<Entry>> => {
  const all: Array<Entry> = []
  for await (const entry of entries(drive, of, { limit })) all.push(await right(() => Promise.resolve(entry)))
  return all
}

const treeOf = async (drive: DriveProvider, of: DrivePath): Promise<ReadonlyArray<string>> => {
  const all: Array<string> = []
  for await (const one of walk(drive, of)) {
    const entry = await right(() => Promise.resolve(one))
    all.push(`${relativeTo(of, entry.path)}${entry.kind === 'directory' ? '/' : ''}`)
  }
  return all.sort()
}

/** A fresh folder below the subject's root. */
export const openHarness = async (subject: Subject, folder: string): Promise<Harness> => {
  const drive = await subject.open()
  const root = under(subject.root ?? pathOf(''), pathOf(folder))
  await right(ensureDir(drive, root))
  const at = (relative: string) => under(root, pathOf(relative))
  return {
    drive,
    root,
    again: async () => subject.open(),
    hooks: subject.hooks ?? {},
    at,
    right,
    left,
    same: (actual, expected, what) => {
      if (!isDeepStrictEqual(actual, expected)) violated(`${what}: expected ${show(expected)}, got ${show(actual)}`)
    },
    holds: (condition, what) => {
      if (!condition) violated(what)
    },
    tree: (of = root) => treeOf(drive, of),
    entriesOf: (of, limit) => entriesOf(drive, of, limit),
    makeDir: async (relative) => (await right(ensureDir(drive, at(relative)))).path,
    makeFile: async (relative, content = relative) =>
      (await right(drive.writeFile(at(relative), fromBytes(content), { conflict: 'ask' }))).path,
    textOf: async (path) => right(readText(await right(drive.readFile(path)))),
    notApplicable: (why) => {
      throw new NotApplicable(why)
    },
  }
}
