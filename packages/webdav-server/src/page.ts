// A directory as a page for browsers.
import { entries, nameOf, parentOf, type DirEntry, type DriveError, type Entry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { messageOf, replyOf } from './faults'
import { hrefIn, type Answer, type Exchange } from './gateway'
import type { Reply } from './reply'

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => escapes[c] ?? c)

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
const sized = (bytes: number): string => {
  const step = bytes === 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  return `${(bytes / 1024 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step] ?? ''}`
}

const style =
  'body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}table{border-collapse:collapse;width:100%}' +
  'td{padding:.2rem .6rem;border-bottom:1px solid #8884;word-break:break-word}td+td{text-align:right;white-space:nowrap;opacity:.7}a{text-decoration:none}'

const row = (href: string, name: string, size: string, time: string): string =>
  `<tr><td><a href="${escaped(href)}">${escaped(name)}</a></td><td>${size}</td><td>${time}</td></tr>\n`

const rowOf = (exchange: Exchange, entry: Entry): string =>
  row(
    hrefIn(exchange.gateway, entry),
    entry.kind === 'directory' ? `${entry.name}/` : entry.name,
    entry.kind === 'file' && entry.size !== undefined ? sized(entry.size) : '',
    (entry.modifiedAt?.toJSON() ?? '').slice(0, 16).replace('T', ' '),
  )

type Listed = AsyncGenerator<E.Either<DriveError, Entry>, void>

async function* page(
  exchange: Exchange,
  dir: DirEntry,
  first: IteratorResult<E.Either<DriveError, Entry>, void>,
  rest: Listed,
): AsyncGenerator<string, void> {
  const { gateway } = exchange
  const title = dir.path === gateway.base ? '/' : `${nameOf(dir.path)}/`
  yield `<!doctype html>\n<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${style}</style></head><body><h1>${escaped(title)}</h1><table>\n`
  if (dir.path !== gateway.base)
    yield row(hrefIn(gateway, { path: parentOf(dir.path), kind: 'directory' }), '../', '', '')
  for (let next = first; next.done !== true; next = await rest.next()) {
    if (E.isLeft(next.value)) {
      yield `</table><p>The list ends here: ${escaped(messageOf(gateway, next.value.left))}</p></body></html>\n`
      return
    }
    yield rowOf(exchange, next.value.right)
  }
  yield '</table></body></html>\n'
}

/** The first entry is waited for, so that a directory which cannot be read is an error and no page. */
export const pageReply = async (exchange: Exchange, dir: DirEntry): Answer<Reply> => {
  const type = 'text/html; charset=utf-8'
  const headers = {
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
    'Cache-Control': 'no-store',
  }
  if (exchange.method === 'HEAD') return E.right({ status: 200, headers, content: { kind: 'none', type } })
  const listed = entries(exchange.gateway.drive, dir.path, { signal: exchange.signal })
  const first = await listed.next()
  if (first.done !== true && E.isLeft(first.value)) return E.left(replyOf(exchange.gateway, first.value.left))
  return E.right({
    status: 200,
    headers,
    content: { kind: 'pieces', type, pieces: page(exchange, dir, first, listed) },
  })
}
