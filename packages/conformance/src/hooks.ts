// What the test server of a drive can do beside serving. Every part is optional: laws that need a missing one do not apply.
import type { DrivePath, DriveProvider, Environment } from '@anydrive/core'
import type { FaultProxyOptions, ProxiedRequest, ProxyResponse } from './proxy'

/** The drive speaks HTTP, so that a proxy can stand between it and its server. */
export interface HttpHook extends FaultProxyOptions {
  /** Where the server listens; called when laws run. */
  readonly url: () => string
  /**
   * A new provider object that reaches the server at `url`, with the clock and the pauses given. Whatever else the
   * service names (upload hosts, download URLs) must lead to the same host and port. Time-outs of requests and grace
   * periods should be short, and waiting for a task: faults that leave a request without an answer, or the service out of reach, last as long as they do.
   */
  readonly open: (url: string, environment: Environment) => DriveProvider | Promise<DriveProvider>
  /** Whether a request may change something. Unless given: every method but GET, HEAD, OPTIONS, PROPFIND, REPORT and SEARCH. */
  readonly isChanging?: ((request: ProxiedRequest) => boolean) | undefined
  /** The answer by which the service itself refuses this request, in its own words, with nothing done. */
  readonly refusal?: ((request: ProxiedRequest) => ProxyResponse | undefined) | undefined
  /**
   * Why no client can tell this faked answer from a true one, where that is so: the case is then left out. `row` is the
   * name of a row of the table of faults.
   */
  readonly indistinguishable?: ((row: string, request: ProxiedRequest) => string | undefined) | undefined
}

export interface TestHooks {
  readonly http?: HttpHook | undefined
  /** Bytes: a file of this size is sent in several parts, as the drive under test was opened. */
  readonly multipartSize?: number | undefined
  /** Another program replaces the content of an existing file, in place where the store can do that. Else a second provider overwrites it. */
  readonly changeFile?: ((path: DrivePath, content: Uint8Array) => Promise<void>) | undefined
  /** How many uploads the service has begun and neither finished nor forgotten. */
  readonly pendingUploads?: (() => number | Promise<number>) | undefined
  /** While on, work that is begun in the background makes no progress; off, it goes on. */
  readonly holdTasks?: ((on: boolean) => void | Promise<void>) | undefined
  /** Resolves once the service has no work left to do in the background. */
  readonly settled?: (() => Promise<void>) | undefined
  /** While on, pages of listings are shorter than asked for, or empty. */
  readonly shortPages?: ((on: boolean) => void) | undefined
  /** The trash holds nothing that anyone needs: laws may empty it. */
  readonly disposableTrash?: true | undefined
  /** While on, the service fails some items of a batch and does the others. */
  readonly failItems?: ((on: boolean) => void) | undefined
}

const whyMissing: Readonly<Record<keyof TestHooks, string>> = {
  http: 'the test gives no http hook, so that no fault can be put between drive and server',
  multipartSize: 'the test gives no multipartSize, a size that is uploaded in parts',
  changeFile: 'the test gives no changeFile hook',
  pendingUploads: 'the test gives no pendingUploads hook, so that unfinished uploads cannot be counted',
  holdTasks: 'the test gives no holdTasks hook, so that no task can be kept unfinished',
  settled: 'the test gives no settled hook',
  shortPages: 'the test gives no shortPages hook',
  disposableTrash: 'the test does not say that the trash may be emptied',
  failItems: 'the test gives no failItems hook, so that no item of a batch fails alone',
}

/** Why a law that needs these parts does not apply, or undefined where all are given. */
export const missingHook = (
  hooks: TestHooks | undefined,
  needed: ReadonlyArray<keyof TestHooks>,
): string | undefined => {
  const missing = needed.find((part) => hooks?.[part] === undefined)
  return missing === undefined ? undefined : whyMissing[missing]
}

const reading = new Set(['GET', 'HEAD', 'OPTIONS', 'PROPFIND', 'REPORT', 'SEARCH'])

export const isChanging = ({ isChanging: own }: HttpHook, request: ProxiedRequest): boolean =>
  own === undefined ? !reading.has(request.method) : own(request)
