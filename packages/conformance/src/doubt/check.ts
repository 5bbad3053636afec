// Runs the table of faults: every scenario, at every changing request of it, with every row, each in a fresh folder.
import {
  ensureDir,
  fromBytes,
  has,
  relativeTo,
  remove,
  root as driveRoot,
  under,
  type DrivePath,
  type DriveProvider,
  type Operation,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { randomUUID } from 'node:crypto'
import { isChanging, missingHook, type HttpHook } from '../hooks'
import { NotApplicable, Violation, type Subject } from '../law'
import { startFaultProxy, type FaultProxy, type ProxiedRequest } from '../proxy'
import { inParallel } from '../words'
import { contradiction } from './compare'
import { inject, rowsOf, type FaultRow } from './rows'
import { pathUnder, type Scenario, type Unit, type Stated } from './scenario'
import { scenarios } from './scenarios'
import { contentOf, readTree, type Seen, type Tree } from './tree'

export interface DoubtOptions {
  /** All of them unless given. */
  readonly operations?: ReadonlyArray<Operation> | undefined
  /** Of which rows and scenarios, by name; all unless given. */
  readonly only?: ((scenario: string, row: string) => boolean) | undefined
  /** Cases at the same time; 8 unless given. */
  readonly parallel?: number | undefined
}

export interface DoubtReport {
  /** Calls that were made under a fault. */
  readonly cases: number
  /** One sentence for each case in which what was said is not true. */
  readonly contradictions: ReadonlyArray<string>
  /** What was not run, by reason. */
  readonly leftOut: ReadonlyMap<string, number>
}

interface Context {
  readonly http: HttpHook
  readonly subject: Subject
  /** Opened on the server itself: sees what is there. */
  readonly observer: DriveProvider
  readonly root: DrivePath
}

/** Milliseconds after which a call counts as one that never ends. */
const patience = 60_000

const must = <A>(what: string, answer: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(answer)) throw new Violation(`${what}: ${answer.left.message}`)
  return answer.right
}

const prepare = async (
  { observer, root }: Context,
  scenario: Scenario,
): Promise<{ folder: DrivePath; before: Tree; arranged: ReadonlyArray<string> }> => {
  const folder = pathUnder(root)(randomUUID().slice(0, 13))
  must('the folder of a case', await observer.createDir(folder)())
  const arranged = (await scenario.arrange?.(observer, pathUnder(folder))) ?? []
  const before = new Map<string, string>()
  for (const [path, content] of Object.entries(scenario.before)) {
    const at = pathUnder(folder)(path)
    if (content === undefined) must('a directory of a case', await observer.createDir(at)())
    else must('a file of a case', await observer.writeFile(at, fromBytes(content))())
    before.set(path, content === undefined ? 'dir' : contentOf(Buffer.from(content)))
  }
  const others = await scenario.observe?.(observer, pathUnder(folder), arranged)
  return { folder, before: new Map([...before, ...(others ?? [])]), arranged }
}

/** What is there after the call. */
const look = async (
  { observer, subject }: Context,
  scenario: Scenario,
  { folder, arranged }: { readonly folder: DrivePath; readonly arranged: ReadonlyArray<string> },
): Promise<Seen> => {
  await subject.hooks?.settled?.()
  const { visible, hidden } = await readTree(observer, folder)
  const others = await scenario.observe?.(observer, pathUnder(folder), arranged)
  return { visible: new Map([...visible, ...(others ?? [])]), hidden }
}

const endless = async <A>(what: string, running: Promise<A>): Promise<A> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Violation(`${what} has not ended after ${patience / 1000} s`)), patience)
  })
  return Promise.race([running, late]).finally(() => clearTimeout(timer))
}

const relative = (folder: DrivePath, stated: ReadonlyArray<Stated>): ReadonlyArray<Stated> =>
  stated.map((one) =>
    one.status === 'done' && one.path !== undefined ? { ...one, path: relativeTo(folder, one.path as DrivePath) } : one,
  )

interface Ran {
  readonly requests: ReadonlyArray<ProxiedRequest>
  readonly problem: string | undefined
}

const withProxy = async <A>({ http }: Context, run: (proxy: FaultProxy) => Promise<A>): Promise<A> => {
  const proxy = await startFaultProxy(http.url(), http)
  try {
    return await run(proxy)
  } finally {
    await proxy.close()
  }
}

const environment = { delay: () => Promise.resolve() }

/** A drive may declare that it composes copies of files under a strategy. */
const unitsOf = ({ subject }: Context, { units }: Scenario): ReadonlyArray<Unit> =>
  units.map((unit) => {
    const { support } = subject.capabilities.conflict.copyFile[unit.conflict]
    return unit.effect === 'copy' && support.startsWith('emulated') ? { ...unit, composed: true } : unit
  })

/** Without a fault: it must be as said, and leave nothing of its own. */
const undisturbed = (context: Context, scenario: Scenario): Promise<Ran> =>
  withProxy(context, async (proxy) => {
    const { folder, before, arranged } = await prepare(context, scenario)
    const drive = await context.http.open(proxy.url, environment)
    const signal = new AbortController().signal
    const stated = await endless(scenario.name, scenario.call(drive, pathUnder(folder), { signal }, arranged))
    const after = await look(context, scenario, { folder, arranged })
    const problem =
      contradiction(before, after, scenario.units, relative(folder, stated)) ??
      (after.hidden.size === 0 ? undefined : `${[...after.hidden.keys()].join(', ')} was left behind`)
    return { requests: proxy.requests, problem }
  })

