// What the whole migration came to, in one sentence that is never better than the truth.
import { countText } from './format'
import type { ReportInput } from './input'

export interface Conclusion {
  readonly tone: 'good' | 'fair' | 'bad'
  readonly headline: string
  readonly remarks: ReadonlyArray<string>
}

type Told = Omit<ReportInput<unknown>, 'records'>

const items = (n: number): string => countText(n, 'item')
const were = (n: number): string => (n === 1 ? 'was' : 'were')

/** Only a migration that was stopped left files untried. */
const untriedOf = ({ state, remaining }: Pick<Told, 'state' | 'remaining'>): number =>
  state === 'stopped' ? (remaining?.files ?? 0) : 0

/** Entries of the source that are not at the target; `atLeast` where a stopped migration may have more that it had not found. */
export const missingOf = ({
  totals,
  state,
  remaining,
}: Pick<Told, 'totals' | 'state' | 'remaining'>): { readonly count: number; readonly atLeast: boolean } => ({
  count: totals.failures + totals.blocked + totals.others + untriedOf({ state, remaining }),
  atLeast: state === 'stopped' && remaining?.atLeast !== false,
})

const remarksOf = ({ totals, arrivals, stopped, state, remaining }: Told): ReadonlyArray<string> => {
  const { failures, blocked, skipped, identical, others, renames, encodings, removed } = totals
  const different = skipped - identical
  const bySize = arrivals['size'] ?? 0
  const untried = untriedOf({ state, remaining })
  return [
    ...(state === 'stopped' ? [`${stopped ?? 'It was stopped before its end'}. What had arrived is kept.`] : []),
    ...(untried > 0 ? [`${countText(untried, 'file')} had been found and ${were(untried)} not tried.`] : []),
    ...(state === 'stopped' && remaining?.atLeast !== false
      ? ['The source was not read to its end: there may be more that did not arrive.']
      : []),
    ...(failures > 0 ? [`${items(failures)} failed; the reasons are below.`] : []),
    ...(blocked > 0 ? [`${items(blocked)} could not be tried, because a directory above failed.`] : []),
    ...(others > 0 ? [`${items(others)} ${were(others)} skipped, because no drive can hold them, such as links.`] : []),
    ...(bySize > 0 ? [`Of ${countText(bySize, 'file')} only the size was compared, not the content.`] : []),
    ...(different > 0
      ? [`Of ${items(different)} the version at the target was kept; whether the content is the same is not known.`]
      : []),
    ...(identical > 0 ? [`${items(identical)} already existed at the target, with the same checksum.`] : []),
    ...(renames > 0 ? [`${items(renames)} got a free name, because the name was taken.`] : []),
    ...(encodings > 0 ? [`${items(encodings)} ${were(encodings)} renamed for the target.`] : []),
    ...(removed > 0 ? [`${items(removed)} ${were(removed)} removed from the source after the proof of arrival.`] : []),
  ]
}

export const conclusionOf = (told: Told): Conclusion => {
  const { totals, arrivals, state } = told
  const missing = missingOf(told)
  const remarks = remarksOf(told)
  const conclusion = (tone: Conclusion['tone'], headline: string): Conclusion => ({ tone, headline, remarks })
  const count = `${missing.atLeast ? 'at least ' : ''}${items(missing.count)}`
  if (state === 'stopped')
    return missing.count > 0
      ? conclusion('bad', `Stopped before the end: ${count} did not arrive`)
      : conclusion('fair', 'Stopped before the end; nothing has failed so far')
  if (totals.failures + totals.blocked > 0) return conclusion('bad', `${count} did not arrive`)
  if (totals.others > 0)
    return conclusion('fair', `Everything arrived except ${items(totals.others)} that no drive can hold`)
  if (totals.files === 0 && totals.skipped > 0) return conclusion('fair', 'Nothing had to be transferred')
  if (totals.skipped > totals.identical) return conclusion('fair', 'Everything that was transferred arrived')
  if ((arrivals['size'] ?? 0) > 0)
    return conclusion('fair', 'Everything arrived, not all of it verified by its content')
  return conclusion('good', 'Everything arrived and is verified')
}
