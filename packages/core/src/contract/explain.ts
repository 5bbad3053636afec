// The message of an error: what failed, on which path, what the service said, and what to do next.
import type { ConflictStrategy } from './conflict'
import type { Entry } from './entry'
import { isLocated, mayHaveHappened, type DriveError, type Fault, type FaultTag, type Where } from './errors'
import { sameCause } from './exception'
import { withoutSecrets } from './secret'

const longest = 1000
// Control characters, lone surrogates, line separators, what changes the direction of text, and what shows nothing at all.
const unprintable = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu

const escapedCharacter = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Control and bidirectional characters escaped as `\u001b`, which is what JSON makes of them as well. */
export const visible = (text: string): string => text.replace(unprintable, escapedCharacter)

/** A secret that lies across the end of what is read is not recognized, so more is read than is shown. */
const margin = 8192

/** Text of a service for a person's eyes: without secrets that are in use, `visible`, cut to 1,000 characters. */
export const printable = (text: string, max = longest): string => {
  const shown = withoutSecrets(text.slice(0, 2 * max + margin))
  const points = Array.from(shown.slice(0, 2 * max))
  const cut = points.length > max || shown.length > 2 * max ? `${points.slice(0, max).join('')}…` : shown
  return visible(cut)
}

const limits = {
  depth: 'the directories are nested too deeply',
  name: 'the name is too long',
  size: 'the file is too large',
  batch: 'the batch has too many items',
  path: 'the path is too long',
} as const

const missing = {
  source: 'nothing exists at this path; check its spelling',
  parent: 'a parent directory does not exist; create it first',
  space: 'the space does not exist or is not visible to these credentials; check the drive’s settings',
  task: 'the task does not exist: it expired, or it belongs to another drive; check source and target instead',
  upload: 'the upload does not exist: it expired, or it belongs to another drive; start it again',
  cursor: 'the cursor has expired; list from the start',
  trash: 'the entry is not in the trash: it was restored, purged or has expired; list the trash again',
  version: 'the file has no such version; list its versions again',
} as const

const sources = {
  shorter: 'the source ended before its declared size',
  longer: 'the source has more bytes than its declared size',
  unreadable: 'the source could not be read',
} as const

const at = (f: { readonly at?: string }): string => (f.at === undefined ? '' : ` (/${f.at})`)
const kind = (entry: Entry): string =>
  entry.kind === 'other' ? `another kind of entry (${entry.what})` : `a ${entry.kind}`

/** Names only strategies that can succeed where this one failed. */
const conflictAdvice = (
  existing: Entry | undefined,
  { operation }: Where,
  conflict: ConflictStrategy = 'ask',
): string => {
  if (conflict === 'rename') return 'choose another name'
  const replaces = operation === 'writeFile' || operation === 'batchMove' || operation === 'batchCopy'
  const overwrite = conflict === 'ask' && replaces && (existing === undefined || existing.kind === 'file')
  return `choose another name, or the strategy rename${overwrite ? ' or overwrite' : ''}`
}

const foundText = ({ found, likely }: Fault<'Indeterminate'>): string =>
  [
    found === undefined ? '' : `; ${kind(found)} was found at /${found.path}`,
    likely === undefined ? '' : `; it has probably ${likely === 'done' ? '' : 'not '}happened`,
  ].join('')

