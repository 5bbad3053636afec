// Plans as files: written whole, read a line at a time, and what is wrong with them told by line.
import * as E from 'fp-ts/Either'
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  checkPlan,
  mismatch,
  planMigration,
  readPlan,
  writePlan,
  type PlanHeader,
  type PlanLine,
} from '@anydrive/migrate'
import { at, memory } from './drives'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'anydrive-plan-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))
const file = (): string => join(dir, 'plan')

const header: PlanHeader = {
  source: { vendor: 'memory', path: at('in'), name: 'old' },
  target: { vendor: 'memory', path: at(''), name: 'new' },
  conflict: 'ask',
  names: 'refuse',
  when: new Date('2026-01-31T12:00:00Z'),
  tool: '1.2.3',
}
const line: PlanLine = {
  do: 'overwrite',
  kind: 'file',
  from: at('in/文件 "1"\n'),
  to: at('文件'),
  size: 3,
  modifiedAt: new Date('2026-01-01T00:00:00.123Z'),
  checksums: { sha256: 'ab', crc64xz: '00000000000000cd' },
  version: 'v1',
  existing: { path: at('文件'), kind: 'file', size: 2 },
  why: ['exists-different: 2 bytes, here 3'],
}
const directory: PlanLine = { do: 'mkdir', kind: 'directory', from: at(''), to: at('x'), existing: null, why: [] }

const write = (lines: ReadonlyArray<PlanLine>) =>
  writePlan(file(), header, async (add) => {
    for (const one of lines) await add(one)
    return true
  })
const opened = async () => {
  const plan = await readPlan(file())
  if (E.isLeft(plan)) throw new Error(plan.left.message)
  return plan.right
}
const linesOf = async () => {
  const all = []
  for await (const one of (await opened()).lines()) all.push(E.isLeft(one) ? one.left.message : one.right)
  return all
}
/** The header, and these lines as they are. */
const raw = async (...lines: ReadonlyArray<string>) => {
  await write([])
  appendFileSync(file(), lines.join('\n'))
}

test('what is written is read back', async () => {
  expect(await write([directory, line])).toEqual(E.right(true))
  expect((await opened()).header).toEqual(header)
  expect(await linesOf()).toEqual([directory, line])
  expect(readdirSync(dir)).toEqual(['plan'])
})

test('fields stand in one order, whatever that of the line', async () => {
  const { why, existing, ...rest } = line
  await write([line, { why, ...rest, existing }])
  const [first, one, other] = readFileSync(file(), 'utf8').trimEnd().split('\n')
  expect(one).toBe(other)
  expect(first).toBe(
    '{"anydrive":"plan","version":1,"source":{"vendor":"memory","path":"/in","name":"old"},"target":{"vendor":"memory","path":"/","name":"new"},' +
      '"conflict":"ask","names":"refuse","when":"2026-01-31T12:00:00.000Z","tool":"1.2.3"}',
  )
  expect(one).toBe(
    '{"do":"overwrite","kind":"file","from":"/in/文件 \\"1\\"\\n","to":"/文件","size":3,"modifiedAt":"2026-01-01T00:00:00.123Z",' +
      '"checksums":{"crc64xz":"00000000000000cd","sha256":"ab"},"version":"v1",' +
      '"existing":{"path":"/文件","kind":"file","size":2},"why":["exists-different: 2 bytes, here 3"]}',
  )
})

test('every line of a plan that was made is one that can be read', async () => {
  const from = await memory({ 'a/b': '1', c: '2', d: '3', e: '4', 'f:': '' })
  const to = await memory({ c: '2', 'd/': '', e: '5' }, { naming: { forbidden: ':' } })
  for (const conflict of ['ask', 'skip', 'overwrite', 'rename'] as const) {
    const plan = planMigration({ from: { drive: from }, to: { drive: to }, conflict })
    const made: Array<PlanLine> = []
    await writePlan(file(), plan.header, async (add) => {
      for await (const one of plan.lines) {
        if (E.isLeft(one)) return false
        made.push(one.right)
        await add(one.right)
      }
      return true
    })
    expect(await linesOf()).toEqual(made)
    rmSync(file())
  }
})

