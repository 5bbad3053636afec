// Samples as rates, and the ticks beside them.
import { clockStep, clockTicks, ticksUpTo } from '../src/axis'
import { countText, durationText, nameParts } from '../src/format'
import { ratesOf, stretchesOf } from '../src/throughput'

const sample = (at: number, bytes: number, run?: string) => ({ at: at * 1000, bytes, files: 0, failures: 0, run })

test('a run that was interrupted is two stretches, and the time between is of neither', () => {
  const series = [sample(5, 50, 'a'), sample(10, 100, 'a'), sample(1000, 150, 'b'), sample(1005, 200, 'b')]
  const stretches = stretchesOf(series, 0)
  expect(stretches.map((stretch) => stretch.map(({ at, bytes }) => [at / 1000, bytes]))).toEqual([
    [
      [0, 0],
      [5, 50],
      [10, 100],
    ],
    [
      [995, 100],
      [1000, 150],
      [1005, 200],
    ],
  ])
})

test('a long silence is a gap without another run, a short one is not', () => {
  const series = [0, 5, 10, 25, 30, 35, 40, 400, 405].map((at) => sample(at, at))
  expect(stretchesOf(series, 0).map((stretch) => stretch.length)).toEqual([7, 3])
})

test('nothing comes of nothing', () => {
  expect(stretchesOf([], 0)).toEqual([])
  expect(stretchesOf([sample(0, 0)], 0)).toEqual([])
})

test('rates keep the sum, however fine they are', () => {
  const [stretch = []] = stretchesOf([sample(0, 0), sample(4, 4000), sample(10, 5000)], 0)
  for (const parts of [1, 3, 7, 100]) {
    const rates = ratesOf(stretch, parts)
    const sum = rates.reduce((total, { bytes, from, until }) => total + (bytes * (until - from)) / 1000, 0)
    expect(sum).toBeCloseTo(5000)
    expect(rates).toHaveLength(parts)
  }
  expect(ratesOf(stretch, 5)[0]).toMatchObject({ from: 0, until: 2000, bytes: 1000 })
})

test('a failure is counted in one part', () => {
  const series = [0, 10, 20].map((at) => ({ ...sample(at, 0), failures: at / 10 }))
  const [stretch = []] = stretchesOf(series, 0)
  expect(ratesOf(stretch, 7).reduce((sum, { failures }) => sum + failures, 0)).toBe(2)
})

test.each([
  [7, false, [0, 5, 10]],
  [0.3, false, [0, 0.1, 0.2, 0.3]],
  [3000, true, [0, 1024, 2048, 3072]],
  [250 * 2 ** 20, true, [0, 100 * 2 ** 20, 200 * 2 ** 20, 300 * 2 ** 20]],
])('ticks up to %p', (max, binary, ticks) => {
  const found = ticksUpTo(max, 3, binary)
  expect(found).toHaveLength(ticks.length)
  found.forEach((tick, i) => expect(tick).toBeCloseTo(ticks[i] ?? -1))
})

test('ticks of the clock are full hours of this machine', () => {
  expect(clockStep(3_600_000, 6)).toBe(600_000)
  const ticks = clockTicks(Date.UTC(2026, 0, 1, 0, 20), Date.UTC(2026, 0, 1, 3, 20), 3_600_000)
  expect(ticks).toHaveLength(3)
  for (const tick of ticks) expect(new Date(tick).getMinutes()).toBe(0)
})

test.each([
  [4200, '4.2 s'],
  [80_000, '1 min 20 s'],
  [3_600_000, '1 h'],
  [3_600_000 * 100, '4 d 4 h'],
])('%p ms is %p', (ms, text) => expect(durationText(ms)).toBe(text))

test('what would not be seen in a name is an escape', () => {
  expect(nameParts('a\u202eb\n')).toEqual([
    { text: 'a', escape: false },
    { text: '\\u202e', escape: true },
    { text: 'b', escape: false },
    { text: '\\u000a', escape: true },
  ])
  expect(nameParts('שלום 👩‍👩‍👧')).toEqual([{ text: 'שלום 👩‍👩‍👧', escape: false }])
  expect(countText(1234567, 'file')).toBe('1,234,567 files')
})
