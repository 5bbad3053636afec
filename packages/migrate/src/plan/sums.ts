// What a plan comes to.
import { showPath, type Capabilities, type Entry } from '@anydrive/core'
import { compareCapabilities, type Loss } from '../losses'
import { estimateOf, type Estimate, type Rates, type RequestCosts } from './estimate'
import { whyText, type Finding, type FindingName } from './issues'
import { actions, type Action, type PlanLine } from './line'

export interface FindingSum {
  readonly what: FindingName
  readonly count: number
  /** Of those, the ones that are not carried because of it. */
  readonly refused: number
  /** The first few, as they stand in the plan. */
  readonly examples: ReadonlyArray<{ readonly from: string; readonly says: string; readonly do: Action | 'none' }>
}
export interface PlanSummary {
  /** Entries by what is to be done with them. */
  readonly todo: { readonly [D in Action]: number }
  /** Files to be carried, and their bytes. */
  readonly files: number
  readonly bytes: number
  /** All that was found at the source, and is meant. */
  readonly found: {
    readonly files: number
    readonly bytes: number
    readonly directories: number
    readonly others: number
  }
  /** Files that stand at the destination: the same, by checksum; of the same size, and nothing more is known; others. */
  readonly standing: {
    readonly identical: Readonly<Record<string, number>>
    readonly unproven: number
    readonly different: number
  }
  /** Entries that are not carried although nobody decided so: refused, without a possible path, or in a directory that cannot be read. */
  readonly notCarried: number
  readonly findings: ReadonlyArray<FindingSum>
  /** What the destination does not keep, by the drives' capabilities, and how many entries of this tree have it. */
  readonly losses: ReadonlyArray<Loss & { readonly entries: number }>
  /** Bytes free at the destination, where it tells. */
  readonly space?: { readonly free: number; readonly isEnough: boolean }
  readonly estimate: Estimate
}

export interface Sums {
  readonly page: (side: 'from' | 'to') => void
  readonly look: (side: 'from' | 'to') => void
  readonly add: (line: PlanLine, entry: Entry, findings: ReadonlyArray<Finding>) => void
  /** An entry that only the target has. */
  readonly remove: () => void
  /** Something without a line. */
  readonly note: (from: string, finding: Finding) => void
  readonly summary: (free: number | undefined) => PlanSummary
}

const mostExamples = 5
type Loses = (entry: Entry) => boolean

/** Which entries have what is lost; of what is found name by name, there is a finding. */
const losers = (loss: Loss, to: Capabilities): Loses | undefined => {
  const [section, kind, time] = loss.feature.split('.')
  if (section === 'times' && (time === 'createdAt' || time === 'modifiedAt'))
    return (entry) => entry.kind === kind && entry[time] !== undefined
  if (loss.feature === 'checksums.given')
    return (entry) =>
      entry.kind === 'file' && Object.keys(entry.checksums).some((it) => !to.checksums.given.some((own) => own === it))
  return loss.feature === 'features.etags' ? (entry) => entry.kind === 'file' && entry.version !== undefined : undefined
}

interface Ends {
  readonly from: Capabilities
  readonly to: Capabilities
  readonly costs: { readonly from: RequestCosts; readonly to: RequestCosts }
  readonly rates: Rates
  readonly oneDrive: boolean
}

export const createSums = ({ from, to, costs, rates, oneDrive }: Ends): Sums => {
  const todo = Object.fromEntries(actions.map((it) => [it, 0])) as Record<Action, number>
  const found = { files: 0, bytes: 0, directories: 0, others: 0 }
  const carried = { files: 0, bytes: 0 }
  const identical: Record<string, number> = {}
  const stood = { unproven: 0, different: 0 }
  const requests = { from: costs.from.look, to: costs.to.look }
  const findings = new Map<
    FindingName,
    { count: number; refused: number; examples: Array<FindingSum['examples'][number]> }
  >()
  const losses = compareCapabilities(from, to).flatMap((loss) => {
    const loses = losers(loss, to)
    return loses === undefined ? [] : [{ loss, loses, entries: 0 }]
  })
  let without = 0

  const tell = (done: Action | 'none', path: string, { what, says }: Finding): void => {
    const sum = findings.get(what) ?? { count: 0, refused: 0, examples: [] }
    sum.count += 1
    if (done === 'refuse' || done === 'none') sum.refused += 1
    if (sum.examples.length < mostExamples) sum.examples.push({ from: path, says, do: done })
    findings.set(what, sum)
  }
  const compare = ({ what, says }: Finding): void => {
    if (what === 'exists-identical') identical[says] = (identical[says] ?? 0) + 1
    if (what === 'exists-unproven') stood.unproven += 1
    if (what === 'exists-different') stood.different += 1
  }
  const spend = (line: PlanLine): void => {
    const size = line.size ?? 0
    if (line.kind !== 'file') {
      if (line.do !== 'skip' && line.do !== 'refuse') requests.to += costs.to.createDir
      return
    }
    if (line.do !== 'copy' && line.do !== 'rename' && line.do !== 'overwrite' && line.do !== 'replace') return
    carried.files += 1
    carried.bytes += size
    requests.from += costs.from.read
    requests.to += line.do === 'overwrite' ? costs.to.overwrite(size) : costs.to.write(size)
  }
  const find = (entry: Entry): void => {
    if (entry.kind === 'directory') found.directories += 1
    else if (entry.kind === 'other') found.others += 1
    else {
      found.files += 1
      found.bytes += entry.size ?? 0
    }
  }
  return {
    page: (side) => {
      requests[side] += costs[side].list
    },
    look: (side) => {
      requests[side] += costs[side].look
    },
    add: (line, entry, all) => {
      todo[line.do] += 1
      find(entry)
      spend(line)
      for (const loss of losses) if (loss.loses(entry)) loss.entries += 1
      for (const finding of all) {
        compare(finding)
        tell(line.do, showPath(line.from), finding)
      }
    },
    remove: () => {
      todo.remove += 1
      requests.to += costs.to.look
    },
    note: (path, finding) => {
      without += 1
      tell('none', path, finding)
    },
    summary: (free) => ({
      todo: { ...todo },
      ...carried,
      found: { ...found },
      standing: { identical: { ...identical }, ...stood },
      notCarried: todo.refuse + without,
      findings: [...findings].map(([what, sum]) => ({ what, ...sum })),
      losses: losses.flatMap(({ loss, entries }) => (entries === 0 ? [] : [{ ...loss, entries }])),
      ...(free === undefined ? {} : { space: { free, isEnough: carried.bytes <= free } }),
      estimate: estimateOf(requests, carried.bytes, rates, oneDrive),
    }),
  }
}

/** The findings of a line. */
export const whys = (findings: ReadonlyArray<Finding>): ReadonlyArray<string> => findings.map(whyText)
