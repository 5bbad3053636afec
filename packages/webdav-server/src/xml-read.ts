// XML of requests, read into a small tree: no DOCTYPE, so no entities of one's own, and no deeper or larger than a request has reason to be.
import * as E from 'fp-ts/Either'
import { SaxesParser, type SaxesTagNS } from 'saxes'

export interface Attribute {
  readonly prefix: string
  readonly uri: string
  readonly local: string
  readonly value: string
}
export interface Element {
  readonly prefix: string
  readonly uri: string
  readonly local: string
  /** Without declarations of namespaces. */
  readonly attributes: ReadonlyArray<Attribute>
  /** Declared on this element: prefix and namespace. */
  readonly declared: ReadonlyArray<readonly [string, string]>
  readonly children: ReadonlyArray<Element | string>
}

const deepest = 64
const mostElements = 10_000
const mostAttributes = 64
const xmlns = 'http://www.w3.org/2000/xmlns/'

/** The parser can be stopped by an exception only. */
class Refused extends Error {}

interface Open extends Element {
  readonly children: Array<Element | string>
}

const opened = (tag: SaxesTagNS): Open => {
  const attributes = Object.values(tag.attributes)
  if (attributes.length > mostAttributes) throw new Refused('an element has too many attributes')
  return {
    prefix: tag.prefix,
    uri: tag.uri,
    local: tag.local,
    attributes: attributes
      .filter(({ uri }) => uri !== xmlns)
      .map(({ prefix, uri, local, value }) => ({ prefix, uri, local, value })),
    declared: Object.entries(tag.ns),
    children: [],
  }
}

const parse = (text: string): Element => {
  const parser = new SaxesParser({ xmlns: true, position: false })
  const path: Array<Open> = []
  let root: Element | undefined
  let count = 0
  const add = (part: Element | string) => path.at(-1)?.children.push(part)
  parser.on('error', () => {
    throw new Refused('it is not well-formed')
  })
  parser.on('doctype', () => {
    throw new Refused('a DOCTYPE is not taken')
  })
  parser.on('opentag', (tag) => {
    count += 1
    if (path.length >= deepest || count > mostElements)
      throw new Refused('it is nested too deeply, or has too many elements')
    const element = opened(tag)
    add(element)
    root ??= element
    path.push(element)
  })
  parser.on('closetag', () => path.pop())
  parser.on('text', add)
  parser.on('cdata', add)
  parser.write(text).close()
  if (root === undefined) throw new Refused('it has no element')
  return root
}

/** The root element; a left says why the text is refused. */
export const readXml = (bytes: Uint8Array): E.Either<string, Element> =>
  E.tryCatch(
    () => parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)),
    (u) => (u instanceof Refused ? u.message : 'it is not UTF-8'),
  )

export const elementsOf = (element: Element): ReadonlyArray<Element> =>
  element.children.filter((part): part is Element => typeof part !== 'string')

export const isDav = (element: Element, local: string): boolean => element.uri === 'DAV:' && element.local === local

export const childOf = (element: Element, local: string): Element | undefined =>
  elementsOf(element).find((it) => isDav(it, local))