const sentence = (f: Fault, where: Where, conflict?: ConflictStrategy): string => {
  switch (f._tag) {
    case 'NameConflict':
      return `the name is taken${f.existing === undefined ? '' : ` by ${kind(f.existing)}`}; ${conflictAdvice(f.existing, where, conflict)}`
    case 'NotFound':
      return missing[f.what].replace(/(;|:|$)/, (end) => `${at(f)}${end}`)
    case 'WrongKind':
      return `the entry${at(f)} is not a ${f.expected}; choose a ${f.expected}`
    case 'InvalidPath':
      return `the path is not allowed: ${f.reason}; choose another name`
    case 'InvalidArgument':
      return `the argument ${f.argument} is wrong: expected ${f.expected}; correct the call`
    case 'NestedTarget':
      return 'the target is inside the source; choose a target outside it'
    case 'Ambiguous':
      return 'two entries have this name; rename one of them with the vendor’s own client'
    case 'RangeNotSatisfiable':
      return f.size === undefined
        ? 'the range is invalid; start and end are whole numbers, and start is not past end'
        : `the range starts past the end; the file has ${f.size} bytes`
    case 'PreconditionFailed':
      return 'the entry has changed since this version; read it again'
    case 'Rejected':
      return 'the service refuses this content; ask its operator why'
    case 'Unauthenticated':
      return 'the credentials are not accepted, even after one refresh; check the drive’s settings'
    case 'Forbidden':
      return 'these credentials do not permit this; ask the owner of the space for the permission'
    case 'QuotaExceeded':
      return 'the space is full; free some of it, or ask for more'
    case 'LimitExceeded':
      return `${limits[f.limit]}${f.max === undefined ? '' : `; the limit is ${f.max}`}`
    case 'RateLimited':
      return `the service asks for fewer requests; try again ${f.retryAfterMs === undefined ? 'later' : `in ${f.retryAfterMs} ms`}`
    case 'Unavailable':
      return mayHaveHappened(f)
        ? 'the service failed, and it may have happened; check before you try again'
        : 'the service is not available; try again later'
    case 'Network':
      return mayHaveHappened(f)
        ? 'the connection was lost, and it may have happened; check before you try again'
        : 'the service cannot be reached; check its address and the network'
    case 'Timeout':
      return mayHaveHappened(f)
        ? 'the call timed out, and it may have happened; check before you try again'
        : 'the call timed out, and nothing was changed; try again, or allow more time'
    case 'ChecksumMismatch':
      return `the bytes that arrived differ from those that were sent (${f.algorithm}); try once more`
    case 'SourceFailed':
      return `${sources[f.reason]}; nothing was written`
    case 'UnexpectedResponse': {
      const issues = f.issues.map((i) => `${i.at || 'body'}: expected ${i.expected}, got ${i.got}`).join('; ')
      return `unexpected response from the service (${issues}); check the drive’s address and settings`
    }
    case 'TaskFailed':
      return `the service could not finish it${f.partial === undefined ? '' : `; what was created is at /${f.partial}`}; check before you try again`
    case 'Indeterminate':
      return `the outcome is unknown${foundText(f)}; check ${f.check}`
    case 'Unsupported':
      return `this drive does not offer ${f.feature}; choose another operation or strategy`
    case 'Aborted':
      return mayHaveHappened(f)
        ? 'aborted, but it may have happened; check before you try again'
        : 'aborted; nothing was changed'
  }
}

const response = (f: Fault): string => {
  const parts = [
    ...(f.http === undefined ? [] : [`HTTP ${f.http}`]),
    ...(f.code === undefined ? [] : [f.code]),
    ...(f.said === undefined ? [] : [f.said]),
    ...(f.requestId === undefined ? [] : [`request ${f.requestId}`]),
    ...(f.attempts === undefined || f.attempts < 2 ? [] : [`${f.attempts} attempts`]),
  ]
  return parts.length === 0 ? '' : ` [${parts.join(', ')}]`
}

/** Fields that may repeat a text of the service. */
const said: ReadonlySet<string> = new Set(['code', 'said', 'requestId', 'check', 'reason', 'issues'])

const printableIn = (u: unknown): unknown => {
  if (typeof u === 'string') return printable(u)
  if (Array.isArray(u)) return u.map(printableIn)
  return typeof u === 'object' && u !== null
    ? Object.fromEntries(Object.entries(u).map(([name, value]) => [name, printableIn(value)]))
    : u
}

/** The fault as it is shown: what the service said is printable. */
const shown = <F extends Fault>(f: F): F =>
  Object.fromEntries(
    Object.entries(f).map(([name, value]) => [name, said.has(name) ? printableIn(value) : value]),
  ) as unknown as F

const messageOf = (f: Fault, where: Where, conflict?: ConflictStrategy): string => {
  const path = where.path === undefined ? '' : ` /${where.path}`
  const place = printable(`${where.vendor} ${where.operation}${path}`, 5 * longest)
  return `${place}: ${printable(sentence(f, where, conflict))}${printable(response(f), 4 * longest)}`
}

/**
 * Adds where it happened and makes the message, in which no text of the service is longer than 1,000 characters or holds a control character.
 * What is located already stays as it is. `conflict` is the strategy of the call: the message advises no other than can help.
 */
export const locate =
  (where: Where, conflict?: ConflictStrategy) =>
  <T extends FaultTag>(f: Fault<T> | DriveError<T>): DriveError<T> => {
    const fault = f as Fault | DriveError
    if (isLocated(fault)) return f as DriveError<T>
    const printed = shown(fault)
    const error = { ...printed, ...where, message: messageOf(printed, where, conflict) } as DriveError
    return sameCause(fault, error) as DriveError<T>
  }
