// What a plan does with one entry: decided as the migration itself would.
import { child, nameOf, type DriveError, type DrivePath, type DriveProvider, type Entry } from '@anydrive/core'
import { neverAborted } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { courseFor, decide, type Course } from '../decide'
import type { CompareBy, Decision, Policy } from '../conflict'
import type { Candidate } from './candidates'
import { misfits, nameFinding, standing, type Finding } from './issues'
import { freeName } from './free-name'
import { existingOf, stated, type Action, type PlanLine } from './line'
import { differsIn, type OneName } from './one-name'
import { whys } from './sums'

/** A source directory, and what is planned for it. */
export interface Place {
  readonly dir: DrivePath
  /** Where what is in it goes. */
  readonly to: DrivePath
  /** Of a directory that is left out: all in it is left out as well. */
  readonly out: { readonly do: 'skip' | 'refuse'; readonly dir: DrivePath } | undefined
}
export interface Planner {
  readonly from: DriveProvider
  readonly to: DriveProvider
  readonly policy: Policy
  readonly compare: CompareBy | undefined
  readonly one: OneName
  /** Of a sync: whether an entry of the target, and all below it, may be removed for one of another kind. */
  readonly isReplaced?: ((existing: Entry) => Promise<E.Either<DriveError, boolean>>) | undefined
  readonly signal?: AbortSignal | undefined
}
export interface PlannedEntry {
  readonly line: PlanLine
  readonly findings: ReadonlyArray<Finding>
}

interface Choice {
  readonly do: Action
  readonly to?: DrivePath
  readonly finding?: Finding
}
const fail: Choice = { do: 'refuse' }
const silent = () => undefined
const isIncremental = (decision: Decision): boolean => decision === 'newer' || decision === 'different'

/** With the reason, unless the comparison of checksums says it already. */
const keptBy = ({ same, why }: Extract<Course, { readonly go: 'skip' }>): Choice => {
  if (why !== undefined) return { do: 'skip', finding: { what: 'exists-kept', says: why } }
  return same === undefined ? { do: 'skip' } : { do: 'skip', finding: { what: 'exists-equal', says: same } }
}

/** What the entry would meet under its name. */
const inTheWay = ({ existing, duplicate }: Candidate): Entry | undefined => {
  if (existing !== undefined || duplicate?.isSure !== true) return existing
  const { entry, landed } = duplicate.other
  return landed === undefined ? undefined : { ...entry, path: landed, name: nameOf(landed) }
}

const beside = async (planner: Planner, place: Place, candidate: Candidate, to: DrivePath): Promise<Choice> => {
  const { from, to: target, one, signal } = planner
  const free = await freeName(
    {
      to: { drive: target, dir: place.to },
      from: { drive: from, dir: place.dir },
      given: candidate.given,
      key: one.key ?? ((name) => name),
      signal,
    },
    nameOf(to),
  )
  return free === undefined ? fail : { do: 'rename', to: free }
}

const elsewhere = (place: Place, name: string): Choice => {
  const to = child(place.to, name)
  return E.isRight(to)
    ? { do: 'rename', to: to.right }
    : { ...fail, finding: { what: 'name-characters', says: to.left.message } }
}

const ofDirectory = async (
  planner: Planner,
  place: Place,
  candidate: Candidate,
  to: DrivePath,
  decision: Decision,
): Promise<Choice> => {
  if (decision === 'skip') return { do: 'skip' }
  if (decision === 'rename') return beside(planner, place, candidate, to)
  return typeof decision === 'string' ? fail : elsewhere(place, decision.renameTo)
}

