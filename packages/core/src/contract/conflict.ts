// What to do when a name is taken: the strategies, and the tables of what each vendor is sent for them.
import * as t from 'io-ts'

/** `ask` fails with `NameConflict`, `rename` lets the vendor pick a free name, `overwrite` replaces a file (a directory: as `ask`). */
export const ConflictStrategy = t.keyof({ ask: null, rename: null, overwrite: null }, 'ConflictStrategy')
export type ConflictStrategy = t.TypeOf<typeof ConflictStrategy>

export type Race = 'none' | 'detected' | 'open'

/** How one strategy is carried out for one kind of entry; `W` is the vendor's word for it. */
export type Handling<W = unknown> =
  | { readonly by: 'vendor'; readonly send: W }
  | { readonly by: 'adapter'; readonly race: Race }
  | { readonly by: 'ask'; readonly send: W }
  | { readonly by: 'none' }
export type Row<W = unknown> = { readonly [S in ConflictStrategy]: Handling<W> }
/** One table per way of speaking: both what is sent and what capabilities say come from it. */
export type StrategyMapping<W = unknown> = { readonly directory: Row<W>; readonly file: Row<W> }

/** The vendor carries it out when it is sent `send`. */
export const native = <const W>(send: W) => ({ by: 'vendor', send }) as const
/** The vendor is asked to refuse, because the strategy has no meaning here. */
export const asAsk = <const W>(send: W) => ({ by: 'ask', send }) as const
/** The adapter composes it; `race` says what becomes of a race that is lost. */
export const emulated = <const R extends Race>(race: R) => ({ by: 'adapter', race }) as const
export const unsupportedStrategy = { by: 'none' } as const

type SendOf<H> = H extends { readonly send: infer W } ? W : H extends { readonly by: 'adapter' } ? 'emulate' : never
/** The vendor's word for a strategy, or `emulate`; a row without an emulated strategy never answers `emulate`, and the type says so. */
export const vendorValueFor = <R extends Row, S extends ConflictStrategy>(row: R, strategy: S): SendOf<R[S]> => {
  const handling: Handling = row[strategy]
  return ('send' in handling ? handling.send : 'emulate') as SendOf<R[S]>
}

/** `emulated-detected`: a lost race is noticed and undone; `emulated-open`: it is not. */
export type Support = 'native' | 'emulated' | 'emulated-detected' | 'emulated-open' | 'as-ask' | 'unsupported'
/** Why a cell is believed: a vendor's page, our conclusion, or a run against the service. */
export type Basis = 'documented' | 'inferred' | 'probed'
export interface SupportCell {
  readonly support: Support
  readonly basis: Basis
}
export type SupportRow = { readonly [S in ConflictStrategy]: SupportCell }

const supportBy = (h: Handling): Support => {
  if (h.by === 'vendor') return 'native'
  if (h.by === 'ask') return 'as-ask'
  if (h.by === 'none') return 'unsupported'
  return h.race === 'none' ? 'emulated' : `emulated-${h.race}`
}

/** What a capability record says, derived from the same row that says what is sent. */
export const supportOf = (row: Row, basis: Basis): SupportRow => ({
  ask: { support: supportBy(row.ask), basis },
  rename: { support: supportBy(row.rename), basis },
  overwrite: { support: supportBy(row.overwrite), basis },
})
