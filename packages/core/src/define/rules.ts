// What every drive refuses before anything is sent: wrong arguments, impossible targets, names that the service does not take.
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { has, type Feature, type Naming } from '../contract/capabilities'
import type { ConflictStrategy } from '../contract/conflict'
import { issuesOf } from '../contract/decode'
import {
  invalidArgument,
  invalidPath,
  limitExceeded,
  nameConflict,
  nestedTarget,
  unsupported,
  type DriveError,
  type Fault,
} from '../contract/errors'
import { DrivePath, isInside, nameOf, root, segments } from '../contract/path'
import type { DriveContext, ResolvedItem, Verb } from './context'

export type Failure = Fault | DriveError

// --- arguments

const Checked = <A>(name: string, is: (u: unknown) => u is A): t.Type<A> =>
  new t.Type<A>(name, is, (u, context) => (is(u) ? t.success(u) : t.failure(u, context)), t.identity)
const OneOf = (...words: ReadonlyArray<string>) =>
  Checked(
    words.map((word) => JSON.stringify(word)).join(' or '),
    (u): u is string => typeof u === 'string' && words.includes(u),
  )

/** A signal of this or of another realm. */
export const isSignal = (u: unknown): u is AbortSignal =>
  typeof u === 'object' && u !== null && 'aborted' in u && 'addEventListener' in u
/** Milliseconds; `Infinity` means none. */
export const isDuration = (u: unknown): u is number => typeof u === 'number' && u >= 0

const isNumber = (u: unknown): u is number => typeof u === 'number' && !Number.isNaN(u)
const Amount = Checked('a number, 0 or more', isDuration)
const Callback = Checked('a function', (u): u is () => unknown => typeof u === 'function')
const ValidDate = Checked('a valid Date', (u): u is Date => u instanceof Date && !Number.isNaN(u.getTime()))
const Source = Checked(
  'an upload source with size and open',
  (u): u is object => typeof u === 'object' && u !== null && 'size' in u && 'open' in u && typeof u.open === 'function',
)

const call = {
  signal: Checked('an AbortSignal', isSignal),
  timeout: Checked('a number of milliseconds, 0 or more', isDuration),
}
const strategy = OneOf('ask', 'rename', 'overwrite')
const page = { ...call, cursor: t.string, limit: Checked('a number', isNumber) }
const placing = { ...call, conflict: strategy, parents: OneOf('create', 'require') }
const times = { createdAt: ValidDate, modifiedAt: ValidDate }
const Uploaded = t.type({ vendor: t.string, state: t.unknown })
const Item = t.intersection([
  t.type({ from: DrivePath, to: DrivePath }),
  t.partial({ conflict: strategy, fromSpace: t.string }),
])
const Removal = t.union([DrivePath, t.intersection([t.type({ path: DrivePath }), t.partial({ ifVersion: t.string })])])
export const TrashItem = t.union([t.string, t.type({ trashId: t.string })])
const Query = t.partial({
  below: DrivePath,
  name: t.string,
  kind: OneOf('file', 'directory', 'other'),
  size: t.partial({ min: Amount, max: Amount }),
  modifiedAt: t.partial({ from: ValidDate, to: ValidDate }),
})
const isPositive = (u: unknown): u is number => isDuration(u) && u > 0
const hasTime = (u: unknown): u is object =>
  typeof u === 'object' && u !== null && Object.entries(u).some(([name, at]) => name in times && at !== undefined)
const transfer = t.type({ items: t.array(Item), options: t.partial({ ...placing, wait: t.boolean }) })

