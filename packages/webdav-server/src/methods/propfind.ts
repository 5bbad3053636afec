// PROPFIND: properties of an entry, or of a directory and its members; listed page by page, and sent as they come.
import { entries, type DriveError, type Entry, type Usage } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { xmlBody } from '../body-xml'
import { ifConditions } from '../conditions'
import { depthOf } from '../depth'
import { replyOf } from '../faults'
import { header, hrefIn, isRoot, lookFor, type Answer, type Exchange, type Gateway } from '../gateway'
import { hrefElement, multistatusEnd, multistatusHead, statusLine } from '../multistatus'
import { keyOf, liveProperties, quotaNames } from '../properties'
import { plain, xml, xmlType, type Reply } from '../reply'
import { childOf, elementsOf, isDav, type Element } from '../xml-read'
import { errorDocument, writeName, type PropertyName } from '../xml-write'

interface Wanted {
  readonly kind: 'all' | 'names' | 'some'
  /** With `all`: those besides. */
  readonly some: ReadonlyArray<PropertyName>
}

const namesIn = (element: Element | undefined): ReadonlyArray<PropertyName> =>
  element === undefined ? [] : elementsOf(element).map(({ uri, local }) => ({ uri, local }))

const refused = (why: string): E.Either<Reply, never> => E.left(plain(400, why))

const wantedOf = (body: Element | undefined): E.Either<Reply, Wanted> => {
  if (body === undefined) return E.right({ kind: 'all', some: [] })
  if (!isDav(body, 'propfind')) return refused('the body is no propfind')
  const kinds = ['prop', 'propname', 'allprop'].filter((local) => childOf(body, local) !== undefined)
  if (kinds.length !== 1) return refused('a propfind asks for one of prop, propname and allprop')
  if (kinds[0] === 'prop') return E.right({ kind: 'some', some: namesIn(childOf(body, 'prop')) })
  return E.right({ kind: kinds[0] === 'allprop' ? 'all' : 'names', some: namesIn(childOf(body, 'include')) })
}

interface Asked {
  readonly gateway: Gateway
  readonly wanted: Wanted
  readonly usage: Usage | undefined
  /** RFC 4331: told where they are asked for by name. */
  readonly tellsQuota: boolean
}

const propstat = (properties: ReadonlyArray<string>, status: number): string =>
  properties.length === 0 ? '' : `<D:propstat><D:prop>${properties.join('')}</D:prop>${statusLine(status)}</D:propstat>`

/** What is there, each as a whole element, by its key. */
const foundOf = (
  { gateway, usage }: Asked,
  entry: Entry,
): ReadonlyMap<string, PropertyName & { readonly xml: string }> => {
  const live = [...liveProperties(gateway, entry, usage)].map(([local, content]) => {
    const name = { uri: 'DAV:', local }
    return [
      keyOf(name),
      { ...name, xml: content === '' ? `<D:${local}/>` : `<D:${local}>${content}</D:${local}>` },
    ] as const
  })
  return new Map([...live, ...gateway.properties.of(entry.path).map((it) => [keyOf(it), it] as const)])
}

const responseOf = (asked: Asked, entry: Entry): string => {
  const { wanted } = asked
  const found = foundOf(asked, entry)
  const isTold = ({ uri, local }: PropertyName) => asked.tellsQuota || !(uri === 'DAV:' && quotaNames.has(local))
  const all = [...found.values()].filter(isTold)
  const some =
    wanted.kind === 'some' ? wanted.some : wanted.some.filter((name) => all.every((it) => keyOf(it) !== keyOf(name)))
  const there = some.flatMap((name) => found.get(keyOf(name))?.xml ?? [])
  const absent = some.filter((name) => !found.has(keyOf(name))).map(writeName)
  const told = wanted.kind === 'some' ? [] : all.map((it) => (wanted.kind === 'names' ? writeName(it) : it.xml))
  const missing = propstat(absent, 404)
  const given = [...told, ...there]
  const ok =
    given.length === 0 && missing === '' ? `<D:propstat><D:prop/>${statusLine(200)}</D:propstat>` : propstat(given, 200)
  return `<D:response>${hrefElement(hrefIn(asked.gateway, entry))}${ok}${missing}</D:response>\n`
}

type Listed = AsyncIterator<E.Either<DriveError, Entry>, void>

async function* pieces(
  asked: Asked,
  entry: Entry,
  first: IteratorResult<E.Either<DriveError, Entry>, void>,
  rest: Listed,
): AsyncGenerator<string, void> {
  yield multistatusHead + responseOf(asked, entry)
  for (let next = first; next.done !== true; next = await rest.next()) {
    // Nothing in the format can say that the list is not whole: the connection breaks.
    if (E.isLeft(next.value)) throw new Error(next.value.left.message)
    yield responseOf(asked, next.value.right)
  }
  yield multistatusEnd
}

const asksForQuota = ({ some }: Wanted): boolean =>
  some.some(({ uri, local }) => uri === 'DAV:' && quotaNames.has(local))

/** Clients that ask for all of the root alone want to know the space too, though RFC 4331 would rather not tell them. */
const isAboutAll = (exchange: Exchange, { kind }: Wanted): boolean =>
  kind === 'all' && isRoot(exchange) && header(exchange, 'depth') === '0'

const usageFor = async (exchange: Exchange, wanted: Wanted, entry: Entry): Promise<Usage | undefined> => {
  const { gateway, signal } = exchange
  const has = entry.kind === 'directory' && gateway.drive.capabilities.operations.usage
  if (!has || !(asksForQuota(wanted) || isAboutAll(exchange, wanted))) return undefined
  const usage = await gateway.drive.usage({ signal })()
  return E.isRight(usage) ? usage.right : undefined
}

const tooDeep = xml(403, errorDocument('<D:propfind-finite-depth/>'))

export const propfind = async (exchange: Exchange): Answer<Reply> => {
  const { gateway, path, signal } = exchange
  const wantedDepth = depthOf(exchange, ['0', '1', 'infinity'])
  if (E.isLeft(wantedDepth)) return wantedDepth
  const depth = wantedDepth.right
  const body = await xmlBody(exchange)
  const wanted = E.isLeft(body) ? body : wantedOf(body.right)
  if (E.isLeft(wanted)) return wanted
  const entry = await lookFor(exchange, path)
  if (E.isLeft(entry)) return entry
  const tokens = await ifConditions(exchange, entry.right)
  if (E.isLeft(tokens)) return tokens
  const isDirectory = entry.right.kind === 'directory'
  if (depth === 'infinity' && isDirectory) return E.left(tooDeep)
  const asked: Asked = {
    gateway,
    wanted: wanted.right,
    usage: await usageFor(exchange, wanted.right, entry.right),
    tellsQuota: isAboutAll(exchange, wanted.right),
  }
  if (depth === '0' || !isDirectory)
    return E.right(xml(207, multistatusHead + responseOf(asked, entry.right) + multistatusEnd))
  // A client that is anydrive must see them: for its `leftovers`, and to notice a move into itself under another name of the same place.
  const temporaries = exchange.request.headers['user-agent'] === 'anydrive' ? 'show' : 'hide'
  const listed = entries(gateway.drive, path, { signal, temporaries })
  const first = await listed.next()
  if (first.done !== true && E.isLeft(first.value)) return E.left(replyOf(gateway, first.value.left))
  return E.right({
    status: 207,
    content: { kind: 'pieces', type: xmlType, pieces: pieces(asked, entry.right, first, listed) },
  })
}
