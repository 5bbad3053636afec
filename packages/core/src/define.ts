// From what an adapter's author writes to a DriveProvider: every promise that is the same for all vendors is kept here, once.
import type { Capabilities } from './capabilities'
import type { OperationsFor } from './operations'
import type { DriveProvider } from './provider'
import type { Surroundings } from './registry'

/** Operations that have a target. */
export type Placing = 'createDir' | 'copyDir' | 'batchMove' | 'batchCopy' | 'writeFile'

export interface DefineOptions extends Pick<Surroundings, 'now' | 'delay'> {
  /** Where the vendor makes missing parents itself, core has to look first under `parents: 'require'`. */
  readonly impliedParents?: ReadonlyArray<Placing>
  /** Milliseconds that a task is polled for; 10 minutes unless given. */
  readonly taskTimeout?: number | undefined
}

export declare const defineDrive: <const C extends Capabilities>(
  vendor: string,
  capabilities: C,
  operations: OperationsFor<C>,
  options?: DefineOptions,
) => DriveProvider & { readonly capabilities: C }
