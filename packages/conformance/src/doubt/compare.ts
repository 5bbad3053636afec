// Compares what a call said with what is there afterwards.
import { mayHaveHappened, retryAdvice } from '@anydrive/core'
import type { FaultRow } from './rows'
import type { Stated, Unit } from './scenario'
import { join, parentOf, showTree, subtree, type Node, type Seen, type Tree } from './tree'

const said = (stated: Stated): string =>
  stated.status === 'done'
    ? `done${stated.how === undefined ? '' : ` ${stated.how}`}${stated.path === undefined ? '' : ` at ${stated.path}`}`
    : `${stated.error._tag}${mayHaveHappened(stated.error) ? ' (may have happened)' : ` (did not happen, retry: ${retryAdvice(stated.error)})`}`

/** What is at and below the target once the unit is done. */
const effectOf = (unit: Unit, before: Tree): Tree => {
  if (unit.effect === 'create') return new Map([['', 'dir']])
  if (unit.effect === 'write') return new Map([['', unit.content ?? '']])
  return subtree(before, unit.from ?? '')
}
const equal = (a: Tree, b: Tree): boolean => a.size === b.size && [...a].every(([path, node]) => b.get(path) === node)
const isPart = (part: Tree, whole: Tree): boolean =>
  part.size > 0 && [...part].every(([path, node]) => whole.get(path) === node)

/** The entries that are not accounted for yet. */
class Remaining {
  readonly tree: Map<string, Node>
  constructor(tree: Tree) {
    this.tree = new Map(tree)
  }
  take(path: string): Node | undefined {
    const node = this.tree.get(path)
    this.tree.delete(path)
    return node
  }
  takeAll(at: string): void {
    for (const path of subtree(this.tree, at).keys()) this.tree.delete(join(at, path))
  }
}

type RowFacts = Pick<FaultRow, 'twice' | 'recovers'>

interface Case {
  readonly before: Tree
  readonly after: Seen
  readonly remaining: Remaining
  readonly row: RowFacts | undefined
}

const sources = (unit: Unit, before: Tree): ReadonlyArray<string> =>
  unit.effect === 'move' || unit.effect === 'remove'
    ? [...subtree(before, unit.from ?? '').keys()].map((path) => join(unit.from ?? '', path))
    : []
const replaces = (unit: Unit, before: Tree): string | undefined => {
  const node = before.get(unit.to ?? '')
  const file = node !== undefined && node !== 'dir' && !effectOf(unit, before).has('dir')
  return unit.conflict === 'overwrite' && file ? unit.to : undefined
}

const ofDone = (unit: Unit, stated: Extract<Stated, { status: 'done' }>, it: Case): string | undefined => {
  const { before, remaining } = it
  // What is gone counts as removed, since nobody can tell by whom it was.
  if (unit.effect === 'remove' && it.row !== undefined && !before.has(unit.from ?? '')) return undefined
  if (unit.from !== undefined && !before.has(unit.from)) return `${unit.from} was never there`
  for (const path of sources(unit, before)) if (remaining.tree.has(path)) return `${path} is still there`
  if (unit.to === undefined) return undefined
  const { path = unit.to, how } = stated
  if ((how === 'as-asked') !== (path === unit.to)) return `${path} is not what ${String(how)} means for ${unit.to}`
  if (parentOf(path) !== parentOf(unit.to)) return `${path} is in another directory than ${unit.to}`
  if (how === 'renamed' && unit.conflict !== 'rename') return `it was renamed under ${unit.conflict}`
  if (before.has(path) && replaces(unit, before) !== path) return `${path} was there before the call`
  for (const [relative, node] of effectOf(unit, before)) {
    const at = join(path, relative)
    const found = remaining.take(at)
    if (found === undefined) return `${at} is not there`
    if (found !== node) return `${at} has ${found} instead of ${node}`
  }
  return undefined
}

/** Entries that appeared where this unit's effect may be. */
const candidates = (unit: Unit, { before, remaining }: Case): ReadonlyArray<string> => {
  const to = unit.to ?? ''
  const free = [...remaining.tree.keys()].filter((path) => !before.has(path) && parentOf(path) === parentOf(to))
  return free.filter((path) => path === to || unit.conflict === 'rename' || unit.composed === true)
}

/** Takes one instance of the effect, whole or, for a copy that was not finished, in part. */
const takeInstance = (unit: Unit, it: Case, partial: boolean): string | undefined => {
  const effect = effectOf(unit, it.before)
  const found = candidates(unit, it)
  const instance =
    found.find((path) => equal(subtree(it.remaining.tree, path), effect)) ??
    (partial ? found.find((path) => isPart(subtree(it.remaining.tree, path), effect)) : undefined)
  if (instance !== undefined) it.remaining.takeAll(instance)
  return instance
}

