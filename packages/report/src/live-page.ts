// The page of a migration under way, and the pieces of it that change.
import { readAssets } from './assets'
import { liveSections } from './live-sections'
import type { LiveState } from './live-state'
import { markup, verbatim } from './markup'
import { headMarkup, policyOf } from './page'

export interface LivePage {
  readonly html: string
  /** The value of the header Content-Security-Policy: only the page's own script and style, requests only to where it came from, and in no frame. */
  readonly policy: string
}

/** By the id of the element that holds each. */
export const liveFragments = (state: LiveState): ReadonlyMap<string, string> =>
  new Map([...liveSections(state)].map(([id, { html }]) => [id, html]))

/**
 * The whole page. Its script reads the server-sent events of `events`, relative to the page: each one is a JSON object of fragments by id, those that have
 * changed.
 */
export const livePage = (state: LiveState): LivePage => {
  const { style, script } = readAssets('live')
  const policy = `${policyOf(script.hash, style.hash)}; connect-src 'self'`
  const holders = [...liveSections(state)].map(([id, section]) => markup`<div id="${id}">${section}</div>`)
  const { html } =
    markup`${headMarkup(`${state.title} – migration`, policy, style.text)}<main>${holders}<footer><p id="connection" role="status">This page shows the state of one moment.</p><p>Written by anydrive. It changes nothing, and loads nothing from other servers.</p></footer></main>
<script>${verbatim(script.text)}</script></body></html>
`
  return { html, policy: `${policy}; frame-ancestors 'none'` }
}
