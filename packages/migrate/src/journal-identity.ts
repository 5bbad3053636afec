// Whether a journal belongs to this migration.
import type { Identity } from './journal'

export type LabeledIdentity = Identity & { readonly label: string }

/** Sentences for what differs, the kept first. */
export const differences = (kept: LabeledIdentity, now: LabeledIdentity): ReadonlyArray<string> => {
  const place = ({ vendor, path }: Identity['from']): string => `${vendor}:/${path}`
  const ends = [
    ['source', place(kept.from), place(now.from)],
    ['target', place(kept.to), place(now.to)],
  ] as const
  const rows: ReadonlyArray<readonly [string, string, string]> = [
    ...(kept.label === now.label ? ends : [['it', kept.label, now.label] as const]),
    ['conflict', kept.conflict, now.conflict],
    ['names', kept.names, now.names],
    ['verify', kept.verify, now.verify],
    ['removeSource', String(kept.removeSource), String(now.removeSource)],
  ]
  return rows.filter(([, a, b]) => a !== b).map(([what, a, b]) => `${what} was ${a}, now ${b}`)
}
