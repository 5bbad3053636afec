// A plan as a file: its first line, how it is written, and how it is read back.
import { parsePath, showPath, type DrivePath } from '@anydrive/core'
import { issuesOf, showIssues } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { contradictionIn, Line, strangeField, type PlanLine } from './line'

export interface PlanEnd {
  readonly vendor: string
  readonly path: DrivePath
  /** What the drive is called where the plan was made; the vendor, unless it was given. */
  readonly name: string
}
export interface PlanHeader {
  readonly source: PlanEnd
  readonly target: PlanEnd
  readonly conflict: string
  readonly names: string
  readonly when: Date
  /** The version of the program that made it. */
  readonly tool: string
}

/**
 * `PlanUnreadable`, `PlanUnwritable`: the file as such. `PlanHeader`: its first line is not that of a plan. `PlanLine`: one line cannot be carried out as it stands.
 * `PlanMismatch`: it was made for another source or target.
 */
export interface PlanError {
  readonly _tag: 'PlanUnreadable' | 'PlanUnwritable' | 'PlanHeader' | 'PlanLine' | 'PlanMismatch'
  readonly message: string
  readonly remedy: string
  /** From 1, the header being the first. */
  readonly line?: number
}

export interface PlanFile {
  readonly file: string
  readonly header: PlanHeader
  /** Reads the file anew each time, a line at a time; a bad line is a left, and reading goes on. */
  readonly lines: () => AsyncGenerator<E.Either<PlanError, PlanLine>, void>
}

const version = 1
/** Characters of one line; a path and its checksums need a hundredth. */
const longest = 2 ** 20

const End = t.type({ vendor: t.string, path: t.string, name: t.string })
const Header = t.type({
  anydrive: t.literal('plan'),
  version: t.number,
  source: End,
  target: End,
  conflict: t.string,
  names: t.string,
  when: t.string,
  tool: t.string,
})

export const headerText = ({ source, target, conflict, names, when, tool }: PlanHeader): string => {
  const end = (it: PlanEnd) => ({ vendor: it.vendor, path: showPath(it.path), name: it.name })
  return JSON.stringify({
    anydrive: 'plan',
    version,
    source: end(source),
    target: end(target),
    conflict,
    names,
    when,
    tool,
  })
}

const writeAgain = 'Write the plan again with --plan FILE.'
const headerError = (file: string, message: string, remedy = writeAgain): PlanError => ({
  _tag: 'PlanHeader',
  message: `${file}, line 1: ${message}`,
  remedy,
  line: 1,
})

const parsed = (text: string): E.Either<string, unknown> =>
  E.tryCatch(
    (): unknown => JSON.parse(text),
    (u) => (u instanceof Error ? u.message : 'it is no JSON'),
  )

const headerOf = (file: string, text: string): E.Either<PlanError, PlanHeader> => {
  const json = parsed(text)
  const header = E.isRight(json) ? Header.decode(json.right) : undefined
  if (header === undefined || E.isLeft(header)) return E.left(headerError(file, 'this is not the first line of a plan'))
  const it = header.right
  if (it.version !== version)
    return E.left(
      headerError(
        file,
        `version ${it.version} of plans is not known here`,
        'Apply it with the version of the program that wrote it.',
      ),
    )
  const [from, to] = [parsePath(it.source.path), parsePath(it.target.path)]
  const when = new Date(it.when)
  if (E.isLeft(from) || E.isLeft(to) || Number.isNaN(when.getTime()))
    return E.left(headerError(file, 'its paths or its date cannot be read'))
  return E.right({
    source: { ...it.source, path: from.right },
    target: { ...it.target, path: to.right },
    conflict: it.conflict,
    names: it.names,
    when,
    tool: it.tool,
  })
}

const lineOf = (file: string, at: number, text: string): E.Either<PlanError, PlanLine> => {
  const wrong = (what: string): E.Either<PlanError, never> =>
    E.left({
      _tag: 'PlanLine',
      message: `${file}, line ${at}: ${what}`,
      remedy: 'Correct the line, or delete it: then its entry is not transferred.',
      line: at,
    })
  const json = parsed(text)
  if (E.isLeft(json)) return wrong(`it is no JSON: ${json.left}`)
  if (typeof json.right !== 'object' || json.right === null || Array.isArray(json.right))
    return wrong('it is no JSON object')
  const strange = strangeField(json.right)
  if (strange !== undefined) return wrong(`${JSON.stringify(strange)} is no field of a line`)
  const line = Line.decode(json.right)
  if (E.isLeft(line)) return wrong(showIssues(issuesOf(line.left)))
  const contradiction = contradictionIn(line.right)
  return contradiction === undefined ? line : wrong(contradiction)
}

interface Text {
  readonly at: number
  readonly text: string
}
const tooLong = Symbol('too long')

