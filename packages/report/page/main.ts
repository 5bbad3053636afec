// The page's script: reads the entries, and lets people look among them.
import { countText, numberText } from '../src/format'
import { evidenceOf, howText, statusText } from '../src/words'
import { filtered, howOf, sorted, valuesOf, type Column, type Order, type Value } from './choice'
import { detailsElement } from './details'
import { readEntries, type Entry } from './entries'
import { createGrid } from './grid'

const find = <E extends HTMLElement>(id: string, kind: new () => E): E => {
  const element = document.getElementById(id)
  if (!(element instanceof kind)) throw new Error(`the page lacks ${id}`)
  return element
}

const fillSelect = (select: HTMLSelectElement, values: ReadonlyArray<Value>, text: (value: string) => string): void => {
  for (const { value, count } of values) select.add(new Option(`${text(value)} (${numberText(count)})`, value))
  select.disabled = values.length < 2
}

const start = (): void => {
  const entries = readEntries(find('data', HTMLScriptElement).text)
  const text = find('text', HTMLInputElement)
  const status = find('status', HTMLSelectElement)
  const evidence = find('evidence', HTMLSelectElement)
  const how = find('how', HTMLSelectElement)
  const count = find('count', HTMLOutputElement)
  const details = find('details', HTMLElement)
  const heads = [...document.querySelectorAll<HTMLButtonElement>('button[data-sort]')]
  const none = details.firstElementChild ?? ''
  const gridElement = find('grid', HTMLElement)
  const head = gridElement.querySelector<HTMLElement>('.head') ?? gridElement
  const grid = createGrid(
    { grid: gridElement, head, spacer: find('spacer', HTMLElement), window: find('window', HTMLElement) },
    (entry) => {
      details.replaceChildren(entry === undefined ? none : detailsElement(entry))
    },
  )
  let order: Order = { column: 'path', descending: false }
  let inOrder: ReadonlyArray<Entry> = entries

  const show = (): void => {
    const shown = filtered(inOrder, {
      text: text.value.trim(),
      status: status.value,
      evidence: evidence.value,
      how: how.value,
    })
    count.value =
      shown.length === entries.length
        ? countText(entries.length, 'entry', 'entries')
        : `${numberText(shown.length)} of ${countText(entries.length, 'entry', 'entries')}`
    grid.show(shown)
  }
  const sortBy = (next: Order): void => {
    order = next
    for (const button of heads)
      button.parentElement?.setAttribute(
        'aria-sort',
        button.dataset['sort'] !== order.column ? 'none' : order.descending ? 'descending' : 'ascending',
      )
    inOrder = sorted(entries, order)
    show()
  }

  fillSelect(
    status,
    valuesOf(entries, ({ shape }) => shape.status),
    statusText,
  )
  fillSelect(
    evidence,
    valuesOf(entries, ({ shape }) => shape.evidence),
    (value) => evidenceOf(value).name,
  )
  fillSelect(how, valuesOf(entries, howOf), howText)
  text.addEventListener('input', show)
  for (const select of [status, evidence, how]) select.addEventListener('change', show)
  text.form?.addEventListener('submit', (event) => {
    event.preventDefault()
  })
  for (const button of heads)
    button.addEventListener('click', () => {
      const column = button.dataset['sort'] as Column
      sortBy({ column, descending: order.column === column && !order.descending })
    })
  sortBy(order)
}

/** Paper cannot be opened. */
const unfold = (): void => {
  for (const details of document.querySelectorAll<HTMLDetailsElement>('details.reason')) details.open = true
}

addEventListener('beforeprint', unfold)
start()
