// The samples of many runs and workers as one series.
import { createSeries, type SeriesPoint } from '@anydrive/migrate'

const sample = (run: string, at: number, files: number): SeriesPoint => ({
  run,
  at,
  files,
  bytes: files * 10,
  failures: 0,
})

test('rises over runs, each of which counts from 0', () => {
  const series = createSeries()
  for (const one of [sample('a', 1, 1), sample('a', 2, 5), sample('b', 9, 0), sample('b', 10, 2)]) series.add(one)
  expect(series.points().map(({ run, at, files, bytes }) => [run, at, files, bytes])).toEqual([
    ['a', 1, 1, 10],
    ['a', 2, 5, 50],
    ['b', 9, 5, 50],
    ['b', 10, 7, 70],
  ])
})

test('adds up workers of one run', () => {
  const series = createSeries()
  expect(series.add(sample('a', 1, 3), 'one').files).toBe(3)
  expect(series.add(sample('a', 2, 4), 'two').files).toBe(7)
  expect(series.add(sample('a', 3, 5), 'one').files).toBe(9)
})

test('is bounded however long it is; its end is exact, and so is each pause', () => {
  const series = createSeries(500)
  const hours = 2_000_000
  for (let i = 0; i < 20_000; i++) series.add(sample('a', i * 5000, i))
  for (let i = 0; i < 20_000; i++) series.add(sample('b', 20_000 * 5000 + hours + i * 5000, i))
  const points = series.points()
  expect(points.length).toBeLessThanOrEqual(501)
  expect(points.length).toBeGreaterThan(200)
  expect(points.at(-1)).toMatchObject({ files: 2 * 19_999, at: 20_000 * 5000 + hours + 19_999 * 5000 })
  const second = points.findIndex(({ run }) => run === 'b')
  expect((points[second]?.at ?? 0) - (points[second - 1]?.at ?? 0)).toBe(hours + 5000)
  const steps = points.slice(1, second).map(({ at }, i) => at - (points[i]?.at ?? 0))
  expect(Math.max(...steps)).toBeLessThanOrEqual(2 * Math.min(...steps.slice(0, -1)))
})
