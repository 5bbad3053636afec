// From what an adapter's author writes to a DriveProvider. Every promise that is the same for all vendors is kept in this folder, once:
//
//   verb = scope(validate(rules(parents(adapter))))
//
//   scope     signal, time-out and the place of every error          scope.ts
//   validate  wrong arguments are the caller's mistake               rules.ts
//   rules     what is refused before anything is sent                rules.ts
//   parents   missing parents are required, or created once          parents.ts
//   adapter   the operations that the adapter's author writes        context.ts
//
// Batches put stages and chunks between rules and parents (batch.ts, stages.ts); tasks are polled around the adapter (tasks.ts); contents are
// counted, resumed and verified (content.ts).
import type { Capabilities } from '../contract/capabilities'
import type { DriveProvider } from '../contract/provider'
import type { VerbsOf } from '../contract/optional'
import { delay } from '../contract/time'
import { batchVerbs } from './batch'
import { contentVerbs } from './content'
import type { AnyDrive, DefineOptions, DriveContext, MemberDrive, OperationsFor } from './context'
import { withMembers } from './members'
import { directoryVerbs } from './directory'
import { optionalVerbs } from './optional'
import { parentsOf } from './parents'
import { runScoped } from './scope'
import { taskVerb } from './tasks'

/** A drive of these capabilities. The compiler asks for the operations that they declare, and refuses all others. */
export const defineDrive = <const C extends Capabilities, M extends object = object>(
  vendor: string,
  capabilities: C,
  operations: OperationsFor<C>,
  options: DefineOptions<M> = {},
): DriveProvider & VerbsOf<C> & { readonly capabilities: C } & M => {
  const context: DriveContext = {
    vendor,
    capabilities,
    operations,
    options,
    now: options.now ?? Date.now,
    delay: options.delay ?? delay,
  }
  const parents = parentsOf(context)
  const drive: AnyDrive & { readonly capabilities: C } = {
    vendor,
    capabilities,
    ...directoryVerbs(context, parents),
    ...batchVerbs(context, parents),
    ...contentVerbs(context, parents),
    ...taskVerb(context),
    ...optionalVerbs(context),
  }
  const vendorCall: MemberDrive['vendorCall'] = (about, own, run) =>
    runScoped({ vendor, verb: about, inputs: { options: own ?? {} }, errorPath: () => about.path }, (_, { signal }) =>
      run({ signal, wait: true })(),
    )
  const { members } = options
  return (members === undefined
    ? drive
    : withMembers(drive, { build: members, vendorCall })) as unknown as DriveProvider &
    VerbsOf<C> & { readonly capabilities: C } & M
}