/** Lines that are not blank; rejects as the file system does. A line beyond all measure ends it. */
async function* textsOf(file: string, onBytes?: (text: string) => void): AsyncGenerator<Text | typeof tooLong, void> {
  let held = ''
  let at = 0
  const text = (line: string): Text => ({ at: ++at, text: line.replace(/^\ufeff/, '').trim() })
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 256 * 1024 })) {
    onBytes?.(chunk as string)
    const lines = (held + (chunk as string)).split('\n')
    held = lines.pop() ?? ''
    for (const line of lines) {
      const found = text(line)
      if (found.text !== '') yield found
    }
    if (held.length > longest) {
      yield tooLong
      return
    }
  }
  const last = text(held)
  if (last.text !== '') yield last
}

const unreadable = (file: string, u: unknown): PlanError => ({
  _tag: 'PlanUnreadable',
  message: `the plan ${file} cannot be read: ${u instanceof Error ? u.message : String(u)}`,
  remedy: 'Name the file that --plan wrote.',
})
const endless = (file: string): PlanError => ({
  _tag: 'PlanUnreadable',
  message: `${file} holds a line of more than ${longest} characters, and is no plan`,
  remedy: writeAgain,
})

export interface Numbered {
  /** From 1, the header being the first. */
  readonly at: number
  readonly line: E.Either<PlanError, PlanLine>
}
const isDirectory = (text: string): boolean => /"kind"\s*:\s*"directory"/.test(text)

/** The lines from the one at `from` on, and of those before it the directories. */
export async function* numberedLines(
  file: string,
  from = 0,
  onBytes?: (text: string) => void,
): AsyncGenerator<Numbered, void> {
  let isFirst = true
  try {
    for await (const next of textsOf(file, onBytes)) {
      if (next === tooLong) yield { at: 0, line: E.left(endless(file)) }
      else if (isFirst) isFirst = false
      else if (next.at >= from || isDirectory(next.text)) yield { at: next.at, line: lineOf(file, next.at, next.text) }
    }
  } catch (u) {
    yield { at: 0, line: E.left(unreadable(file, u)) }
  }
}
async function* linesOf(file: string): AsyncGenerator<E.Either<PlanError, PlanLine>, void> {
  for await (const { line } of numberedLines(file)) yield line
}

/** Its header is read and checked, and nothing more. */
export const readPlan = async (file: string): Promise<E.Either<PlanError, PlanFile>> => {
  try {
    for await (const first of textsOf(file)) {
      if (first === tooLong) return E.left(endless(file))
      return E.map((header: PlanHeader): PlanFile => ({ file, header, lines: () => linesOf(file) }))(
        headerOf(file, first.text),
      )
    }
  } catch (u) {
    return E.left(unreadable(file, u))
  }
  return E.left(headerError(file, 'the file is empty'))
}

export interface CheckedPlan extends PlanFile {
  readonly entries: number
  /** Of files that are to be carried. */
  readonly bytes: number
  /** Entries that are to be removed from the target: the plan is of a sync. */
  readonly removals: number
  /** The SHA-256 of the whole file: another one is another plan. */
  readonly digest: string
}
/** Errors of lines beyond these are counted alone. */
const mostErrors = 20

/** Reads the whole plan, so that nothing is begun of one that cannot be carried out to its end. Lefts: the first twenty. */
export const checkPlan = async (
  plan: PlanFile,
): Promise<E.Either<{ readonly errors: ReadonlyArray<PlanError>; readonly count: number }, CheckedPlan>> => {
  const hash = createHash('sha256')
  const errors: Array<PlanError> = []
  let [count, entries, bytes, removals] = [0, 0, 0, 0]
  for await (const { line } of numberedLines(plan.file, 0, (text) => hash.update(text))) {
    if (E.isLeft(line)) {
      count += 1
      if (errors.length < mostErrors) errors.push(line.left)
      continue
    }
    entries += 1
    if (line.right.do === 'remove') removals += 1
    if (/^(copy|overwrite|replace|rename)$/.test(line.right.do)) bytes += line.right.size ?? 0
  }
  return count > 0
    ? E.left({ errors, count })
    : E.right({ ...plan, entries, bytes, removals, digest: hash.digest('hex') })
}

/** Undefined where the plan was made for these two places. */
export const mismatch = (
  { file, header }: PlanFile,
  ends: {
    readonly source: Omit<PlanEnd, 'name'> & { readonly name?: string }
    readonly target: Omit<PlanEnd, 'name'> & { readonly name?: string }
  },
): PlanError | undefined => {
  for (const which of ['source', 'target'] as const) {
    const [planned, given] = [header[which], ends[which]]
    const isSame =
      planned.vendor === given.vendor && planned.path === given.path && planned.name === (given.name ?? planned.name)
    if (isSame) continue
    const text = (end: Omit<PlanEnd, 'name'> & { readonly name?: string }) =>
      `${end.name ?? end.vendor}:${showPath(end.path)}`
    return {
      _tag: 'PlanMismatch',
      message: `${file} was made for the ${which} ${text(planned)}, not for ${text(given)}`,
      remedy: `Give the same ${which} as it was made for, or make a plan for this one.`,
    }
  }
  return undefined
}
