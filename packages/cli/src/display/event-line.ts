// The events of a migration as lines of JSON, with names that do not change and nothing secret.
import { showPath } from '@anydrive/core'
import type { Events, Summary } from '@anydrive/migrate'
import { remedyFor } from '../remedies'
import type { Traffic } from './traffic'
import type { View } from './view'

/** The events by name. */
export interface EventValues {
  readonly progress: View
  readonly failed: Events['failed']
  readonly decided: Events['decided']
  readonly settled: Events['settled']
  readonly removed: Events['removed']
  readonly summary: Summary
}

const trafficOf = ({ drive, requests, rate, throttled, unavailable, unanswered, repeated, waiting }: Traffic) => ({
  drive,
  requests,
  requestsPerSecond: Math.round(rate * 10) / 10,
  throttled,
  unavailable,
  unanswered,
  repeated,
  waiting,
})

const progressOf = ({ progress, now, bytes, files, left, drives, failures }: View) => ({
  at: new Date(now).toISOString(),
  filesFound: progress?.found.files ?? 0,
  filesSettled: progress?.settled ?? 0,
  filesCarried: progress?.files ?? 0,
  bytesFound: progress?.found.bytes ?? 0,
  bytesSettled: progress?.through ?? 0,
  bytesSent: progress?.sent ?? 0,
  walked: progress?.walked ?? false,
  bytesPerSecond: Math.round(bytes),
  filesPerSecond: Math.round(files * 10) / 10,
  ...(left === undefined ? {} : { secondsLeft: Math.round(left / 1000) }),
  underWay: (progress?.underWay ?? []).map(({ path, bytes: done, size, since }) => ({
    path: showPath(path),
    bytes: done,
    size,
    since: new Date(since).toISOString(),
  })),
  drives: drives.map(trafficOf),
  failures: Object.fromEntries(failures),
})

const errorOf = (error: Events['failed']['error']) => ({
  tag: error._tag,
  message: error.message,
  vendor: error.vendor,
  operation: error.operation,
  http: error.http,
  code: error.code,
  requestId: error.requestId,
  remedy: remedyFor(error),
})

const settledOf = ({ source, outcome }: Events['settled']) => {
  const entry = {
    path: showPath(source.path),
    kind: source.kind,
    ...(source.kind === 'file' ? { size: source.size } : {}),
    status: outcome.status,
  }
  switch (outcome.status) {
    case 'carried': {
      const { to, how, bytes, instant, proof } = outcome
      return { ...entry, to: showPath(to), renamed: how === 'renamed', bytes, instant: instant === true, ...proof }
    }
    case 'made':
    case 'merged':
      return { ...entry, to: showPath(outcome.to), renamed: outcome.how === 'renamed' }
    case 'skipped':
      return {
        ...entry,
        ...(outcome.same === undefined ? {} : { same: outcome.same }),
        ...(outcome.why === undefined ? {} : { why: outcome.why }),
      }
    case 'other':
      return { ...entry, what: outcome.what }
    case 'failed':
      return { ...entry, error: errorOf(outcome.error) }
    case 'blocked':
      return entry
  }
}

const decidedOf = ({ clash: { source, to }, decision }: Events['decided']) => ({
  path: showPath(source.path),
  to: showPath(to),
  ...(typeof decision === 'string' ? { decision } : { decision: 'rename', renameTo: decision.renameTo }),
})

const converters: { readonly [N in keyof EventValues]: (event: EventValues[N]) => object } = {
  progress: progressOf,
  failed: ({ path, error }) => ({ path: showPath(path), error: errorOf(error) }),
  decided: decidedOf,
  settled: settledOf,
  removed: ({ path, kind, to }) => ({ path: showPath(path), kind, ...(to === undefined ? {} : { to: showPath(to) }) }),
  summary: (summary) => ({
    ...summary,
    failed: summary.failed.map((failure) => ({ ...failure, remedy: remedyFor(failure.error) })),
  }),
}

/** One object on one line; `event` is the name. */
export const eventLine = <N extends keyof EventValues>(name: N, event: EventValues[N]): string =>
  JSON.stringify({ event: name, ...converters[name](event) })
