// PROPPATCH: properties of clients, set and removed in the order of the request, all of them or none.
import * as E from 'fp-ts/Either'
import { xmlBody } from '../body-xml'
import type { PropertyChange } from '../dead-properties'
import { hrefIn, lookFor, type Answer, type Exchange } from '../gateway'
import { admitted } from '../guard'
import { hrefElement, multistatusEnd, multistatusHead, statusLine } from '../multistatus'
import { protectedNames } from '../properties'
import { plain, xml, type Reply } from '../reply'
import { childOf, elementsOf, isDav, type Element } from '../xml-read'
import { writeElement, writeName, type PropertyName } from '../xml-write'

const xmlUri = 'http://www.w3.org/XML/1998/namespace'
const mostBytes = 64 * 1024

const languageOf = (element: Element): string | undefined =>
  element.attributes.find(({ uri, local }) => uri === xmlUri && local === 'lang')?.value

/** The language that holds around it belongs to a property too. */
const withLanguage = (property: Element, language: string | undefined): Element =>
  language === undefined || languageOf(property) !== undefined
    ? property
    : {
        ...property,
        attributes: [...property.attributes, { prefix: 'xml', uri: xmlUri, local: 'lang', value: language }],
      }

const changesIn = (update: Element): ReadonlyArray<PropertyChange> =>
  elementsOf(update).flatMap((step): ReadonlyArray<PropertyChange> => {
    const prop = childOf(step, 'prop')
    if (prop === undefined) return []
    const language = languageOf(prop) ?? languageOf(step) ?? languageOf(update)
    if (isDav(step, 'remove'))
      return elementsOf(prop).map(({ uri, local }) => ({ action: 'remove', name: { uri, local } }))
    if (!isDav(step, 'set')) return []
    return elementsOf(prop).map((element) => ({
      action: 'set',
      property: { uri: element.uri, local: element.local, xml: writeElement(withLanguage(element, language)) },
    }))
  })

const nameOf = (change: PropertyChange): PropertyName => (change.action === 'set' ? change.property : change.name)

/** What a change is refused with, if it is. */
const refusal = (change: PropertyChange): string | undefined => {
  const { uri, local } = nameOf(change)
  if (uri === 'DAV:' && protectedNames.has(local))
    return `${statusLine(403)}<D:error><D:cannot-modify-protected-property/></D:error>`
  return change.action === 'set' && Buffer.byteLength(change.property.xml) > mostBytes ? statusLine(507) : undefined
}

const propstat = (change: PropertyChange, outcome: string): string =>
  `<D:propstat><D:prop>${writeName(nameOf(change))}</D:prop>${outcome}</D:propstat>`

const answered = (exchange: Exchange, href: string, changes: ReadonlyArray<PropertyChange>): Reply => {
  const refusals = changes.map(refusal)
  const bad = refusals.some((it) => it !== undefined)
  const kept = bad ? E.right(undefined) : exchange.gateway.properties.change(exchange.path, changes)
  const otherwise = bad ? statusLine(424) : statusLine(E.isLeft(kept) ? 507 : 200)
  const told = changes.map((change, i) => propstat(change, refusals[i] ?? otherwise)).join('')
  return xml(207, `${multistatusHead}<D:response>${hrefElement(href)}${told}</D:response>\n${multistatusEnd}`)
}

export const proppatch = async (exchange: Exchange): Answer<Reply> => {
  const { path } = exchange
  const body = await xmlBody(exchange)
  if (E.isLeft(body)) return body
  if (body.right === undefined || !isDav(body.right, 'propertyupdate'))
    return E.left(plain(400, 'the body is no propertyupdate'))
  const changes = changesIn(body.right)
  if (changes.length === 0) return E.left(plain(400, 'the propertyupdate changes nothing'))
  const entry = await lookFor(exchange, path)
  if (E.isLeft(entry)) return entry
  const may = await admitted(exchange, entry.right, [{ path, what: 'content' }])
  return E.isLeft(may) ? may : E.right(answered(exchange, hrefIn(exchange.gateway, entry.right), changes))
}
