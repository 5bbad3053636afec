// The sentence of an error: what was tried, on which path, what the service said, and what to do next.
import type { Fault, Where } from './errors'

const limits = {
  depth: 'directories nested too deep',
  name: 'a name too long',
  size: 'a file too large',
  batch: 'too many items in one batch',
  path: 'a path too long',
} as const

const missing = {
  source: 'there is nothing at this path',
  parent: 'a parent directory is missing',
  space: 'the space does not exist or cannot be seen; check the drive’s settings',
  task: 'no such task; it may have expired, or belong to another drive',
  upload: 'no such upload; it may have expired: start it anew',
  cursor: 'the cursor has expired: list from the start',
} as const

const sources = {
  shorter: 'the source ended before its declared size',
  longer: 'the source holds more than its declared size',
  unreadable: 'the source could not be read',
} as const

const at = (f: { readonly at?: string }): string => (f.at === undefined ? '' : ` (/${f.at})`)

const sentence = (f: Fault): string => {
  switch (f._tag) {
    case 'NameConflict':
      return `the name is taken${f.existing === undefined ? '' : ` by a ${f.existing.kind}`}; choose another, or the strategy rename or overwrite`
    case 'NotFound':
      return missing[f.what] + at(f)
    case 'WrongKind':
      return `a ${f.expected} is expected here${at(f)}`
    case 'InvalidPath':
      return `the path is refused: ${f.reason}`
    case 'NestedTarget':
      return 'the target lies inside the source'
    case 'Ambiguous':
      return 'two entries bear this name; rename one of them with the vendor’s own client'
    case 'RangeNotSatisfiable':
      return `the range starts past the end; the file has ${f.size} bytes`
    case 'PreconditionFailed':
      return 'the entry has changed since this version'
    case 'Rejected':
      return 'the service refuses this content'
    case 'Unauthenticated':
      return 'the credentials are not accepted, after one refresh; check the drive’s settings'
    case 'Forbidden':
      return 'these credentials may not do this'
    case 'QuotaExceeded':
      return 'the space is full'
    case 'LimitExceeded':
      return `${limits[f.limit]}${f.max === undefined ? '' : `; the limit is ${f.max}`}`
    case 'RateLimited':
      return `the service asks for fewer requests${f.retryAfterMs === undefined ? '' : `; try again in ${f.retryAfterMs} ms`}`
    case 'Unavailable':
      return 'the service is not available; try again later'
    case 'Network':
      return 'the service cannot be reached; check its address and the network'
    case 'Timeout':
      return 'no answer in time'
    case 'ChecksumMismatch':
      return `the bytes that arrived differ from those sent (${f.algorithm}); try once more`
    case 'SourceFailed':
      return `${sources[f.reason]}; nothing was written`
    case 'UnexpectedResponse':
      return `the answer is not as documented: ${f.issues.map((i) => `${i.at || 'body'}: expected ${i.expected}, got ${i.got}`).join('; ')}`
    case 'TaskFailed':
      return `the service could not finish it${f.partial === undefined ? '' : `; what was done stands at /${f.partial}`}`
    case 'Indeterminate':
      return `whether it happened is not known; check ${f.check}`
    case 'Unsupported':
      return `this drive does not offer ${f.feature}`
    case 'Aborted':
      return f.effect === 'none' ? 'aborted; nothing was changed' : 'aborted; it may have happened all the same'
  }
}

const answer = (f: Fault): string => {
  const parts = [
    ...(f.http === undefined ? [] : [`HTTP ${f.http}`]),
    ...(f.code === undefined ? [] : [f.code]),
    ...(f.said === undefined ? [] : [f.said]),
    ...(f.requestId === undefined ? [] : [`request ${f.requestId}`]),
    ...(f.attempts === undefined || f.attempts < 2 ? [] : [`${f.attempts} attempts`]),
  ]
  return parts.length === 0 ? '' : ` [${parts.join(', ')}]`
}

export const explainFault = (f: Fault, where: Where): string =>
  `${where.vendor} ${where.operation}${where.path === undefined ? '' : ` /${where.path}`}: ${sentence(f)}${answer(f)}`
