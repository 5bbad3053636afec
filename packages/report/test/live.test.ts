// The page of a migration under way, from a state to its text.
import { liveFragments, livePage, type LiveState } from '@anydrive/report'
import { madeUp } from './made-up'

const at = Date.UTC(2026, 2, 3, 12, 0)
const state = (more: Partial<LiveState> = {}): LiveState => ({
  title: 'reports',
  state: 'running',
  remarks: [],
  startedAt: at - 3_600_000,
  at,
  totals: { files: 10, bytes: 1000, directories: 2, merged: 1, skipped: 0, others: 0, failures: 0, blocked: 0 },
  settled: { files: 10, bytes: 1000 },
  found: { files: 40, bytes: 4000, walked: true },
  timeLeft: 30 * 60_000,
  series: [],
  underWay: [],
  begun: 0,
  failures: [],
  ...more,
})
const textOf = (given: LiveState, id: string): string =>
  (liveFragments(given).get(id) ?? '').replace(/<[^<>]*>/g, ' ').replace(/\s+/g, ' ')

test('has every fragment in an element of its id', () => {
  const { html } = livePage(state())
  for (const [id, fragment] of liveFragments(state())) expect(html).toContain(`<div id="${id}">${fragment}</div>`)
})

test('says how far it is, and when it will have ended', () => {
  expect(textOf(state(), 'figures')).toMatch(/25\.0 % of 40 files.*Remaining 30 .*Estimated end \d\d:\d\d in 30 min /)
  expect(textOf(state({ timeLeft: 30 * 3_600_000 }), 'figures')).toMatch(/in 1 d 6 h, on \d Mar /)
  expect(textOf(state({ timeLeft: undefined }), 'figures')).toContain('too early to say')
  const searched = state({ found: { files: 40, bytes: 4000, walked: false }, timeLeft: undefined })
  expect(textOf(searched, 'figures')).toMatch(
    /still being searched: 40 files.*Remaining ≥ 30 .*once the source is searched/,
  )
  expect(textOf(state({ found: { files: 10, bytes: 1000, walked: true } }), 'figures')).toContain('100 %')
})

test('shows the speed of the last minute, and none where nothing was recorded in it', () => {
  const series = [0, 1, 2].map((n) => ({
    at: at - 60_000 + n * 30_000,
    files: n * 60,
    bytes: n * 1024 * 60,
    failures: 0,
  }))
  expect(textOf(state({ series }), 'figures')).toMatch(/Speed 2\.0 KiB\/s 2\.0 files\/s/)
  expect(textOf(state({ series, at: at + 120_000 }), 'figures')).toMatch(/Speed –/)
})

test('says why figures are old, and keeps them', () => {
  const text = textOf(state({ problem: 'the database cannot be reached' }), 'state')
  expect(text).toMatch(/not the latest.*the database cannot be reached.*Running/)
})

test('has the conclusion, the totals and the evidence of the report once it has ended', () => {
  const { records: _, ...ended } = madeUp(1000)
  const over = state({ state: 'ended', ended })
  expect(textOf(over, 'state')).toMatch(/arrive/)
  expect(textOf(over, 'figures')).toContain('Did not arrive')
  expect(textOf(over, 'verification')).toContain('How it was verified')
  expect(textOf(over, 'head')).toContain('A migration that has ended')
})

test('whatever comes from outside is text', () => {
  const bad = '</script><img src=x onerror=alert(1)>\u202e"\''
  const { html } = livePage(
    state({
      title: bad,
      remarks: [bad],
      problem: bad,
      underWay: [{ path: bad, bytes: 1, worker: bad }],
      begun: 1,
      failures: [{ reason: bad, remedy: bad, count: 3, examples: [{ path: bad, why: bad }] }],
      workers: [
        {
          ...{ id: bad, name: bad, concurrency: 1, done: { files: 0, bytes: 0 }, underWay: 0 },
          ...{ silence: 0, isAlive: true, refusal: bad },
        },
      ],
    }),
  )
  expect(html).not.toContain('<img')
  expect(html).not.toContain('\u202e')
  expect(html.match(/<\/script>/g)).toHaveLength(1)
  expect(html.match(/&lt;img src=x onerror=alert\(1\)&gt;/g)?.length).toBeGreaterThanOrEqual(10)
})
