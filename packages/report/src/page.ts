// The page, from its first line to its last, written as the entries come.
import * as E from 'fp-ts/Either'
import { readAssets } from './assets'
import { gathering, type Gathering } from './gather'
import type { ReportInput, ReportOptions } from './input'
import { markup, verbatim, type Markup } from './markup'
import { createRows, type Rows } from './rows'
import {
  evidenceSection,
  failuresSection,
  headSection,
  namesSection,
  optionsSection,
  paceSection,
  totalsSection,
} from './sections'
import { tableSection } from './table'

/** By which a page is recognized as a report. */
export const generatorMark = '<meta name="generator" content="anydrive">'

/** About so many characters are handed on at once. */
const piece = 65_536

/** Nothing is loaded from anywhere, and nothing runs but the page's own script. */
export const policyOf = (script: string, style: string): string =>
  `default-src 'none'; script-src ${script}; style-src ${style}; base-uri 'none'; form-action 'none'`

/** Up to where the body begins. */
export const headMarkup = (title: string, policy: string, style: string): Markup => markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">${verbatim(generatorMark)}<title>${title}</title>
<style>${verbatim(style)}</style></head><body>
`

/** The entries stand before what sums them up: they are met once, and not kept. */
async function* entries<F>(
  records: ReportInput<F>['records'],
  rows: Rows,
  gathered: Gathering,
): AsyncGenerator<E.Either<F, string>, void> {
  let text = '<script type="application/json" id="data">{"rows":['
  let first = true
  for await (const record of records) {
    if (E.isLeft(record)) {
      yield record
      return
    }
    gathered.add(record.right)
    const row = rows.add(record.right)
    if (row === undefined) continue
    text += first ? `\n${row}` : `,\n${row}`
    first = false
    if (text.length < piece) continue
    yield E.right(text)
    text = ''
  }
  yield E.right(`${text}\n],${rows.rest()}}</script>\n`)
}

/** Ends after a left. */
export async function* page<F>(
  { records, ...told }: ReportInput<F>,
  options: ReportOptions = {},
): AsyncGenerator<E.Either<F, string>, void> {
  const { style, script } = readAssets('report')
  const rows = createRows(options)
  const gathered = gathering()
  yield E.right(headMarkup(`${told.title} – migration report`, policyOf(script.hash, style.hash), style.text).html)
  for await (const text of entries(records, rows, gathered)) {
    yield text
    if (E.isLeft(text)) return
  }
  const all = gathered.all()
  const sections = [
    headSection(told),
    totalsSection(told),
    failuresSection(all),
    paceSection(told),
    evidenceSection(told),
    namesSection(all, told),
    tableSection(rows),
    optionsSection(told),
  ]
  yield E.right(
    markup`<main>${sections}<footer>Written by anydrive. This page is complete in itself: it loads nothing, and sends nothing.</footer></main>
<script>${verbatim(script.text)}</script></body></html>
`.html,
  )
}