/** The arguments of each verb, by name. */
const argumentsOf: { readonly [V in Verb | 'vendorCall']: t.Decoder<unknown, unknown> } = {
  stat: t.type({ path: DrivePath, options: t.partial(call) }),
  list: t.type({
    path: DrivePath,
    options: t.partial({ ...page, temporaries: OneOf('hide', 'show') }),
  }),
  createDir: t.type({ path: DrivePath, options: t.partial({ ...placing, ...times }) }),
  copyDir: t.type({ from: DrivePath, to: DrivePath, options: t.partial({ ...placing, wait: t.boolean }) }),
  batchMove: transfer,
  batchCopy: transfer,
  batchRemove: t.type({
    items: t.array(Removal),
    options: t.partial({ ...call, permanent: t.boolean, requireTrash: t.boolean, wait: t.boolean }),
  }),
  readFile: t.type({
    path: DrivePath,
    options: t.partial({
      ...call,
      range: t.intersection([t.type({ start: t.number }), t.partial({ end: t.number })]),
      ifVersion: t.string,
      version: t.string,
    }),
  }),
  writeFile: t.type({
    path: DrivePath,
    source: Source,
    options: t.partial({
      ...placing,
      ...times,
      contentType: t.string,
      ifVersion: t.string,
      onProgress: Callback,
      onCheckpoint: Callback,
      resume: Uploaded,
    }),
  }),
  abandonUpload: t.type({ ref: Uploaded, options: t.partial(call) }),
  usage: t.type({ options: t.partial(call) }),
  task: t.type({ ref: t.type({ vendor: t.string, operation: t.string, state: t.unknown }), options: t.partial(call) }),
  listTrash: t.type({ options: t.partial(page) }),
  restore: t.type({ items: t.array(TrashItem), options: t.partial({ ...call, conflict: strategy, wait: t.boolean }) }),
  purge: t.type({ items: t.array(TrashItem), options: t.partial({ ...call, wait: t.boolean }) }),
  emptyTrash: t.type({ options: t.partial(call) }),
  search: t.type({ query: Query, options: t.partial(page) }),
  listVersions: t.type({ path: DrivePath, options: t.partial(page) }),
  restoreVersion: t.type({ path: DrivePath, version: t.string, options: t.partial(call) }),
  downloadUrl: t.type({
    path: DrivePath,
    options: t.partial({ ...call, expiresIn: Checked('a number of milliseconds, more than 0', isPositive) }),
  }),
  setTimes: t.type({
    path: DrivePath,
    times: t.intersection([t.partial(times), Checked('createdAt or modifiedAt', hasTime)]),
    options: t.partial(call),
  }),
  changes: t.type({ options: t.partial(page) }),
  vendorCall: t.type({ options: t.partial({ ...call, ...times, conflict: strategy }) }),
}

/** The arguments with their paths parsed; `InvalidPath` or `InvalidArgument` for the first that is wrong. */
export const validated = <I extends object>(verb: Verb | 'vendorCall', inputs: I): E.Either<Fault, I> => {
  const decoded = argumentsOf[verb].decode(inputs) as t.Validation<I>
  if (E.isRight(decoded)) return decoded
  const malformed = decoded.left.find(({ message }) => message !== undefined)
  if (malformed !== undefined)
    return E.left(invalidPath({ reason: malformed.message ?? '', said: JSON.stringify(malformed.value) }))
  // Of a union's errors, the one inside the value says more than the one about it.
  const issues = issuesOf(decoded.left)
  const first = issues[0] ?? { at: 'options', expected: 'an object' }
  const { at, expected } = issues.find((issue) => issue.at.startsWith(`${first.at}.`)) ?? first
  return E.left(invalidArgument({ argument: at, expected }))
}

// --- names

/** The length of a name, in the unit that the rules count in. */
export const nameLength = (text: string, unit: Naming['lengthUnit']): number => {
  if (unit === 'bytes') return Buffer.byteLength(text)
  return unit === 'utf16' ? text.length : Array.from(text).length
}

/** What the service would refuse about one name: its length, then its characters, then the name as a whole, then its two ends. */
export const nameFault = (naming: Naming, name: string): Fault<'InvalidPath' | 'LimitExceeded'> | undefined => {
  if (nameLength(name, naming.lengthUnit) > naming.maxLength)
    return limitExceeded({ limit: 'name', max: naming.maxLength })
  const points = Array.from(name)
  const refused = points.find((c) => naming.forbidden.includes(c))
  if (refused !== undefined) return invalidPath({ reason: `a name may not hold ${JSON.stringify(refused)}` })
  if (naming.reserved.includes(name)) return invalidPath({ reason: `the name ${JSON.stringify(name)} is reserved` })
  const [first, last] = [points[0], points.at(-1)]
  if (first !== undefined && naming.forbiddenFirst?.includes(first) === true)
    return invalidPath({ reason: `a name may not begin with ${JSON.stringify(first)}` })
  return last !== undefined && naming.forbiddenLast?.includes(last) === true
    ? invalidPath({ reason: `a name may not end with ${JSON.stringify(last)}` })
    : undefined
}