test('a file edited elsewhere is read as well: blank lines, CRLF, a byte order mark, no line feed at the end', async () => {
  await write([directory, line])
  const text = readFileSync(file(), 'utf8').trimEnd().split('\n')
  writeFileSync(file(), `\ufeff${text.join('\r\n\r\n')}`)
  expect(await linesOf()).toEqual([directory, line])
})

test.each([
  ['{"do":', 'line 2: it is no JSON'],
  ['[]', 'line 2: it is no JSON object'],
  ['{}', 'do: expected mkdir, merge, copy, overwrite, replace, rename, remove, skip or refuse, got missing'],
  ['7', 'line 2: it is no JSON object'],
  [
    '{"do":"move","kind":"file","from":"/a","to":"/b","size":1,"existing":null,"why":[]}',
    'line 2: do: expected mkdir, merge',
  ],
  [
    '{"do":"copy","kind":"file","from":"/a/../b","to":"/b","size":1,"existing":null,"why":[]}',
    'line 2: from: expected a path',
  ],
  [
    '{"do":"copy","kind":"file","from":"/a","to":"b//c","size":1,"existing":null,"why":[]}',
    'line 2: to: expected a path',
  ],
  [
    '{"do":"copy","kind":"file","from":"/a","to":"/b","size":-1,"existing":null,"why":[]}',
    'line 2: size: expected a whole number',
  ],
  [
    '{"do":"copy","kind":"file","from":"/a","to":"/b","size":1,"why":[]}',
    'line 2: existing: expected null or the existing entry, got missing',
  ],
  [
    '{"do":"copy","kind":"file","from":"/a","to":"/b","size":1,"modifiedAt":"yesterday","existing":null,"why":[]}',
    'modifiedAt: expected a moment',
  ],
  [
    '{"do":"copy","kind":"file","from":"/a","to":"/b","size":1,"vresion":"1","existing":null,"why":[]}',
    '"vresion" is no field',
  ],
  [
    '{"do":"copy","kind":"file","from":"/a","to":"/b","size":1,"existing":{"path":"/b","kind":"file","sice":1},"why":[]}',
    '"sice" is no field',
  ],
  [
    '{"do":"copy","kind":"file","from":"/a","to":"/b","size":1,"existing":{"path":"/b","kind":"file"},"why":[]}',
    'say overwrite, or give another name',
  ],
  [
    '{"do":"rename","kind":"file","from":"/a","to":"/b","size":1,"existing":{"path":"/b","kind":"file"},"why":[]}',
    'say overwrite, or give another name',
  ],
  [
    '{"do":"overwrite","kind":"file","from":"/a","to":"/b","size":1,"existing":null,"why":[]}',
    'say copy where nothing exists',
  ],
  ['{"do":"copy","kind":"file","from":"/a","to":"/","size":1,"existing":null,"why":[]}', 'a file needs a name in "to"'],
  [
    '{"do":"copy","kind":"directory","from":"/a","to":"/b","existing":null,"why":[]}',
    'say mkdir, merge, rename, skip or refuse',
  ],
  ['{"do":"copy","kind":"other","from":"/a","to":"/b","existing":null,"why":[]}', 'say skip or refuse'],
  ['{"do":"mkdir","kind":"file","from":"/a","to":"/b","size":1,"existing":null,"why":[]}', 'is for directories'],
  [
    '{"do":"mkdir","kind":"directory","from":"/a","to":"/b","existing":{"path":"/b","kind":"file"},"why":[]}',
    'a file exists at "to"',
  ],
])('%s is told', async (text, said) => {
  await raw(text, JSON.stringify({ do: 'mkdir', kind: 'directory', from: '/', to: '/x', existing: null, why: [] }))
  const [wrong, next] = await linesOf()
  expect(wrong).toContain(said)
  expect(next).toMatchObject({ do: 'mkdir' })
  expect(await checkPlan(await opened())).toMatchObject({
    left: {
      count: 1,
      errors: [
        { _tag: 'PlanLine', line: 2, remedy: 'Correct the line, or delete it: then its entry is not transferred.' },
      ],
    },
  })
})