const isSomewhere = (node: Node, { after }: Case): boolean =>
  [...after.visible.values(), ...after.hidden.values()].includes(node)

const ofUnknown = (unit: Unit, it: Case): string | undefined => {
  const { before, remaining } = it
  if (unit.effect === 'remove') {
    remaining.takeAll(unit.from ?? '')
    return undefined
  }
  const replaced = replaces(unit, before)
  const old = replaced === undefined ? undefined : before.get(replaced)
  const effect = effectOf(unit, before)
  let isThere = false
  if (replaced !== undefined) {
    const now = remaining.take(replaced)
    isThere = now !== undefined && now === effect.get('')
    if (now !== undefined && now !== old && !isThere) return `${replaced} has ${now}, which is neither old nor new`
    if (now === undefined && it.row?.recovers === true)
      return `nothing is at ${replaced}, although the service could be reached again`
    if (!isThere && old !== undefined && !isSomewhere(old, it)) return `the file that was at ${replaced} is lost`
    if (!isThere && unit.composed === true) takeInstance(unit, it, false)
  } else if (unit.from === undefined || before.has(unit.from)) {
    isThere = takeInstance(unit, it, unit.effect === 'copy') !== undefined
  }
  if (unit.effect !== 'move') return undefined
  const from = unit.from ?? ''
  const left = subtree(remaining.tree, from)
  if (isThere && left.size > 0) return `it is at ${from} and at its target`
  if (!isThere && !equal(left, effect)) {
    const lost = [...effect].find(([path, node]) => node !== 'dir' && left.get(path) !== node && !isSomewhere(node, it))
    if (lost !== undefined) return `${join(from, lost[0])} is lost`
  }
  remaining.takeAll(from)
  return undefined
}

/** A failure that was stated may hide an effect only where the network sent a request twice and hid the first answer. */
const mayBeHidden = (unit: Unit, row: Case['row']): boolean =>
  row?.twice === 'second' || (row?.twice === 'first' && unit.conflict === 'rename')

/** Why what was said is not true, or undefined if it is. */
export const contradiction = (
  before: Tree,
  after: Seen,
  units: ReadonlyArray<Unit>,
  stated: ReadonlyArray<Stated>,
  row?: RowFacts,
): string | undefined => {
  const it: Case = { before, after, remaining: new Remaining(after.visible), row }
  const all = units.flatMap((unit, i) => {
    const one = stated[i]
    return one === undefined ? [] : [{ unit, stated: one }]
  })
  const why = (): string | undefined => {
    const touched = new Set<string>()
    for (const { unit, stated: one } of all) {
      const unknown = one.status === 'failed' && (mayHaveHappened(one.error) || row?.twice === 'second')
      if (one.status !== 'done' && !unknown) continue
      for (const path of sources(unit, before)) touched.add(path)
      const replaced = replaces(unit, before)
      if (replaced !== undefined) touched.add(replaced)
    }
    for (const [path, node] of before) {
      if (touched.has(path)) continue
      const found = it.remaining.take(path)
      if (found === undefined) return `${path} is gone`
      if (found !== node) return `${path} has ${found} instead of ${node}`
    }
    for (const { unit, stated: one } of all)
      if (one.status === 'done') {
        const wrong = ofDone(unit, one, it)
        if (wrong !== undefined) return wrong
      }
    for (const { unit, stated: one } of all) {
      if (one.status === 'failed' && (mayHaveHappened(one.error) || row?.twice === 'second')) {
        const wrong = ofUnknown(unit, it)
        if (wrong !== undefined) return wrong
      }
      if (mayBeHidden(unit, row)) takeInstance(unit, it, false)
    }
    const parents = new Set(
      units.flatMap(({ to = '' }) =>
        to
          .split('/')
          .slice(0, -1)
          .map((_, i, names) => names.slice(0, i + 1).join('/')),
      ),
    )
    const [extra] = [...it.remaining.tree].filter(([path, node]) => node !== 'dir' || !parents.has(path))
    return extra === undefined
      ? undefined
      : `${extra[0]} appeared${extra[1] === 'dir' ? '' : ` with ${extra[1]}`}, which was not said`
  }
  const wrong = why()
  return wrong === undefined
    ? undefined
    : `said ${stated.map(said).join('; ')}, but ${wrong}. Before: ${showTree(before)}. After: ${showTree(after.visible)}${after.hidden.size === 0 ? '' : `, hidden: ${showTree(after.hidden)}`}`
}