type Case = { readonly scenario: Scenario; readonly row: FaultRow; readonly k: number }
type Result = {
  readonly met: string | undefined
  readonly leftOut: string | undefined
  readonly problem: string | undefined
}

/** Without the query and without long segments, which may be secrets. */
const shown = ({ method, target }: ProxiedRequest): string =>
  `${method} ${target.replace(/\?.*/s, '').replace(/[^/]{40,}/g, '…')}`

const disturbed = (context: Context, { scenario, row, k }: Case): Promise<Result> =>
  withProxy(context, async (proxy) => {
    const { folder, before, arranged } = await prepare(context, scenario)
    const drive = await context.http.open(proxy.url, environment)
    const stop = new AbortController()
    const injection = inject(
      row,
      k,
      context.http,
      (request) => isChanging(context.http, request),
      () => stop.abort(),
    )
    proxy.intercept(injection.interceptor)
    const options = { signal: stop.signal, ...(row.timeout === undefined ? {} : { timeout: row.timeout }) }
    const stated = await endless(scenario.name, scenario.call(drive, pathUnder(folder), options, arranged))
    await injection.end()
    // Whatever the drive still sends in the background comes too late from here on.
    await proxy.close()
    const met = injection.met()
    const after = await look(context, scenario, { folder, arranged })
    return {
      met: met === undefined ? undefined : shown(met),
      leftOut: injection.leftOut(),
      problem: contradiction(before, after, unitsOf(context, scenario), relative(folder, stated), row),
    }
  })

const casesOf = (scenario: Scenario, changing: number, only: DoubtOptions['only']): ReadonlyArray<Case> =>
  rowsOf(scenario.table)
    .filter((row) => only?.(scenario.name, row.name) ?? true)
    .flatMap((row) => Array.from({ length: changing }, (_, i) => ({ scenario, row, k: i + 1 })))

/** What a drive declares, on a test server that permits it. */
export const applicable = ({ capabilities, hooks }: Pick<Subject, 'capabilities' | 'hooks'>): ReadonlyArray<Scenario> =>
  scenarios(hooks?.multipartSize).filter(
    ({ needs, alone }) =>
      needs.every((feature) => has(capabilities, feature)) && (alone !== true || hooks?.disposableTrash === true),
  )

const chosen = ({ capabilities, hooks }: Subject, { operations, only }: DoubtOptions): ReadonlyArray<Scenario> =>
  applicable({ capabilities, hooks }).filter(
    ({ operation, name }) =>
      (operations?.includes(operation) ?? true) &&
      (only === undefined || rowsOf('whole').some((row) => only(name, row.name))),
  )

/** Runs the table of faults on a drive, and reports in which cases the drive said what is not true. */
export const runDoubt = async (subject: Subject, options: DoubtOptions = {}): Promise<DoubtReport> => {
  const why = missingHook(subject.hooks, ['http'])
  const http = subject.hooks?.http
  if (http === undefined) throw new NotApplicable(why ?? '')
  const observer = await subject.open()
  const root = under(subject.root ?? driveRoot, pathUnder(driveRoot)(`doubt-${randomUUID().slice(0, 13)}`))
  must('the folder of the cases', await ensureDir(observer, root)())
  const context: Context = { http, subject, observer, root }
  const contradictions: Array<string> = []
  const leftOut = new Map<string, number>()
  let cases = 0
  const one = async (it: Case): Promise<void> => {
    const where = `${it.scenario.name}: ${it.row.name}, at changing request ${it.k}`
    try {
      const { met, leftOut: reason, problem } = await disturbed(context, it)
      if (met !== undefined) cases++
      else if (reason !== undefined)
        leftOut.set(`${it.row.name}: ${reason}`, (leftOut.get(`${it.row.name}: ${reason}`) ?? 0) + 1)
      if (problem !== undefined) contradictions.push(`${where}${met === undefined ? '' : ` (${met})`}: ${problem}`)
    } catch (error) {
      contradictions.push(`${where}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  try {
    const all: Array<Case> = []
    for (const scenario of chosen(subject, options)) {
      try {
        const { requests, problem } = await undisturbed(context, scenario)
        if (problem !== undefined) contradictions.push(`${scenario.name}, undisturbed: ${problem}`)
        else all.push(...casesOf(scenario, requests.filter((r) => isChanging(http, r)).length, options.only))
      } catch (error) {
        if (!(error instanceof NotApplicable)) throw error
        leftOut.set(`${scenario.name}: ${error.message}`, 1)
      }
    }
    const width = options.parallel ?? 8
    const together = all.filter(({ scenario }) => scenario.alone !== true)
    const waits = ({ row }: Case): boolean => row.waits === true
    await Promise.all([
      inParallel(together.filter(waits), 4 * width, one),
      inParallel(
        together.filter((it) => !waits(it)),
        width,
        one,
      ),
    ])
    for (const it of all) if (it.scenario.alone === true) await one(it)
  } finally {
    await remove(observer, root, { permanent: true })()
  }
  return { cases, contradictions, leftOut }
}

const atMost = 12

/** As `runDoubt`; throws a `Violation` that names each row and request at which the drive said what is not true. */
export const checkDoubt = async (subject: Subject, options: DoubtOptions = {}): Promise<void> => {
  const { cases, contradictions } = await runDoubt(subject, options)
  if (contradictions.length === 0) return
  const more = contradictions.length - atMost
  throw new Violation(
    `in ${contradictions.length} of ${cases} calls under a fault the drive said what is not true:\n${contradictions.slice(0, atMost).join('\n')}${more > 0 ? `\nand ${more} more` : ''}`,
  )
}
