// A migration that never was, of any size.
import * as E from 'fp-ts/Either'
import type { ReportInput, ReportRecord, ReportSample } from '@anydrive/report'

/** Globals are slow where tests run. */
const { floor, imul } = Math
const day = Date.UTC(2026, 2, 3, 8, 0)
const folders = [
  'Contracts',
  'Marketing/Campaigns',
  'Engineering/Drawings',
  '财务/2025年度',
  'Photos',
  'HR/Bewerbungen',
  'ארכיון',
]
const ends = ['pdf', 'docx', 'xlsx', 'jpg', 'mp4', 'dwg']

/** Repeatable. */
const randomOf = (seed: number) => () => {
  seed = (imul(seed, 1664525) + 1013904223) >>> 0
  return seed / 2 ** 32
}

const failures = [
  {
    reason: 'LimitExceeded',
    why: 'a name too long; the limit is 255',
    remedy: 'Shorten the name.',
  },
  {
    reason: 'Unavailable',
    why: 'the service is not available; try again later',
    remedy: 'Run it again with --retry-failed.',
  },
  {
    reason: 'ChecksumMismatch',
    why: 'the bytes that arrived are not those that were sent (sha256)',
    remedy: 'The copy was not kept. Run it again; if that fails too, check the source file itself.',
  },
]

const recordOf = (i: number, random: () => number): ReportRecord => {
  const folder = folders[floor((i / 50) % folders.length)] ?? ''
  const path = `${folder}/${String(floor(i / 1000)).padStart(4, '0')}/${i % 17 === 0 ? '📎 ' : ''}Document ${i}.${ends[i % ends.length] ?? ''}`
  const bytes = floor(random() ** 6 * 4e8) + 1200
  const chance = random()
  const failure = failures[floor(random() ** 2 * failures.length)] ?? {}
  if (chance < 0.0008) return { path, kind: 'file', status: 'failed', bytes, ...failure }
  const to = `archive/${path}`
  if (chance < 0.002)
    return {
      path,
      to: to.replace(/(\.\w+)$/, ' (1)$1'),
      kind: 'file',
      status: 'carried',
      bytes,
      how: 'renamed',
      evidence: 'checksum:crc64xz',
      departure: 'sha256',
    }
  if (chance < 0.004)
    return {
      path,
      to: to.replaceAll(' ', '␠'),
      kind: 'file',
      status: 'carried',
      bytes,
      how: 'encoded',
      evidence: 'checksum:crc64xz',
      departure: 'sha256',
    }
  if (chance < 0.02) return { path, to, kind: 'file', status: 'skipped', bytes, evidence: 'checksum:sha256' }
  if (chance < 0.03) return { path: `${path} folder`, to: `${to} folder`, kind: 'directory', status: 'made' }
  const evidence =
    chance < 0.06 ? 'read-back' : chance < 0.2 ? 'vendor-checked:sha256' : chance < 0.21 ? 'size' : 'checksum:crc64xz'
  return {
    path,
    to,
    kind: 'file',
    status: 'carried',
    bytes,
    how: 'as-asked',
    instant: chance > 0.97,
    evidence,
    departure: chance < 0.3 ? 'none' : 'sha256',
  }
}

export function* recordsOf(count: number): Generator<E.Either<never, ReportRecord>, void> {
  const random = randomOf(7)
  for (let i = 0; i < count; i++) yield E.right(recordOf(i, random))
}

/** Two working days with a night between, and a reboot. */
const seriesOf = (files: number, bytes: number): ReadonlyArray<ReportSample> => {
  const random = randomOf(3)
  const runs = [
    [day, 4.2],
    [day + 5 * 3_600_000, 5],
    [day + 24 * 3_600_000, 6.5],
  ] as const
  const raw: Array<{ at: number; run: string; files: number; bytes: number; failures: number }> = []
  const sum = { files: 0, bytes: 0, failures: 0 }
  runs.forEach(([from, hours], run) => {
    let level = 0.5
    for (let at = from + 5000; at < from + hours * 3_600_000; at += 5000) {
      level = Math.min(1, Math.max(0.05, level + (random() - 0.5) * 0.1))
      const noon = Math.abs(((at - day) / 3_600_000) % 24) > 3 ? 0.6 : 1
      sum.bytes += level * noon
      sum.files += (1.2 - level) * noon
      sum.failures += random() < 0.004 ? 1 : 0
      raw.push({ at, run: String(run), ...sum })
    }
  })
  return raw.map((sample) => ({
    ...sample,
    bytes: (sample.bytes / sum.bytes) * bytes,
    files: Math.round((sample.files / sum.files) * files),
  }))
}

/** Totals that fit the records. */
export const madeUp = (count: number): ReportInput<never> => {
  const totals = {
    files: 0,
    bytes: 0,
    directories: 0,
    merged: 12,
    skipped: 0,
    identical: 0,
    blocked: 0,
    failures: 0,
    renames: 0,
    encodings: 0,
    others: 0,
    removed: 0,
    instantFiles: 0,
    instantBytes: 0,
  }
  const arrivals: Record<string, number> = {}
  const departures: Record<string, number> = {}
  for (const record of recordsOf(count)) {
    if (E.isLeft(record)) continue
    const { status, how, bytes = 0, instant, evidence = '', departure = '' } = record.right
    if (status === 'made') totals.directories += 1
    if (status === 'skipped') {
      totals.skipped += 1
      totals.identical += 1
    }
    if (status === 'failed') totals.failures += 1
    if (how === 'renamed') totals.renames += 1
    if (how === 'encoded') totals.encodings += 1
    if (status !== 'carried') continue
    totals.files += 1
    totals.bytes += bytes
    if (instant === true) {
      totals.instantFiles += 1
      totals.instantBytes += bytes
    }
    arrivals[evidence] = (arrivals[evidence] ?? 0) + 1
    departures[departure] = (departures[departure] ?? 0) + 1
  }
  const series = seriesOf(totals.files, totals.bytes)
  return {
    title: 'Company drive to the archive',
    from: 'smh:company',
    to: 'koo:archive',
    startedAt: day,
    endedAt: series.at(-1)?.at ?? day,
    state: 'complete',
    options: { conflict: 'rename', names: 'encode', verify: 'sample:5%', journal: 'company.journal', concurrency: '8' },
    totals,
    arrivals,
    departures,
    series,
    records: recordsOf(count),
  }
}
