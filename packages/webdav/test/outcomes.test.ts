// Every changing operation, with every kind of misbehaviour at each of its requests: what the drive states is compared with what happened.
import {
  fromBytes,
  mayHaveHappened,
  parsePath,
  type BatchSettled,
  type DriveError,
  type DrivePath,
  type Result,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { openWebDav, type ServerTraits, type WebDavDrive } from '../src'
import { misbehaviours, tiny, type Misbehaviour, type Tiny } from './tiny'

const at = (text: string): DrivePath => {
  const parsed = parsePath(text)
  if (E.isLeft(parsed)) throw new Error(text)
  return parsed.right
}

type Tree = Readonly<Record<string, string | null>>
interface Operation {
  readonly before: Tree
  readonly run: (drive: WebDavDrive) => Promise<E.Either<DriveError, unknown>>
  /** Undefined: it must not succeed. */
  readonly after?: Tree
}

const one = async <I, A>(batch: Result<BatchSettled<I, A>>): Promise<E.Either<DriveError, unknown>> => {
  const settled = await batch()
  if (E.isLeft(settled)) return settled
  const [outcome] = settled.right.outcomes
  if (outcome === undefined) throw new Error('an outcome was expected')
  return outcome.status === 'done' ? E.right(outcome) : E.left(outcome.error)
}
const move =
  (from: string, to: string, conflict: 'ask' | 'rename' | 'overwrite' = 'ask') =>
  (drive: WebDavDrive) =>
    one(drive.batchMove([{ from: at(from), to: at(to) }], { conflict, parents: 'require' }))
const copy =
  (from: string, to: string, conflict: 'ask' | 'rename' | 'overwrite' = 'ask') =>
  (drive: WebDavDrive) =>
    one(drive.batchCopy([{ from: at(from), to: at(to) }], { conflict, parents: 'require' }))
const write =
  (to: string, conflict: 'ask' | 'rename' | 'overwrite' = 'ask') =>
  (drive: WebDavDrive) =>
    drive.writeFile(at(to), fromBytes('new'), { conflict, parents: 'require' })()
const createDir =
  (to: string, conflict: 'ask' | 'rename' = 'ask') =>
  (drive: WebDavDrive) =>
    drive.createDir(at(to), { conflict, parents: 'require' })()

const file = { a: 'content of a' }
const dir = { d: null, 'd/x': 'x', 'd/y': 'y' }
const operations: Readonly<Record<string, Operation>> = {
  'createDir of a free name': { before: {}, run: createDir('n'), after: { n: null } },
  'createDir of an existing directory': { before: { n: null }, run: createDir('n') },
  'createDir of an existing file': { before: { n: 'x' }, run: createDir('n') },
  'createDir under rename': { before: { n: null }, run: createDir('n', 'rename'), after: { n: null, 'n (1)': null } },
  'a move of a file': { before: file, run: move('a', 'b'), after: { b: 'content of a' } },
  'a move of a file onto another': { before: { ...file, b: 'old' }, run: move('a', 'b') },
  'a move of a file onto one of the same size': { before: { ...file, b: 'content of b' }, run: move('a', 'b') },
  'a move of a missing file onto another': { before: { b: 'old' }, run: move('a', 'b') },
  'a move under rename': {
    before: { ...file, b: 'old' },
    run: move('a', 'b', 'rename'),
    after: { b: 'old', 'b (1)': 'content of a' },
  },
  'a move that replaces': {
    before: { ...file, b: 'old' },
    run: move('a', 'b', 'overwrite'),
    after: { b: 'content of a' },
  },
  'a move of a directory': { before: dir, run: move('d', 'e'), after: { e: null, 'e/x': 'x', 'e/y': 'y' } },
  'a move of a directory onto another': { before: { ...dir, e: null }, run: move('d', 'e') },
  'a copy of a file': { before: file, run: copy('a', 'b'), after: { ...file, b: 'content of a' } },
  'a copy of a file onto another': { before: { ...file, b: 'old' }, run: copy('a', 'b') },
  'a copy of a file onto one of the same size': { before: { ...file, b: 'content of b' }, run: copy('a', 'b') },
  'a copy that replaces': {
    before: { ...file, b: 'old' },
    run: copy('a', 'b', 'overwrite'),
    after: { ...file, b: 'content of a' },
  },
  'a copy of a directory': {
    before: dir,
    run: copy('d', 'e'),
    after: { ...dir, e: null, 'e/x': 'x', 'e/y': 'y' },
  },
  'a copy of a directory onto another': { before: { ...dir, e: null }, run: copy('d', 'e') },
  'writing a new file': { before: {}, run: write('f'), after: { f: 'new' } },
  'writing over a file under ask': { before: { f: 'old' }, run: write('f') },
  'writing over a directory': { before: { f: null }, run: write('f', 'overwrite') },
  'writing under rename': { before: { f: 'old' }, run: write('f', 'rename'), after: { f: 'old', 'f (1)': 'new' } },
  'replacing a file': { before: { f: 'old' }, run: write('f', 'overwrite'), after: { f: 'new' } },
  'writing a new file under overwrite': { before: {}, run: write('f', 'overwrite'), after: { f: 'new' } },
  'removing a file': { before: file, run: (drive) => one(drive.batchRemove([at('a')])), after: {} },
  'removing a directory': { before: dir, run: (drive) => one(drive.batchRemove([at('d')])), after: {} },
  'removing what is missing': { before: {}, run: (drive) => one(drive.batchRemove([at('a')])) },
}

const servers = {
  'of which nothing is known': { traits: {}, ids: false, etags: false, created: false },
  'with tags and ids': { traits: { ownCloud: true }, ids: true, etags: true, created: true },
  'that honors conditions': {
    traits: { atomicPut: true, ifNoneMatch: true, mkcolRefuses: true },
    ids: false,
    etags: true,
    created: true,
  },
} as const satisfies Record<string, { readonly traits: ServerTraits } & Parameters<typeof tiny>[0]>

let server: Tiny | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

interface Ran {
  readonly requests: number
  readonly stated: E.Either<DriveError, unknown>
  readonly tree: Tree
}

const runOn = async (
  { traits, ...identities }: (typeof servers)[keyof typeof servers],
  { before, run }: Operation,
  n: number,
  how: Misbehaviour,
): Promise<Ran> => {
  server = await tiny(identities)
  for (const [name, body] of Object.entries(before)) server.put(name, body)
  server.misbehaveAt(n, how)
  const drive = openWebDav({ url: server.url, server: traits }, { delay: () => Promise.resolve() })
  const stated = await run(drive)
  const requests = server.changes()
  server.settle()
  const tree = server.tree()
  await server.close()
  return { requests, stated, tree }
}

/** Under a strategy that replaces, what is stated of `replaced` is true or left out. */
const misstated = ({ before }: Operation, { stated }: Ran): boolean => {
  if (E.isLeft(stated)) return false
  const { path: name = '', replaced } = stated.right as { readonly path?: string; readonly replaced?: boolean }
  return replaced !== undefined && replaced !== name in before
}

const violation = (operation: Operation, ran: Ran): string | undefined => {
  const [{ before, after }, { stated, tree }] = [operation, ran]
  const is = (expected: Tree) => {
    const names = Object.keys(expected)
    return names.length === Object.keys(tree).length && names.every((name) => tree[name] === expected[name])
  }
  if (misstated(operation, ran)) return 'replaced was misstated'
  if (E.isRight(stated)) return after !== undefined && is(after) ? undefined : 'success was stated'
  if (mayHaveHappened(stated.left))
    return is(before) || after === undefined || is(after) || stated.left._tag === 'TaskFailed'
      ? undefined
      : 'neither happened'
  return is(before) ? undefined : `${stated.left._tag} was stated`
}

const judged = Object.entries(servers).slice(0, process.env['ANYDRIVE_SAMPLE'] === undefined ? undefined : 1)
describe.each(judged)('on a server %s', (_, kind) => {
  test.each(Object.entries(operations))('%s is stated as it happened, whatever goes wrong', async (name, operation) => {
    const wrong: Array<string> = []
    for (const how of misbehaviours)
      for (let n = 1; ; n++) {
        const ran = await runOn(kind, operation, n, how)
        const why = violation(operation, ran)
        if (why !== undefined) wrong.push(`${name}, request ${n} ${how}: ${why}, but ${JSON.stringify(ran.tree)}`)
        if (ran.requests < n) break
      }
    expect(wrong).toEqual([])
  })

  test.each(Object.entries(operations))('%s without misbehaviour is as expected', async (_name, operation) => {
    const { stated, tree } = await runOn(kind, operation, 0, 'lost before')
    expect(E.isRight(stated)).toBe(operation.after !== undefined)
    expect(tree).toEqual(operation.after ?? operation.before)
  })
})
