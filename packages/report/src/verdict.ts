// What the whole migration came to, in one sentence that is never better than the truth.
import { countText } from './format'
import type { ReportInput } from './input'

export interface Verdict {
  readonly tone: 'good' | 'fair' | 'bad'
  readonly headline: string
  readonly remarks: ReadonlyArray<string>
}

type Told = Omit<ReportInput<unknown>, 'records'>

const items = (n: number): string => countText(n, 'item')

const remarksOf = ({ totals, arrivals, stopped, state, remaining }: Told): ReadonlyArray<string> => {
  const { failures, blocked, skipped, identical, others, renames, encodings, removed } = totals
  const different = skipped - identical
  const bySize = arrivals['size'] ?? 0
  return [
    ...(state === 'stopped' ? [`${stopped ?? 'It was stopped before its end'}. What had arrived by then stands.`] : []),
    ...(state === 'stopped' && remaining !== undefined && remaining.files > 0
      ? [
          `${remaining.atLeast ? 'At least ' : ''}${countText(remaining.files, 'file')} had not been transferred by then.`,
        ]
      : []),
    ...(failures > 0 ? [`${items(failures)} failed; the reasons are below.`] : []),
    ...(blocked > 0 ? [`${items(blocked)} could not be tried, because a directory above failed.`] : []),
    ...(bySize > 0 ? [`Of ${countText(bySize, 'file')} only the size was compared, not the content.`] : []),
    ...(different > 0
      ? [
          `${items(different)} ${different === 1 ? 'was' : 'were'} left as the target had ${different === 1 ? 'it' : 'them'}; whether the content is the same is not known.`,
        ]
      : []),
    ...(identical > 0 ? [`${items(identical)} stood at the target already, with the same checksum.`] : []),
    ...(others > 0 ? [`${items(others)} can not be carried at all, such as links.`] : []),
    ...(renames > 0
      ? [`${items(renames)} stand${renames === 1 ? 's' : ''} under a free name, because the own one was taken.`]
      : []),
    ...(encodings > 0 ? [`${items(encodings)} had to be spelt otherwise.`] : []),
    ...(removed > 0
      ? [`${items(removed)} ${removed === 1 ? 'was' : 'were'} removed from the source after the proof of arrival.`]
      : []),
  ]
}

export const verdictOf = (told: Told): Verdict => {
  const { totals, arrivals, state, remaining } = told
  const left = state === 'stopped' ? remaining : undefined
  const missing = totals.failures + totals.blocked + (left?.files ?? 0)
  const remarks = remarksOf(told)
  const verdict = (tone: Verdict['tone'], headline: string): Verdict => ({ tone, headline, remarks })
  if (missing > 0) return verdict('bad', `${left?.atLeast === true ? 'At least ' : ''}${items(missing)} did not arrive`)
  if (state === 'stopped') return verdict('fair', 'Stopped before the end; nothing has failed so far')
  if (totals.others > 0) return verdict('fair', `Everything arrived but ${items(totals.others)} that no drive carries`)
  if (totals.files === 0 && totals.skipped > 0) return verdict('fair', 'Nothing had to be carried')
  if (totals.skipped > totals.identical) return verdict('fair', 'Everything that was carried arrived')
  if ((arrivals['size'] ?? 0) > 0) return verdict('fair', 'Everything arrived, not all of it proven by its content')
  return verdict('good', 'Everything arrived, and is proven')
}