test('all bad lines are counted, and the first twenty told', async () => {
  await raw(...Array.from({ length: 30 }, () => '{}'))
  const checked = await checkPlan(await opened())
  expect(checked).toMatchObject({ left: { count: 30 } })
  expect(E.isLeft(checked) && checked.left.errors.map((it) => it.line)).toEqual(
    Array.from({ length: 20 }, (_, i) => i + 2),
  )
})

test('a plan that was checked tells its entries and bytes, and by its digest another one', async () => {
  await write([directory, line, { ...line, do: 'skip' }])
  const one = await checkPlan(await opened())
  expect(one).toMatchObject({ right: { entries: 3, bytes: 3 } })
  appendFileSync(file(), '\n')
  const other = await checkPlan(await opened())
  expect(E.isRight(one) && E.isRight(other) && one.right.digest !== other.right.digest).toBe(true)
})

describe('what is no plan', () => {
  test.each([
    ['', 'the file is empty'],
    ['hello', 'not the first line of a plan'],
    ['{"anydrive":"plan"}', 'not the first line of a plan'],
    [
      '{"anydrive":"plan","version":2,"source":{"vendor":"a","path":"/","name":"a"},"target":{"vendor":"a","path":"/","name":"a"},"conflict":"ask","names":"refuse","when":"2026-01-31T12:00:00.000Z","tool":""}',
      'version 2 of plans is not known here',
    ],
    [
      '{"anydrive":"plan","version":1,"source":{"vendor":"a","path":"//","name":"a"},"target":{"vendor":"a","path":"/","name":"a"},"conflict":"ask","names":"refuse","when":"2026-01-31T12:00:00.000Z","tool":""}',
      'its paths or its date cannot be read',
    ],
  ])('%s', async (text, said) => {
    writeFileSync(file(), text)
    const plan = await readPlan(file())
    expect(plan).toMatchObject({ left: { _tag: 'PlanHeader', line: 1 } })
    expect(E.isLeft(plan) && plan.left.message).toContain(said)
  })
  test('a file that is missing, or one endless line', async () => {
    expect(await readPlan(file())).toMatchObject({ left: { _tag: 'PlanUnreadable' } })
    writeFileSync(file(), 'x'.repeat(3 * 2 ** 20))
    expect(await readPlan(file())).toMatchObject({ left: { _tag: 'PlanUnreadable' } })
    rmSync(file())
    await raw('x'.repeat(3 * 2 ** 20))
    expect(await checkPlan(await opened())).toMatchObject({ left: { errors: [{ _tag: 'PlanUnreadable' }] } })
  })
})

test('a plan is of one source and one target', async () => {
  await write([])
  const plan = await opened()
  const source = { vendor: 'memory', path: at('in') }
  const target = { vendor: 'memory', path: at(''), name: 'new' }
  expect(mismatch(plan, { source, target })).toBeUndefined()
  expect(mismatch(plan, { source: { ...source, path: at('out') }, target })).toMatchObject({ _tag: 'PlanMismatch' })
  expect(mismatch(plan, { source, target: { ...target, vendor: 'local' } })?.message).toContain('target')
  expect(mismatch(plan, { source, target: { ...target, name: 'other' } })?.message).toBe(
    `${file()} was made for the target new:/, not for other:/`,
  )
})

describe('writing', () => {
  test('does not replace a plan that stands', async () => {
    writeFileSync(file(), 'edited')
    expect(await write([])).toMatchObject({ left: { _tag: 'PlanUnwritable' } })
    expect(readFileSync(file(), 'utf8')).toBe('edited')
  })
  test('leaves nothing behind of a plan that did not come to its end', async () => {
    expect(await writePlan(file(), header, () => Promise.resolve(false))).toEqual(E.right(false))
    const thrown = await writePlan(file(), header, () => Promise.reject(new Error('no')))
    expect(thrown).toMatchObject({ left: { _tag: 'PlanUnwritable' } })
    expect(readdirSync(dir)).toEqual([])
  })
  test('is told where there is no directory', async () => {
    const lost = join(dir, 'no', 'plan')
    expect(await writePlan(lost, header, () => Promise.resolve(true))).toMatchObject({
      left: { _tag: 'PlanUnwritable' },
    })
    expect(existsSync(join(dir, 'no'))).toBe(false)
  })
})
