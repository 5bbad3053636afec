// npm run docs: the pages and the API as a site that needs no network, whose links all lead somewhere.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from './blocks'

let site: string
beforeAll(() => {
  site = mkdtempSync(join(tmpdir(), 'anydrive-site-'))
  const options = ['--out', site, '--logLevel', 'Warn', '--treatWarningsAsErrors']
  execFileSync(process.execPath, [join(root, 'node_modules', 'typedoc', 'bin', 'typedoc'), ...options], { cwd: root })
}, 600_000)
afterAll(() => {
  rmSync(site, { recursive: true, force: true })
})

const pages = (): ReadonlyArray<string> =>
  readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'))

test('has every page of docs', () => {
  const names = pages().filter((name) => name.startsWith('documents'))
  for (const name of readdirSync(join(root, 'docs')).filter((file) => /^(?!next).*\.md$/.test(file))) {
    const title = /^# (.*)$/m.exec(readFileSync(join(root, 'docs', name), 'utf8'))?.[1] ?? '?'
    const shown = names.some((page) => readFileSync(join(site, page), 'utf8').includes(`<h1>${title}`))
    expect([name, shown || names.some((page) => page.includes(name.replace('.md', '')))]).toEqual([name, true])
  }
})

test('loads nothing from elsewhere, and every link inside it leads to a file', () => {
  const all = pages()
  expect(all.length).toBeGreaterThan(100)
  for (const page of all) {
    const text = readFileSync(join(site, page), 'utf8')
    expect([page, text.match(/<(?:script|link|img|iframe)[^>]*(?:src|href)="(?:https?:)?\/\/[^"]*/g)]).toEqual([
      page,
      null,
    ])
    for (const [, link = ''] of text.matchAll(/(?:href|src)="([^"]+)"/g)) {
      const [path = ''] = link.split(/[#?]/)
      if (path === '' || /^(https?|mailto|data):/.test(link)) continue
      const target = join(site, dirname(page), decodeURIComponent(path))
      expect([page, link, existsSync(target)]).toEqual([page, link, true])
    }
  }
})
