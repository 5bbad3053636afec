// HTML in which whatever is not markup is text.
import { nameParts } from './format'

export interface Markup {
  readonly html: string
}
type Part = string | number | Markup | undefined | ReadonlyArray<Markup>

const escapes: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const special = /[&<>"'\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|[^\P{Cc}\n\t]/gu
const escaped = (text: string): string =>
  text.replace(special, (c) => escapes[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)

const partText = (part: Part): string => {
  if (part === undefined) return ''
  if (typeof part === 'string') return escaped(part)
  if (typeof part === 'number') return String(part)
  return 'html' in part ? part.html : part.map(({ html }) => html).join('')
}

/** What is put in is escaped, markup excepted. */
export const markup = (strings: TemplateStringsArray, ...parts: ReadonlyArray<Part>): Markup => ({
  html: strings.map((text, i) => (i === 0 ? text : partText(parts[i - 1]) + text)).join(''),
})

/** Of our own making: nothing of it is escaped. */
export const verbatim = (html: string): Markup => ({ html })

/** A name that keeps its direction to itself; what would not be seen is written as an escape. */
export const nameMarkup = (name: string): Markup =>
  markup`<bdi class="name">${nameParts(name).map(({ text, escape }) =>
    escape ? markup`<span class="escape">${text}</span>` : markup`${text}`,
  )}</bdi>`
