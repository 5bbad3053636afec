// The place of the table of entries, which the page's script fills.
import { countText, numberText } from './format'
import { markup, type Markup } from './markup'
import type { Rows } from './rows'

const columns = [
  ['path', 'Path'],
  ['status', 'Outcome'],
  ['bytes', 'Size'],
  ['evidence', 'Evidence'],
  ['note', 'Remark'],
] as const

const leftText = (rows: Rows): string => {
  const { plain, notable } = rows.left()
  const all = rows.written() + plain + notable
  if (plain + notable === 0) return `All ${countText(all, 'entry', 'entries')} of the source, by path.`
  const kept = `${numberText(rows.written())} of ${countText(all, 'entry', 'entries')}`
  return notable === 0
    ? `${kept}: everything that failed, was skipped or has another name, and the first of those that arrived as they were. ${numberText(plain)} more that arrived are counted above but not listed here; the journal has them all.`
    : `${kept}: the first of those that arrived as they were, and the first of those that did not. ${numberText(plain + notable)} more, ${numberText(notable)} of which did not arrive as they were, are counted above but not listed here; the journal has them all.`
}

const select = (id: string, label: string): Markup =>
  markup`<label><span>${label}</span><select id="${id}"><option value="">all</option></select></label>`

export const tableSection = (rows: Rows): Markup =>
  markup`<section id="table" aria-labelledby="entries"><h2 id="entries">Every entry</h2><p>${leftText(rows)}</p>
<noscript><p>The table needs scripts, which this browser does not run; what is above does not.</p></noscript>
<form class="filters" role="search" aria-label="Entries"><label class="text"><span>Text</span><input id="text" type="search" autocomplete="off" spellcheck="false" placeholder="part of a path, a new name or a reason"></label>${select(
    'status',
    'Outcome',
  )}${select('evidence', 'Evidence')}${select('how', 'Name')}<output id="count" for="text status evidence how" aria-live="polite">…</output></form>
<div id="grid" class="grid" role="grid" aria-label="Entries" aria-describedby="keys" tabindex="0"><div class="head" role="row" aria-rowindex="1">${columns.map(
    ([name, title]) =>
      markup`<div class="cell ${name}" role="columnheader" aria-sort="none"><button type="button" data-sort="${name}">${title}</button></div>`,
  )}</div><div id="spacer" class="spacer" role="rowgroup"><div id="window" class="window" role="presentation"></div></div></div>
<p id="keys" class="muted screen">Arrow keys, Page Up, Page Down, Home and End choose an entry; all that is known of it is shown below.</p>
<div id="details" class="details" role="region" aria-live="polite" aria-label="The chosen entry"><p class="muted">No entry is chosen.</p></div>
<p class="print">The table of entries is not printed; it is in the page itself.</p></section>`
