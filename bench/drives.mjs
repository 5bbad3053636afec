// Drives that hold a million files without holding them: names are made as they are asked for.
import core from '../packages/core/dist/index.js'
import memory from '../packages/memory/dist/index.js'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'

const right = (value) => () => Promise.resolve({ _tag: 'Right', right: value })
const pageSize = 1000
const modifiedAt = new Date('2026-01-01T00:00:00Z')
const numbered = (i) => `file-${String(i).padStart(8, '0')}.txt`

const fileOf = (dir, i) => {
  const name = numbered(i)
  return { kind: 'file', path: `${dir}/${name}`, name, size: 0, checksums: {}, modifiedAt, version: String(i) }
}
const directory = (path) => ({ kind: 'directory', path, name: path.split('/').at(-1) })

/** `dir` with so many empty files, listed a page at a time, by name or in another order. */
export const full = (dir, count, { sorted = true } = {}) => {
  const base = memory.openMemory()
  const at = sorted ? (i) => i : (i) => (i * 7919) % count
  return {
    ...base,
    capabilities: { ...base.capabilities, features: { ...base.capabilities.features, sortedList: sorted } },
    stat: (path) => right(path === dir || path === '' ? directory(path) : fileOf(dir, Number(/\d+/.exec(path)[0]))),
    list: (path, { cursor } = {}) => {
      if (path === '') return right({ items: [directory(dir)] })
      const from = Number(cursor ?? 0)
      const to = Math.min(count, from + pageSize)
      const items = Array.from({ length: to - from }, (_, i) => fileOf(dir, at(from + i)))
      return right({ items, ...(to < count ? { next: String(to) } : {}) })
    },
    readFile: (path) => {
      const entry = fileOf(dir, Number(/\d+/.exec(path)[0]))
      return right({ stream: Readable.from([]), size: 0, range: { start: 0, end: 0 }, entry })
    },
  }
}

/** Takes everything and keeps nothing. */
export const sink = () => {
  const base = memory.openMemory()
  return {
    ...base,
    stat: (path) =>
      path === ''
        ? right(directory(path))
        : () =>
            Promise.resolve({
              _tag: 'Left',
              left: core.locate({ vendor: 'sink', operation: 'stat', path })(core.notFound({ what: 'source' })),
            }),
    list: () => right({ items: [] }),
    createDir: (path) => right({ ...directory(path), how: 'as-asked' }),
    writeFile: (path, source) => async () => {
      const opened = await source.open({ start: 0, end: source.size }, new AbortController().signal)()
      if (opened._tag === 'Left') return opened
      await opened.right.forEach(() => undefined)
      const name = path.split('/').at(-1)
      const file = { kind: 'file', path, name, size: source.size, checksums: {} }
      return { _tag: 'Right', right: { ...file, how: 'as-asked', evidence: 'size' } }
    },
  }
}

/** Of this process since its start; `maxRSS` would be that of the process that started it, where that had more. */
export const peakMib = () =>
  Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024)
