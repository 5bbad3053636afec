// The tree against a second, flat model: after any sequence of operations the two agree.
import * as E from 'fp-ts/Either'
import * as fc from 'fast-check'
import {
  fromBytes,
  isInside,
  parentOf,
  relativeTo,
  root,
  under,
  ancestorsOf,
  nameOf,
  type ConflictStrategy,
  type DriveError,
  type DrivePath,
} from '@anydrive/core'
import { openMemory } from '../src'
import { at, right, tree } from './bench'

/** A directory has no content. */
type Flat = Map<DrivePath, string | undefined>
type Step =
  | { readonly op: 'mkdir'; readonly to: DrivePath; readonly conflict: ConflictStrategy; readonly create: boolean }
  | {
      readonly op: 'write'
      readonly to: DrivePath
      readonly content: string
      readonly conflict: ConflictStrategy
      readonly create: boolean
    }
  | {
      readonly op: 'move' | 'copy'
      readonly from: DrivePath
      readonly to: DrivePath
      readonly conflict: ConflictStrategy
      readonly create: boolean
    }
  | { readonly op: 'remove'; readonly from: DrivePath }

/** The path that results, or the tag of the error. */
type Told = string

const isDir = (flat: Flat, path: DrivePath) => path === root || (flat.has(path) && flat.get(path) === undefined)
const below = (flat: Flat, dir: DrivePath) => [...flat].filter(([path]) => isInside(dir, path))

const place = (
  flat: Flat,
  to: DrivePath,
  file: boolean,
  step: { conflict: ConflictStrategy; create: boolean },
  own?: DrivePath,
): Told => {
  for (const ancestor of ancestorsOf(to)) if (flat.get(ancestor) !== undefined) return '!WrongKind'
  if (!step.create && !isDir(flat, parentOf(to))) return '!NotFound'
  if (!flat.has(to) || to === own) return to
  if (step.conflict === 'overwrite' && file && flat.get(to) !== undefined) return to
  if (step.conflict !== 'rename') return '!NameConflict'
  const name = nameOf(to)
  const dot = file ? name.lastIndexOf('.') : -1
  for (let n = 1; ; n++) {
    const free = dot > 0 ? `${name.slice(0, dot)} (${n})${name.slice(dot)}` : `${name} (${n})`
    const path = under(parentOf(to), free as DrivePath)
    if (!flat.has(path)) return path
  }
}
const makeParents = (flat: Flat, to: DrivePath) => {
  for (const ancestor of ancestorsOf(to)) if (ancestor !== root) flat.set(ancestor, undefined)
}

const inModel = (flat: Flat, step: Step): Told => {
  if (step.op === 'remove') {
    if (!flat.has(step.from)) return '!NotFound'
    for (const [path] of below(flat, step.from)) flat.delete(path)
    return step.from
  }
  if (step.op === 'mkdir' || step.op === 'write') {
    const told = place(flat, step.to, step.op === 'write', step)
    if (told.startsWith('!')) return told
    makeParents(flat, told as DrivePath)
    flat.set(told as DrivePath, step.op === 'write' ? step.content : undefined)
    return told
  }
  const { from, to, op } = step
  if (from !== to && isInside(from, to)) return '!NestedTarget'
  if (!flat.has(from)) return '!NotFound'
  if (from === to && op === 'move') return to
  if (from === to && step.conflict !== 'rename') return '!NameConflict'
  const moved = below(flat, from)
  const told = place(flat, to, flat.get(from) !== undefined, step, op === 'move' ? from : undefined)
  if (told.startsWith('!')) return told
  if (op === 'move') for (const [path] of moved) flat.delete(path)
  makeParents(flat, told as DrivePath)
  for (const [path, content] of moved) flat.set(under(told as DrivePath, relativeTo(from, path)), content)
  return told
}

const inDrive = async (drive: ReturnType<typeof openMemory>, step: Step): Promise<Told> => {
  const told = (answer: E.Either<DriveError, { readonly path: DrivePath }>): Told =>
    E.isRight(answer) ? answer.right.path : `!${answer.left._tag}`
  if (step.op === 'remove') {
    const [outcome] = (await right(drive.batchRemove([step.from]))).outcomes
    return outcome?.status === 'done' ? outcome.path : `!${outcome?.error._tag ?? ''}`
  }
  const options = { conflict: step.conflict, parents: step.create ? 'create' : 'require' } as const
  if (step.op === 'mkdir') return told(await drive.createDir(step.to, options)())
  if (step.op === 'write') return told(await drive.writeFile(step.to, fromBytes(step.content), options)())
  const items = [{ from: step.from, to: step.to }]
  const [outcome] = (
    await right(step.op === 'move' ? drive.batchMove(items, options) : drive.batchCopy(items, options))
  ).outcomes
  return outcome?.status === 'done' ? outcome.path : `!${outcome?.error._tag ?? ''}`
}

const name = fc.constantFrom('a', 'b.x', '.c')
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => at(names.join('/')))
const how = { conflict: fc.constantFrom<ConflictStrategy>('ask', 'rename', 'overwrite'), create: fc.boolean() }
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ op: fc.constant('mkdir' as const), to: path, ...how }),
  fc.record({ op: fc.constant('write' as const), to: path, content: fc.constantFrom('', '1', '22'), ...how }),
  fc.record({ op: fc.constantFrom('move' as const, 'copy' as const), from: path, to: path, ...how }),
  fc.record({ op: fc.constant('remove' as const), from: path }),
)

const linesOf = (flat: Flat) =>
  [...flat].map(([p, content]) => (content === undefined ? `${p}/` : `${p}=${content}`)).sort()

test('any sequence of operations has the results and the tree of a flat model, and the bytes are counted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const drive = openMemory()
      const flat: Flat = new Map()
      for (const one of steps) expect(await inDrive(drive, one)).toBe(inModel(flat, one))
      expect([...(await tree(drive))].sort()).toEqual(linesOf(flat))
      const bytes = [...flat.values()].reduce((sum, content) => sum + (content?.length ?? 0), 0)
      expect(await right(drive.usage())).toEqual({ used: bytes })
    }),
    { numRuns: 300 },
  )
})

test('copying and moving the copy away leaves the source as it was', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(path, { minLength: 1, maxLength: 8 }), async (files) => {
      const drive = openMemory()
      for (const file of files) await drive.writeFile(under(at('src'), file), fromBytes(file))()
      const before = await tree(drive, at('src'))
      await right(drive.copyDir(at('src'), at('dst')))
      await right(drive.batchMove([{ from: at('dst'), to: at('end/dst') }]))
      expect(await tree(drive, at('src'))).toEqual(before)
      expect((await tree(drive, at('end/dst'))).map((line) => line.replace('end/dst', 'src'))).toEqual(before)
    }),
    { numRuns: 50 },
  )
})
