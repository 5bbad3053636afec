// One entry in words: its remark in the table, and all that is known of it below.
import { nameParts, numberText, sizeText } from '../src/format'
import { departureOf, evidenceOf, howText, statusText } from '../src/words'
import type { Entry } from './entries'

/** A name that keeps its direction to itself, as in the rest of the page. */
export const nameElement = (name: string): HTMLElement => {
  const element = document.createElement('bdi')
  element.className = 'name'
  for (const { text, escape } of nameParts(name)) {
    if (!escape) {
      element.append(text)
      continue
    }
    const span = document.createElement('span')
    span.className = 'escape'
    span.textContent = text
    element.append(span)
  }
  return element
}

const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

export const noteText = ({ shape, why, to }: Entry): string => {
  if (why !== '') return why
  if (to !== undefined && (shape.how === 'renamed' || shape.how === 'encoded')) return `→ ${lastOf(to)}`
  return shape.instant ? 'not sent: the target held the bytes' : ''
}

const rowsOf = (entry: Entry): ReadonlyArray<readonly [string, string | HTMLElement]> => {
  const { path, to, bytes, shape, why, remedy } = entry
  const evidence = evidenceOf(shape.evidence)
  return [
    ['Source', nameElement(path)],
    ['Target', to === undefined ? '–' : nameElement(to)],
    [
      'Outcome',
      [
        `${shape.kind}, ${statusText(shape.status)}`,
        ...(shape.how === '' || shape.how === 'as-asked' ? [] : [howText(shape.how)]),
        ...(shape.instant ? ['not sent: the target held the bytes'] : []),
      ].join('; '),
    ],
    ...(bytes < 0 ? [] : [['Size', `${sizeText(bytes)} (${numberText(bytes)} bytes)`] as const]),
    ...(why === '' ? [] : [['Reason', nameElement(why)] as const]),
    ...(remedy === '' ? [] : [['Remedy', nameElement(remedy)] as const]),
    ...(shape.evidence === '' ? [] : [['At the target', `${evidence.name}. ${evidence.meaning}`] as const]),
    ...(shape.departure === '' ? [] : [['At the source', departureOf(shape.departure).meaning] as const]),
  ]
}

export const detailsElement = (entry: Entry): HTMLElement => {
  const list = document.createElement('dl')
  for (const [name, value] of rowsOf(entry)) {
    const term = document.createElement('dt')
    const description = document.createElement('dd')
    term.textContent = name
    description.append(value)
    list.append(term, description)
  }
  return list
}
