// The table itself: only the rows that can be seen stand in the page, however many there are.
import { sizeText } from '../src/format'
import { evidenceOf, statusText } from '../src/words'
import { nameElement, noteText } from './details'
import type { Entry } from './entries'

export interface Parts {
  /** Scrolls, and takes the keys. */
  readonly grid: HTMLElement
  readonly head: HTMLElement
  readonly spacer: HTMLElement
  readonly window: HTMLElement
}
export interface Grid {
  readonly show: (entries: ReadonlyArray<Entry>) => void
}

/** Rows beyond what can be seen, above and below. */
const spare = 6

const marks: { readonly [status: string]: string } = {
  carried: '✓',
  made: '✓',
  merged: '✓',
  skipped: '–',
  other: '!',
  failed: '✕',
  blocked: '✕',
  pending: '…',
}

const cell = (name: string, ...content: ReadonlyArray<string | Node>): HTMLElement => {
  const element = document.createElement('div')
  element.className = `cell ${name}`
  element.setAttribute('role', 'gridcell')
  element.append(...content)
  return element
}

const statusCell = (status: string): HTMLElement => {
  const mark = document.createElement('span')
  mark.className = `mark ${status}`
  mark.setAttribute('aria-hidden', 'true')
  mark.textContent = marks[status] ?? ''
  return cell('status', mark, ` ${statusText(status)}`)
}

/** The name stays whole as long as there is room for it. */
const pathCell = ({ path, shape }: Entry): HTMLElement => {
  const end = path.lastIndexOf('/') + 1
  const above = nameElement(path.slice(0, end))
  above.classList.add('above')
  const name = nameElement(shape.kind === 'directory' ? `${path.slice(end)}/` : path.slice(end))
  return cell('path', above, name)
}

const rowElement = (entry: Entry, index: number, chosen: boolean): HTMLElement => {
  const { shape, bytes } = entry
  const element = document.createElement('div')
  element.className = chosen ? 'row chosen' : 'row'
  element.id = `row-${index}`
  element.dataset['index'] = String(index)
  element.setAttribute('role', 'row')
  element.setAttribute('aria-rowindex', String(index + 2))
  element.setAttribute('aria-selected', String(chosen))
  const note = noteText(entry)
  element.append(
    pathCell(entry),
    statusCell(shape.status),
    cell('bytes', bytes < 0 || shape.kind === 'directory' ? '' : sizeText(bytes)),
    cell('evidence', shape.evidence === '' ? '' : evidenceOf(shape.evidence).name),
    cell('note', note === '' ? '' : nameElement(note)),
  )
  return element
}

const moves: { readonly [key: string]: (at: number, page: number, last: number) => number } = {
  ArrowDown: (at) => at + 1,
  ArrowUp: (at) => at - 1,
  PageDown: (at, page) => at + page,
  PageUp: (at, page) => at - page,
  Home: () => 0,
  End: (_at, _page, last) => last,
}

/** `choose` is told of each entry that is chosen, and of none. */
export const createGrid = (parts: Parts, choose: (entry: Entry | undefined) => void): Grid => {
  const { grid, head, spacer, window: rows } = parts
  let entries: ReadonlyArray<Entry> = []
  let chosen: Entry | undefined
  let at = -1
  let asked = false

  const height = (): number => Number.parseFloat(getComputedStyle(grid).getPropertyValue('--row'))
  const room = (): number => Math.max(1, Math.floor((grid.clientHeight - head.offsetHeight) / height()))

  const draw = (): void => {
    asked = false
    const row = height()
    const first = Math.max(0, Math.floor(grid.scrollTop / row) - spare)
    const last = Math.min(entries.length, first + room() + 2 * spare)
    const elements: Array<HTMLElement> = []
    for (let i = first; i < last; i++) {
      const entry = entries[i]
      if (entry !== undefined) elements.push(rowElement(entry, i, entry === chosen))
    }
    spacer.style.height = `${entries.length * row}px`
    rows.style.transform = `translateY(${first * row}px)`
    rows.replaceChildren(...elements)
    const active = at >= first && at < last ? `row-${at}` : ''
    if (active === '') grid.removeAttribute('aria-activedescendant')
    else grid.setAttribute('aria-activedescendant', active)
  }
  const drawSoon = (): void => {
    if (asked) return
    asked = true
    requestAnimationFrame(draw)
  }
  const take = (index: number): void => {
    at = Math.min(entries.length - 1, Math.max(0, index))
    chosen = entries[at]
    const row = height()
    const view = grid.clientHeight - head.offsetHeight
    if (at * row < grid.scrollTop) grid.scrollTop = at * row
    else if ((at + 1) * row > grid.scrollTop + view) grid.scrollTop = (at + 1) * row - view
    draw()
    choose(chosen)
  }

  grid.addEventListener('scroll', drawSoon, { passive: true })
  new ResizeObserver(drawSoon).observe(grid)
  grid.addEventListener('keydown', (event) => {
    const move = moves[event.key]
    if (move === undefined || event.target !== grid || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    if (entries.length > 0) take(move(at, room(), entries.length - 1))
  })
  rows.addEventListener('click', (event) => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('.row') : null
    if (row !== null) take(Number(row.dataset['index']))
  })
  return {
    show: (next) => {
      entries = next
      at = chosen === undefined ? -1 : entries.indexOf(chosen)
      if (at < 0 && chosen !== undefined) {
        chosen = undefined
        choose(undefined)
      }
      grid.setAttribute('aria-rowcount', String(entries.length + 1))
      grid.scrollTop = 0
      draw()
    },
  }
}
