// Layers around a drive: logging, metrics, caching, read-only use, throttling, one signal for every call.
import * as E from 'fp-ts/Either'
import type { Operation } from '../contract/errors'
import type { CallOptions, DriveProvider, Result } from '../contract/provider'
import { onAbort } from '../contract/time'
import type { AnyDrive, MemberDrive, Verb } from '../define/context'
import { recipeOf, verbs, withMembers } from '../define/members'

/** A call on its way through `'*'`. */
export interface LayeredCall {
  /** The verb, or the vendor's own request, as in `smh.renewToken`. */
  readonly operation: Operation
  /** Whether it may change something. */
  readonly changes: boolean
  /** The arguments before the options. */
  readonly inputs: ReadonlyArray<unknown>
  /** As the caller gave them; spread them to change one. */
  readonly options: CallOptions
}

/** `next(options)` is the call itself: call it once, several times, or not at all. `next()` keeps the caller's options. */
export type LayerOfAll = <A>(next: (options?: CallOptions) => Result<A>, call: LayeredCall) => Result<A>

/** Each verb's layer takes the verb below it and gives one of the same type; `'*'` is around every call that has no layer of its own. */
export type Layers = { readonly [V in Verb]?: (next: AnyDrive[V]) => AnyDrive[V] } & {
  readonly '*'?: LayerOfAll
}

type Loose = (...args: ReadonlyArray<unknown>) => Result<unknown>

const around =
  (all: LayerOfAll, verb: Verb, next: Loose): Loose =>
  (...args) => {
    const { inputs, changes } = verbs[verb]
    const given = inputs.map((_, i) => args[i])
    const options = (args[inputs.length] ?? {}) as CallOptions
    return all((own = options) => next(...given, own), { operation: verb, changes, inputs: given, options })
  }

/**
 * The drive with these layers around its verbs. Members that the vendor alone has (`drive.smh`, `drive.kooDrive`) survive and obey: they are
 * built once more over the wrapped verbs, and their own requests pass through `'*'`. The first of two layers is the inner one.
 */
export const layer = <D extends DriveProvider>(drive: D, layers: Layers): D => {
  const all = layers['*']
  const wrapped: Record<string, Loose> = {}
  for (const verb of Object.keys(verbs) as ReadonlyArray<Verb>) {
    const own = layers[verb] as ((next: Loose) => Loose) | undefined
    const next = (drive as Partial<AnyDrive>)[verb] as Loose | undefined
    if (next === undefined) continue
    if (own !== undefined) wrapped[verb] = own(next)
    else if (all !== undefined) wrapped[verb] = around(all, verb, next)
  }
  const layered: D = { ...drive, ...wrapped }
  const recipe = recipeOf(drive)
  if (recipe === undefined) return layered
  const vendorCall: MemberDrive['vendorCall'] = (about, options = {}, run) =>
    all === undefined
      ? recipe.vendorCall(about, options, run)
      : all((own = options) => recipe.vendorCall(about, own, run), {
          operation: about.operation,
          changes: about.changes,
          inputs: [],
          options,
        })
  return withMembers(layered, { build: recipe.build, vendorCall })
}

const both = (
  outer: AbortSignal,
  inner: AbortSignal | undefined,
): { readonly signal: AbortSignal; readonly forget: () => void } => {
  const controller = new AbortController()
  const stop = () => {
    controller.abort()
  }
  const forgets = [outer, ...(inner === undefined ? [] : [inner])].map((signal) => onAbort(signal, stop))
  return { signal: controller.signal, forget: () => forgets.forEach((forget) => forget()) }
}

/** Every call of the drive ends when the signal aborts; a stream that is being read ends with it, too. */
export const withSignal =
  (signal: AbortSignal) =>
  <D extends DriveProvider>(drive: D): D =>
    layer(drive, {
      '*':
        (next, { options }) =>
        async () => {
          const joined = both(signal, options.signal)
          try {
            return await next({ ...options, signal: joined.signal })()
          } finally {
            joined.forget()
          }
        },
      // The stream outlives the call, so the signals stay joined until it closes.
      readFile: (next) => (path, options) => async () => {
        const joined = both(signal, options?.signal)
        const content = await next(path, { ...options, signal: joined.signal })()
        if (E.isLeft(content)) joined.forget()
        else content.right.stream.once('close', joined.forget)
        return content
      },
    })