/** What the service would refuse about the last name of this path, its depth or its length; existing names above it are not checked. */
export const namingFault = (naming: Naming, path: DrivePath, kind: 'directory' | 'file'): Fault | undefined => {
  const wrong = nameFault(naming, nameOf(path))
  if (wrong !== undefined) return wrong
  const levels = segments(path).length - (kind === 'file' ? 1 : 0)
  if (naming.maxDepth !== undefined && levels > naming.maxDepth)
    return limitExceeded({ limit: 'depth', max: naming.maxDepth })
  return naming.maxPath !== undefined && nameLength(path, naming.lengthUnit) > naming.maxPath
    ? limitExceeded({ limit: 'path', max: naming.maxPath })
    : undefined
}

// --- targets

type Row = keyof DriveContext['capabilities']['conflict']

/** Nothing can be placed where the root is; the name must be allowed, and the strategy offered for one of the rows. */
const targetFault = (
  { capabilities }: DriveContext,
  to: DrivePath,
  kind: 'directory' | 'file',
  rows: ReadonlyArray<Row>,
  conflict: ConflictStrategy,
): Fault | undefined => {
  if (to === root) return nameConflict({ existing: { kind: 'directory', path: root, name: '' } })
  const named = namingFault(capabilities.naming, to, kind)
  if (named !== undefined) return named
  const features = rows.map((row): Feature => `conflict.${row}.${conflict}`)
  const [first] = features
  return first !== undefined && features.every((feature) => !has(capabilities, feature))
    ? unsupported({ feature: first })
    : undefined
}

export const createDirFault = (context: DriveContext, path: DrivePath, conflict: ConflictStrategy) =>
  targetFault(context, path, 'directory', ['createDir'], conflict)

export const writeFileFault = (context: DriveContext, path: DrivePath, conflict: ConflictStrategy) =>
  targetFault(context, path, 'file', ['writeFile'], conflict)

export const copyDirFault = (context: DriveContext, from: DrivePath, to: DrivePath, conflict: ConflictStrategy) =>
  from === root || (isInside(from, to) && from !== to)
    ? nestedTarget()
    : targetFault(context, to, 'directory', ['copyDir'], conflict)

/** Of a move or copy. The kind of the source is not known yet, so depth is checked as for a file. */
export const transferFault = (
  context: DriveContext,
  operation: 'batchMove' | 'batchCopy',
  { from, to, conflict, fromSpace }: ResolvedItem,
): Fault | undefined => {
  const moves = operation === 'batchMove'
  if (fromSpace !== undefined) {
    const crossing = moves ? 'features.crossSpaceMove' : 'features.crossSpaceCopy'
    if (!has(context.capabilities, crossing)) return unsupported({ feature: crossing })
  }
  if (from === root && moves) return unsupported({ feature: 'operations.batchMove' })
  if (fromSpace === undefined) {
    if (from === root || (from !== to && isInside(from, to))) return nestedTarget()
    if (from === to && moves) return undefined
  }
  return targetFault(context, to, 'file', moves ? ['moveFile', 'moveDir'] : ['copyFile', 'copyDir'], conflict)
}

/** Of the two paths of an operation, the one that a fault is about. */
export const errorPath =
  (from: DrivePath, to: DrivePath) =>
  (fault: Failure): DrivePath => {
    switch (fault._tag) {
      case 'NameConflict':
      case 'InvalidPath':
      case 'LimitExceeded':
      case 'NestedTarget':
        return to
      case 'NotFound':
        return fault.what === 'parent' ? to : from
      default:
        return from
    }
  }