const onClash = async (
  planner: Planner,
  place: Place,
  candidate: Candidate,
  { to, existing }: { readonly to: DrivePath; readonly existing: Entry },
): Promise<E.Either<DriveError, Choice>> => {
  const { entry } = candidate
  if (entry.kind === 'directory' && existing.kind === 'directory') return E.right({ do: 'merge', to: existing.path })
  const decision = await decide({ policy: planner.policy, emit: silent }, { source: entry, existing, to })
  if (E.isLeft(decision)) return decision
  const isKind = existing === candidate.existing && existing.kind !== entry.kind && existing.name === nameOf(to)
  if (isKind && planner.isReplaced !== undefined && decision.right === 'different')
    return E.map((all: boolean): Choice => (all ? { do: 'replace' } : fail))(await planner.isReplaced(existing))
  if (entry.kind !== 'file') return E.right(await ofDirectory(planner, place, candidate, to, decision.right))
  // A file that only this migration puts there can be neither read nor compared yet.
  if (candidate.existing === undefined && isIncremental(decision.right)) return E.right(fail)
  const run = {
    from: { drive: planner.from },
    to: { drive: planner.to },
    compare: planner.compare,
    signal: planner.signal ?? neverAborted,
    throttle: undefined,
  }
  const found = await courseFor(run, entry, { existing, to, name: nameOf(to) }, decision.right)
  if (E.isLeft(found)) return found
  const course = found.right
  switch (course.go) {
    case 'write':
      if (course.conflict === 'rename') return E.right(await beside(planner, place, candidate, to))
      // What only this migration puts there is not replaced by more of it.
      return E.right(candidate.existing === undefined ? fail : { do: 'overwrite' })
    case 'elsewhere':
      return E.right(elsewhere(place, course.name))
    case 'skip':
      return E.right(isIncremental(decision.right) ? keptBy(course) : { do: 'skip' })
    case 'fail':
      return E.right(fail)
  }
}

/** Told whatever is done. */
const remarks = ({ entry, name, existing, similar, duplicate }: Candidate): ReadonlyArray<Finding> => {
  const wanted = E.isRight(name) ? name.right : entry.name
  const like = (other: string): Finding => ({ what: differsIn(other, wanted), says: `like ${JSON.stringify(other)}` })
  const duplicateName =
    duplicate === undefined || E.isLeft(duplicate.other.name) ? undefined : duplicate.other.name.right
  return [
    ...(wanted === entry.name ? [] : [{ what: 'respelled', says: JSON.stringify(wanted) } as const]),
    ...(existing === undefined
      ? []
      : entry.kind === 'directory' && existing.kind === 'directory'
        ? []
        : [standing(entry, existing)]),
    ...(existing !== undefined && existing.name !== wanted ? [like(existing.name)] : []),
    ...(similar === undefined ? [] : [like(similar.name)]),
    ...(duplicateName === undefined ? [] : [like(duplicateName)]),
  ]
}

/** Why it cannot be carried, whatever stands there. */
const obstacles = (planner: Planner, { entry, name, existing }: Candidate, to: DrivePath): ReadonlyArray<Finding> => {
  if (entry.kind === 'other') return [{ what: 'not-a-file', says: entry.what }]
  if (E.isLeft(name)) return [nameFinding(name.left)]
  const all = misfits(planner.to.capabilities, to, entry)
  return existing === undefined ? all : all.filter(({ what }) => what === 'file-size')
}

const chosen = async (
  planner: Planner,
  place: Place,
  candidate: Candidate,
  to: DrivePath,
): Promise<E.Either<DriveError, Choice>> => {
  const existing = inTheWay(candidate)
  if (existing !== undefined) return onClash(planner, place, candidate, { to, existing })
  return E.right({ do: candidate.entry.kind === 'directory' ? 'mkdir' : 'copy' })
}

/** A left where the program's own function fails. */
export const planEntry = async (
  planner: Planner,
  place: Place,
  candidate: Candidate,
): Promise<E.Either<DriveError, PlannedEntry>> => {
  const { entry, name, existing } = candidate
  const wanted = child(place.to, E.isRight(name) ? name.right : entry.name)
  if (E.isLeft(wanted)) return wanted
  const line = (choice: Choice, findings: ReadonlyArray<Finding>): PlannedEntry => {
    const to = choice.to ?? wanted.right
    candidate.landed = choice.do === 'skip' || choice.do === 'refuse' ? undefined : to
    const all = choice.finding === undefined ? findings : [...findings, choice.finding]
    return {
      line: {
        do: choice.do,
        kind: entry.kind,
        from: entry.path,
        to,
        ...stated(entry),
        existing: existing === undefined ? null : existingOf(existing),
        why: whys(all),
      },
      findings: all,
    }
  }
  if (place.out !== undefined)
    return E.right(line({ do: place.out.do }, [{ what: 'inside', says: `/${place.out.dir}` }]))
  const against = obstacles(planner, candidate, wanted.right)
  const found = remarks(candidate)
  if (against.length > 0) return E.right(line(fail, [...against, ...found]))
  return E.map((choice: Choice) => line(choice, found))(await chosen(planner, place, candidate, wanted.right))
}
