// A real browser, for tests of pages.
import { existsSync } from 'node:fs'
import { chromium, type Browser, type Page } from 'playwright-core'

export type { Browser, Page }

const executablePath = '/usr/bin/chromium'
const isInstalled = existsSync(executablePath)
if (!isInstalled) console.warn(`${executablePath} is missing: no page is tried in a browser`)
/** `test`, or left out where the browser is not installed, with the message above. */
export const withBrowser = isInstalled ? test : test.skip

const quiet = '--disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'

/** Undefined where it is not installed. */
export const startBrowser = (): Promise<Browser | undefined> =>
  isInstalled
    ? chromium.launch({ executablePath, args: ['--headless', '--no-sandbox', '--disable-gpu', ...quiet.split(' ')] })
    : Promise.resolve(undefined)

export interface Seen {
  readonly page: Page
  /** What the page asked for that is not allowed, and what its console said. */
  readonly complaints: ReadonlyArray<string>
}

/** The page of this URL. */
export const openPage = async (
  browser: Browser | undefined,
  url: string,
  isAllowed: (url: string) => boolean = (asked) => asked === url,
): Promise<Seen> => {
  if (browser === undefined) throw new Error('there is no browser')
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  const complaints: Array<string> = []
  page.on('request', (request) => {
    if (!isAllowed(request.url())) complaints.push(`request ${request.url()}`)
  })
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('dialog', (dialog) => {
    complaints.push(`dialog ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.goto(url)
  return { page, complaints }
}
