// XML of answers. Elements of clients are written so that they stand alone: every namespace that they use is declared on them.
import type { Attribute, Element } from './xml-read'

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
  '\n': '&#10;',
  '\t': '&#9;',
}

/** What XML 1.0 cannot hold becomes U+FFFD. */
const holdable = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- these are the characters that XML refuses
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udfff]/gu, '\ufffd')

export const escapeText = (text: string): string => holdable(text).replace(/[&<>\r]/g, (c) => escapes[c] ?? c)
const escapeAttribute = (text: string): string => holdable(text).replace(/[&<>"\r\n\t]/g, (c) => escapes[c] ?? c)

const xmlUri = 'http://www.w3.org/XML/1998/namespace'
type Scope = ReadonlyMap<string, string>

const declaration = (prefix: string, uri: string): string =>
  prefix === '' ? ` xmlns="${escapeAttribute(uri)}"` : ` xmlns:${prefix}="${escapeAttribute(uri)}"`

const qualified = ({ prefix, local }: Pick<Element, 'prefix' | 'local'>): string =>
  prefix === '' ? local : `${prefix}:${local}`

const declarationsOf = (element: Element, scope: Scope): ReadonlyArray<readonly [string, string]> => {
  const all = new Map(element.declared)
  const need = ({ prefix, uri }: Pick<Attribute, 'prefix' | 'uri'>) => {
    if (uri !== xmlUri && (all.get(prefix) ?? scope.get(prefix) ?? '') !== uri) all.set(prefix, uri)
  }
  need(element)
  for (const attribute of element.attributes) if (attribute.prefix !== '') need(attribute)
  return [...all].filter(([prefix, uri]) => (scope.get(prefix) ?? '') !== uri)
}

export const writeElement = (element: Element, scope: Scope = new Map()): string => {
  const declared = declarationsOf(element, scope)
  const inner: Scope = declared.length === 0 ? scope : new Map([...scope, ...declared])
  const attributes = element.attributes.map((it) => ` ${qualified(it)}="${escapeAttribute(it.value)}"`).join('')
  const head = `${qualified(element)}${declared.map(([prefix, uri]) => declaration(prefix, uri)).join('')}${attributes}`
  if (element.children.length === 0) return `<${head}/>`
  const content = element.children.map((it) => (typeof it === 'string' ? escapeText(it) : writeElement(it, inner)))
  return `<${head}>${content.join('')}</${qualified(element)}>`
}

export interface PropertyName {
  readonly uri: string
  readonly local: string
}

/** An element without content, of any namespace; `D` is declared as `DAV:` around it. */
export const writeName = ({ uri, local }: PropertyName): string => {
  if (uri === 'DAV:') return `<D:${local}/>`
  return uri === '' ? `<${local}/>` : `<p:${local} xmlns:p="${escapeAttribute(uri)}"/>`
}

export const documentHead = '<?xml version="1.0" encoding="utf-8"?>\n'

/** A precondition or postcondition of RFC 4918 that does not hold. */
export const errorDocument = (condition: string): string =>
  `${documentHead}<D:error xmlns:D="DAV:">${condition}</D:error>\n`
