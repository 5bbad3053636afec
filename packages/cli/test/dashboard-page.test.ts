// The page of dashboard in a real browser, while a migration between the emulators goes on.
import { startKooDrive, startTencentSmh, type Emulator } from '@anydrive/emulators'
import { mkdir, writeFile } from 'node:fs/promises'
import { at } from '../../migrate/test/drives'
import { openPage, startBrowser, withBrowser, type Browser } from '../../report/test/browser'
import { desk, type Desk } from './command'
import { driveOf, gate, gated, served, stopAll, until } from './dashboard'

let emulators: ReadonlyArray<Emulator>
let browser: Browser | undefined
let here: Desk
beforeAll(async () => {
  emulators = [await startTencentSmh(), await startKooDrive()]
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
  for (const one of emulators) await one.close()
})
beforeEach(async () => {
  here = await desk()
  await here.configure(Object.assign({}, ...emulators.map(({ configuration }) => configuration)))
})
afterEach(() => {
  stopAll()
  return here.clear()
})

/** What both services accept as names, and what no page may take for anything but text. */
const hostile = [
  '&lt;img src=x onerror=alert(1)&gt;.txt',
  "'); alert(1); ('.txt",
  '${alert(1)}`.txt',
  'invoice\u202efdp.exe',
]

withBrowser('changes while it is open, on any screen, and sends requests to the command only', async () => {
  await mkdir(here.path('pages'))
  for (const name of ['1.txt', '2.txt', '3.txt', ...hostile]) await writeFile(here.path(`pages/${name}`), name)
  expect(await here.do('put pages smh:')).toMatchObject({ code: 0 })
  const [smh, koo] = emulators.map(driveOf)
  if (smh === undefined || koo === undefined) throw new Error('there are two emulators')
  const hold = gate()
  const [from, to] = [
    { drive: smh, path: at('pages') },
    { drive: koo, path: at('pages') },
  ]
  const migration = gated(here.path('j'), { from, to }, hold)
  const { url, stop } = await served(here, '--journal j')
  const { page, complaints } = await openPage(browser, url, (asked) => asked.startsWith(url))
  const shows = (id: string, text: string) => page.locator(`#${id}`, { hasText: text }).waitFor()
  const arrived = (n: number) =>
    page.locator('#figures .figure', { hasText: new RegExp(`^Files arrived${n}`) }).waitFor()

  await shows('connection', 'Connected')
  await arrived(0)
  await shows('under-way-list', 'pages/1.txt')
  await page.evaluate(() => {
    document.body.dataset['loaded'] = 'once'
  })
  hold.open(1)
  await arrived(1)
  hold.open(1)
  await arrived(2)

  for (const width of [360, 768, 1280]) {
    await page.setViewportSize({ width, height: 740 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
  }
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  await page.emulateMedia({ colorScheme: 'light' })
  expect(await ground()).toBe('rgb(244, 245, 247)')
  await page.emulateMedia({ colorScheme: 'dark' })
  expect(await ground()).toBe('rgb(14, 17, 22)')

  hold.open(100)
  await shows('state', 'Everything arrived and is verified')
  await arrived(3 + hostile.length)
  await migration.done
  expect(await page.evaluate(() => document.body.dataset['loaded'])).toBe('once')
  expect(await page.locator('svg.plot:visible').count()).toBe(1)
  expect(complaints).toEqual([])

  await stop()
  await shows('connection', 'Not connected')
  await shows('state', 'Everything arrived and is verified')
  await page.close()
})

withBrowser('hostile names are text, and what is unfolded stays so while it changes', async () => {
  await mkdir(here.path('src'))
  const refused = ['<img src=x onerror=alert(1)>', '<script>alert(1)<', '"><iframe srcdoc=x>', ...hostile]
  for (const name of refused) await writeFile(here.path(`src/${name}|`), name)
  await writeFile(here.path(`src/${'x'.repeat(250)}`), 'too long')
  expect((await here.do('migrate ./src smh:refused --journal j')).code).toBe(1)
  const { url, stop } = await served(here, '--journal j')
  const { page, complaints } = await openPage(browser, url, (asked) => asked.startsWith(url))
  await page.locator('#connection', { hasText: 'Connected' }).waitFor()
  const shown = await page.locator('#failure-list .names > li > .name').allTextContents()
  for (const name of refused) expect(shown.join('\n')).toContain(`${name.replace('\u202e', '\\u202e')}|`)
  expect(await page.locator('#failure-list :is(img, script, iframe, b)').count()).toBe(0)

  await page.locator('details.reason > summary').first().click()
  expect(await page.locator('details.reason[open]').count()).toBe(0)
  await page
    .locator('.names li')
    .first()
    .evaluate((item) => {
      Object.assign(item, { kept: true })
    })
  const badge = page.locator('#failure-list .badge').first()
  const before = await badge.textContent()
  await writeFile(here.path('src/one more|'), 'refused as well')
  await here.do('migrate ./src smh:refused --journal j --retry-failed')
  await until(async () => (await badge.textContent()) !== before)
  expect(await page.locator('details.reason[open]').count()).toBe(0)
  const kept = await page.locator('.names li').evaluateAll((items) => items.filter((item) => 'kept' in item).length)
  expect(kept).toBe(1)
  expect(complaints).toEqual([])
  await stop()
  await page.close()
})
