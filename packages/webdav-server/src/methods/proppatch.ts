// PROPPATCH: properties of clients, set and removed in the order of the request, all of them or none; and the time of an entry, where the drive sets it.
import { requires, type Entry, type OptionalVerbs } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { xmlBody } from '../body-xml'
import type { PropertyChange } from '../dead-properties'
import { statusOfError } from '../faults'
import { hrefIn, lookFor, type Answer, type Exchange } from '../gateway'
import { admitted } from '../guard'
import { secondsOfDate } from '../http-date'
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

/** The property of `DAV:` that clients may set. */
interface TimeChange {
  readonly action: 'time'
  readonly name: PropertyName
  /** Undefined where the text is no date. */
  readonly modifiedAt: Date | undefined
}
type Change = PropertyChange | TimeChange

const timeOf = ({ uri, local, children }: Element): TimeChange => {
  const seconds = secondsOfDate(children.filter((child) => typeof child === 'string').join(''))
  return {
    action: 'time',
    name: { uri, local },
    modifiedAt: seconds === undefined ? undefined : new Date(seconds * 1000),
  }
}

const changesIn = (update: Element, setsTime: boolean): ReadonlyArray<Change> =>
  elementsOf(update).flatMap((step): ReadonlyArray<Change> => {
    const prop = childOf(step, 'prop')
    if (prop === undefined) return []
    const language = languageOf(prop) ?? languageOf(step) ?? languageOf(update)
    if (isDav(step, 'remove'))
      return elementsOf(prop).map(({ uri, local }) => ({ action: 'remove', name: { uri, local } }))
    if (!isDav(step, 'set')) return []
    return elementsOf(prop).map((element): Change => {
      if (setsTime && isDav(element, 'getlastmodified')) return timeOf(element)
      const { uri, local } = element
      return { action: 'set', property: { uri, local, xml: writeElement(withLanguage(element, language)) } }
    })
  })

const nameOf = (change: Change): PropertyName => (change.action === 'set' ? change.property : change.name)

/** What a change is refused with, if it is. */
const refusal = (change: Change): string | undefined => {
  if (change.action === 'time') return change.modifiedAt === undefined ? statusLine(409) : undefined
  const { uri, local } = nameOf(change)
  if (uri === 'DAV:' && protectedNames.has(local))
    return `${statusLine(403)}<D:error><D:cannot-modify-protected-property/></D:error>`
  return change.action === 'set' && Buffer.byteLength(change.property.xml) > mostBytes ? statusLine(507) : undefined
}

const propstat = (change: Change, outcome: string): string =>
  `<D:propstat><D:prop>${writeName(nameOf(change))}</D:prop>${outcome}</D:propstat>`

type SetTimes = OptionalVerbs['setTimes']

/** The status that all changes share: the time is set first, and set back where the other properties cannot be kept. */
const carryOut = async (
  { gateway, path, signal }: Exchange,
  changes: ReadonlyArray<Change>,
  setTimes: SetTimes | undefined,
  { modifiedAt: before }: Entry,
): Promise<number> => {
  const time = changes.findLast((it) => it.action === 'time')
  const set = (modifiedAt: Date | undefined) =>
    setTimes === undefined || modifiedAt === undefined ? undefined : setTimes(path, { modifiedAt }, { signal })()
  const done = await set(time?.modifiedAt)
  if (done !== undefined && E.isLeft(done)) return done.left._tag === 'Unsupported' ? 403 : statusOfError(done.left)
  const kept = gateway.properties.change(
    path,
    changes.filter((it) => it.action !== 'time'),
  )
  if (E.isRight(kept)) return 200
  if (time !== undefined) await set(before)
  return 507
}

export const proppatch = async (exchange: Exchange): Answer<Reply> => {
  const { gateway, path } = exchange
  const body = await xmlBody(exchange)
  if (E.isLeft(body)) return body
  if (body.right === undefined || !isDav(body.right, 'propertyupdate'))
    return E.left(plain(400, 'the body is no propertyupdate'))
  const able = requires('operations.setTimes')(gateway.drive)
  const changes = changesIn(body.right, E.isRight(able))
  if (changes.length === 0) return E.left(plain(400, 'the propertyupdate changes nothing'))
  const entry = await lookFor(exchange, path)
  if (E.isLeft(entry)) return entry
  const may = await admitted(exchange, entry.right, [{ path, what: 'content' }])
  if (E.isLeft(may)) return may
  const refusals = changes.map(refusal)
  const bad = refusals.some((it) => it !== undefined)
  const setTimes = E.isRight(able) ? able.right.setTimes : undefined
  const status = bad ? 424 : await carryOut(exchange, changes, setTimes, entry.right)
  const reported = changes.map((change, i) => propstat(change, refusals[i] ?? statusLine(status))).join('')
  const href = hrefElement(hrefIn(gateway, entry.right))
  return E.right(xml(207, `${multistatusHead}<D:response>${href}${reported}</D:response>\n${multistatusEnd}`))
}
