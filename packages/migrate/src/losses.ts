// What a migration between two drives would lose, from their capabilities alone.
import type { Capabilities, Naming } from '@anydrive/core'

/** Something that a copy from one drive to the other would lose. */
export interface Loss {
  readonly feature: string
  readonly source: string
  readonly destination: string
}

const lengthOf = (n: Naming): string => `${n.maxLength} ${n.lengthUnit}`
const narrower = (source: number | undefined, destination: number | undefined): boolean =>
  destination !== undefined && (source === undefined || destination < source)

/** What a migration from `source` to `destination` cannot carry over, from the capabilities alone. */
export const compareCapabilities = (source: Capabilities, destination: Capabilities): ReadonlyArray<Loss> => {
  const losses: Array<Loss> = []
  const lose = (feature: string, from: string, to: string) => losses.push({ feature, source: from, destination: to })
  const shown = (n: number | undefined) => (n === undefined ? 'unlimited' : String(n))
  const a = source.naming
  const b = destination.naming
  if (b.maxLength < a.maxLength || b.lengthUnit !== a.lengthUnit) lose('naming.maxLength', lengthOf(a), lengthOf(b))
  for (const rule of ['forbidden', 'forbiddenFirst', 'forbiddenLast'] as const) {
    const refused = Array.from(b[rule] ?? '').filter((c) => !(a[rule] ?? '').includes(c) && !a.forbidden.includes(c))
    if (refused.length > 0) lose(`naming.${rule}`, 'allowed', refused.join(''))
  }
  if (narrower(a.maxDepth, b.maxDepth)) lose('naming.maxDepth', shown(a.maxDepth), shown(b.maxDepth))
  if (narrower(a.maxPath, b.maxPath)) lose('naming.maxPath', shown(a.maxPath), shown(b.maxPath))
  if (a.case !== b.case && b.case !== 'sensitive') lose('naming.case', a.case, b.case)
  if (a.normalisation !== b.normalisation && b.normalisation !== 'as-is')
    lose('naming.normalisation', a.normalisation, b.normalisation)
  if (narrower(source.limits.fileSize, destination.limits.fileSize))
    lose('limits.fileSize', shown(source.limits.fileSize), shown(destination.limits.fileSize))
  const algorithms = source.checksums.given.filter((x) => !destination.checksums.given.includes(x))
  if (algorithms.length > 0)
    lose('checksums.given', algorithms.join(', '), destination.checksums.given.join(', ') || 'none')
  for (const kind of ['directory', 'file'] as const)
    for (const time of ['createdAt', 'modifiedAt'] as const)
      if (source.times[kind][time] !== 'none' && destination.times[kind][time] !== 'kept')
        lose(`times.${kind}.${time}`, source.times[kind][time], destination.times[kind][time])
  for (const feature of ['etags', 'trash'] as const)
    if (source.features[feature] && !destination.features[feature]) lose(`features.${feature}`, 'yes', 'no')
  return losses
}
