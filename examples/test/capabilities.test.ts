// The table of capabilities in docs/drives.md is what the adapters declare. To renew it: UPDATE_DOCS=1 npm test -- examples/test/capabilities
import { capabilityTable } from '@anydrive/conformance'
import type { Capabilities } from '@anydrive/core'
import { kooDrive } from '@anydrive/koodrive'
import { local } from '@anydrive/local'
import { tencentSmh } from '@anydrive/tencent-smh'
import { webDav } from '@anydrive/webdav'
import * as E from 'fp-ts/Either'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const page = join(__dirname, '..', '..', 'docs', 'drives.md')
const begin = '<!-- capabilities: generated from what the adapters declare -->'
const end = '<!-- end of capabilities -->'

const declared = <S>(
  adapter: {
    readonly settings: { readonly decode: (u: unknown) => E.Either<unknown, S> }
    readonly capabilities: (settings: S) => Capabilities
  },
  settings: unknown,
): Capabilities => {
  const decoded = adapter.settings.decode(settings)
  if (E.isLeft(decoded)) throw new Error('the settings do not decode')
  return adapter.capabilities(decoded.right)
}

const auth = { kind: 'token', accessToken: 't' }
const drives = {
  'tencent-smh': declared(tencentSmh, { type: 'tencent-smh', baseUrl: 'http://x', libraryId: 'l', auth }),
  koodrive: declared(kooDrive, { type: 'koodrive', baseUrl: 'http://x', containerId: 'c', auth }),
  webdav: declared(webDav, { type: 'webdav', url: 'http://x/' }),
  local: declared(local, { type: 'local', root: '/' }),
}

/** Whatever the formatter did to widths and escapes. */
const plain = (text: string): ReadonlyArray<string> =>
  text
    .trim()
    .split('\n')
    .map((line) =>
      line
        .replaceAll('\\', '')
        .split('|')
        .map((cell) => cell.trim().replace(/^-+$/, '---'))
        .join('|'),
    )

test('the page shows what the adapters declare', () => {
  const table = capabilityTable(drives).join('\n')
  const text = readFileSync(page, 'utf8')
  const from = text.indexOf(begin) + begin.length
  const to = text.indexOf(end)
  if (process.env['UPDATE_DOCS'] !== undefined)
    writeFileSync(page, `${text.slice(0, from)}\n\n${table}\n\n${text.slice(to)}`)
  else expect(plain(text.slice(from, to))).toEqual(plain(table))
})
