// From what an adapter's author writes to a DriveProvider: every promise that is the same for all vendors is kept here, once.
import * as E from 'fp-ts/Either'
import type { Capabilities } from '../contract/capabilities'
import { delay } from '../contract/time'
import { unsupported } from '../contract/errors'
import type { Always, Background, OperationsFor, Optional } from './operations'
import { parentsOf, type Parents } from './parents'
import type { Polling } from './poll'
import type { DriveProvider } from '../contract/provider'
import type { Surroundings } from '../use/registry'
import { batchVerbs } from './verbs-batch'
import { contentVerbs } from './verbs-content'
import { directoryVerbs } from './directory'
import { taskVerb } from './tasks'
import { within } from './scope'

/** Operations that have a target. */
export type Placing = 'createDir' | 'copyDir' | 'batchMove' | 'batchCopy' | 'writeFile'

export interface DefineOptions extends Pick<Surroundings, 'now' | 'delay'> {
  /** Operations for which the vendor makes missing parents itself: core looks first under `parents: 'require'`. */
  readonly impliedParents?: ReadonlyArray<Placing> | undefined
  /** Milliseconds that a task is polled for; 10 minutes unless given. */
  readonly taskTimeout?: number | undefined
}

/** What the verbs share. */
export interface Defined {
  readonly vendor: string
  readonly capabilities: Capabilities
  readonly operations: Always & Partial<Optional> & Partial<Background>
  readonly impliedParents: ReadonlyArray<Placing>
  readonly parents: Parents
  readonly polling: Polling
}

const tenMinutes = 600_000

export const defineDrive = <const C extends Capabilities>(
  vendor: string,
  capabilities: C,
  operations: OperationsFor<C>,
  options: DefineOptions = {},
): DriveProvider & { readonly capabilities: C } => {
  // The compiler checked which operations are there; from here on a missing one is `Unsupported`.
  const written = operations as Always & Partial<Optional> & Partial<Background>
  const defined: Defined = {
    vendor,
    capabilities,
    operations: written,
    impliedParents: options.impliedParents ?? [],
    parents: parentsOf(capabilities, written),
    polling: {
      task: (operation, state, call) =>
        written.task === undefined
          ? () => Promise.resolve(E.left(unsupported({ feature: 'features.background' })))
          : written.task(operation, state, call),
      now: options.now ?? Date.now,
      delay: options.delay ?? delay,
      taskTimeout: options.taskTimeout ?? tenMinutes,
    },
  }
  return {
    vendor,
    capabilities,
    ...directoryVerbs(defined),
    ...batchVerbs(defined),
    ...contentVerbs(defined),
    ...taskVerb(defined),
    usage: (call) =>
      within({ where: { vendor, operation: 'usage' }, changes: false, options: call }, ({ signal }) =>
        written.usage === undefined
          ? Promise.resolve(E.left(unsupported({ feature: 'operations.usage' })))
          : written.usage({ signal, wait: true })(),
      ),
  }
}
