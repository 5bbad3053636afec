// Migrations under faults of every kind, round after round: npm run torture [-- [--rounds N] [--files N] [--seed N] [--from DRIVE] [MODE…]]
// With --cluster one migration of 5,000 files by three workers, of which 30 are killed: npm run torture -- --cluster [--rounds N] [--files N]
// After each migration every file is accounted for. Prints a line for each mode and direction, and ends with 1 if anything was lost or misreported.
import { createRequire } from 'node:module'
import { copyFileSync, existsSync, openSync, readSync, closeSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { bin, run } from './run.mjs'
import { build } from './setup.mjs'
import { openDesk, random } from './torture/desk.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    files: { type: 'string' },
    seed: { type: 'string' },
    cluster: { type: 'boolean' },
    from: { type: 'string' },
  },
})
const rounds = Number(values.rounds ?? 100)
const files = Number(values.files ?? 300)
const next = random(Number(values.seed ?? 1))
const between = (least, most) => Math.floor(least + next() * (most - least))
const oneOf = (all) => all[between(0, all.length)]

const violations = []
const violation = (where, what) => {
  violations.push(`${where}: ${what}`)
  console.error(`VIOLATION ${where}: ${what}`)
}

const opposite = [
  ['smh', 'koo'],
  ['koo', 'smh'],
]
const outwards = [
  ['local', 'smh'],
  ['local', 'koo'],
]

/** The source of a direction: a directory of this machine, and for the others a copy of it on their drive. */
const fill = (desk, from) => {
  for (let i = 0; i < files; i++)
    desk.write(`src/d${i % 7}/e${i % 3}/f${i}.txt`, `${i} ${'x'.repeat(i % 19 === 0 ? 60_000 : (i % 5) * 100)}`)
  if (from === 'local') return './src'
  const put = desk.run('migrate', './src', `${from}:src`)
  if (put.status !== 0) throw new Error(`the source cannot be prepared: ${put.stderr}`)
  return `${from}:src`
}

/** Ends a migration without faults, and compares every byte: a file that is missing, doubled or different is a violation. */
const settle = (desk, where, migration, source, target) => {
  for (let n = 0; n < 5; n++) {
    const { status, stderr } = desk.run(...migration, '--resume', '--retry-failed')
    if (status === 0) break
    if (n === 4) return violation(where, `it does not end: ${status} ${stderr.slice(-500)}`)
  }
  const { status, stdout, stderr } = desk.run('check', source, target, '--content')
  if (status !== 0) violation(where, `source and target differ: ${stdout.slice(0, 500)}${stderr.slice(0, 500)}`)
}

/** Kills and pauses, each at a random moment of a migration that is resumed until it is complete. */
const interrupted =
  (name, disturb) =>
  async (desk, [from, to], where) => {
    const source = fill(desk, from)
    let dealt = 0
    for (let lap = 0; dealt < rounds; lap++) {
      const [target, journal] = [`${to}:dst${lap}`, `j${lap}.db`]
      const migration = ['migrate', source, target, '--conflict', 'rename', '--journal', journal]
      for (let n = 0; dealt < rounds; n++) {
        const { child, ended } = desk.begin(...migration, ...(n === 0 ? [] : ['--resume']))
        let over = false
        void ended.then(() => (over = true))
        await Promise.race([ended, delay(between(250, 2500))])
        if (over) break
        await disturb({ desk, child, ended, dealtWith: oneOf([from, to]) })
        dealt += 1
        const { code, signal, err } = await ended
        if (code === null && signal !== 'SIGKILL')
          violation(where, `the process ended with ${signal}: ${err.slice(-300)}`)
        if (!existsSync(desk.path(journal))) n = -1
      }
      settle(desk, where, migration, source, target)
    }
    return { rounds: dealt, what: name }
  }

const killClient = async ({ child }) => {
  child.kill('SIGKILL')
}
const killService = async ({ desk, dealtWith }) => {
  await desk.services[dealtWith].kill()
  await delay(between(0, 800))
  await desk.services[dealtWith].start()
}
const killBoth = async ({ desk, child, ended, dealtWith }) => {
  await Promise.all([killService({ desk, dealtWith }), delay(between(0, 300)).then(() => child.kill('SIGKILL'))])
  await ended
}
const pause = async ({ desk, child, dealtWith }) => {
  const { signal } = oneOf([{ signal: (it) => child.kill(it) }, desk.services[dealtWith]])
  signal('SIGSTOP')
  await delay(between(100, 3500))
  signal('SIGCONT')
}

const companions = ['', '-wal', '-shm', '-seal', '-lock']

/** Flips one bit of one of the journal's files; its name. */
const flip = (desk, journal) => {
  const present = companions.filter(
    (end) => (statSync(desk.path(journal + end), { throwIfNoEntry: false })?.size ?? 0) > 0,
  )
  const end = oneOf(present)
  const fd = openSync(desk.path(journal + end), 'r+')
  const at = between(0, statSync(desk.path(journal + end)).size)
  const byte = Buffer.alloc(1)
  readSync(fd, byte, 0, 1, at)
  byte[0] ^= 1 << between(0, 8)
  writeSync(fd, byte, 0, 1, at)
  closeSync(fd)
  return end
}

const copyAll = (desk, journal, from, to) => {
  for (const end of companions) {
    const [source, target] = [desk.path(journal + end + from), desk.path(journal + end + to)]
    rmSync(target, { force: true })
    if (existsSync(source)) copyFileSync(source, target)
  }
}

/** A damaged journal is noticed, or the damage changes nothing: either way nothing is doubled, and no damage ends the process. */
const damagedJournal = async (desk, [from, to], where) => {
  const source = fill(desk, from)
  let [dealt, noticed] = [0, 0]
  for (let lap = 0; dealt < rounds; lap++) {
    const [target, journal] = [`${to}:dst${lap}`, `j${lap}.db`]
    const migration = ['migrate', source, target, '--conflict', 'rename', '--journal', journal]
    const first = desk.begin(...migration)
    await delay(between(600, 2500))
    first.child.kill('SIGKILL')
    if ((await first.ended).code === 0) continue
    if (!existsSync(desk.path(`${journal}-seal`))) continue
    for (let complete = false; !complete && dealt < rounds;) {
      copyAll(desk, journal, '', '.copy')
      const end = flip(desk, journal)
      dealt += 1
      const { code, signal, err } = await desk.begin(...migration, '--resume', '--max-duration', '1s').ended
      if (code === 2) {
        noticed += 1
        if (!/journal/i.test(err)) violation(where, `refused without naming the journal: ${err.slice(0, 300)}`)
        copyAll(desk, journal, '.copy', '')
      } else if (code === null) {
        violation(where, `a flip in ${journal}${end} ended the process with ${signal}`)
        copyAll(desk, journal, '.copy', '')
      } else complete = code === 0
    }
    settle(desk, where, migration, source, target)
  }
  return {
    rounds: dealt,
    what: `one bit of a journal file flipped; ${noticed} noticed as damage, the others without effect`,
  }
}

const block = 4096
const blocks = 192

/** Files rewritten at both ends while they are read. What arrives is what the file was at some moment; everything else is named, with exit code 1. */
const rewritten = async (desk, [, to], where) => {
  const perRun = 10
  let [dealt, refused] = [0, 0]
  for (let lap = 0; dealt < rounds; lap++) {
    const target = `${to}:dst${lap}`
    /** The states that each file has had, oldest first. */
    const states = new Map()
    for (let i = 0; i < perRun; i++) {
      const content = Buffer.alloc(blocks * block, 0)
      desk.write(`lap${lap}/f${i}`, content)
      states.set(`f${i}`, [content])
    }
    const { ended } = desk.begin('migrate', `./lap${lap}`, target, '--bandwidth', '4M', '--concurrency', '3')
    let over = false
    void ended.then(() => (over = true))
    for (let generation = 1; !over; generation++) {
      const name = `f${between(0, perRun)}`
      const fd = openSync(desk.path(join(`lap${lap}`, name)), 'r+')
      for (const at of [0, (blocks - 1) * block]) {
        const all = states.get(name)
        const after = Buffer.from(all.at(-1))
        after.fill(generation % 256, at, at + block)
        all.push(after)
        writeSync(fd, after, at, block, at)
      }
      closeSync(fd)
      dealt += 1
      await delay(between(20, 120))
    }
    const { code, err } = await ended
    if (code !== 0 && code !== 1) violation(where, `exit code ${code}: ${err.slice(-300)}`)
    rmSync(desk.path(`out${lap}`), { recursive: true, force: true })
    desk.run('migrate', target, `./out${lap}`)
    for (const [name, all] of states) {
      const arrived = desk.read(join(`out${lap}`, name))
      if (arrived === undefined) {
        refused += 1
        if (code !== 1 || !err.includes(name)) violation(where, `${name} is missing and not named (exit code ${code})`)
      } else if (!all.some((state) => state.equals(arrived))) violation(where, `${name} arrived torn`)
    }
    rmSync(desk.path(`lap${lap}`), { recursive: true, force: true })
  }
  return { rounds: dealt, what: `a file rewritten while it was read; ${refused} files refused and named` }
}

/** A move that is killed again and again: each file is always at the source or at the target, and what was not to be moved stays. */
const moved = async (desk, [, to], where) => {
  let dealt = 0
  for (let lap = 0; dealt < rounds; lap++) {
    const [source, target, journal] = [`src${lap}`, `${to}:dst${lap}`, `j${lap}.db`]
    const wanted = new Map()
    for (let i = 0; i < files / 2; i++) wanted.set(`d${i % 5}/f${i}`, Buffer.from(`${i} ${'y'.repeat((i % 7) * 50)}`))
    for (const [name, content] of wanted) desk.write(join(source, name), content)
    desk.write(join(source, 'd1/keep/excluded'), 'excluded')
    desk.write(join(source, 'd2/bad:name'), 'refused by the target')
    const unnameable = Buffer.concat([Buffer.from(`${desk.path(source)}/d3/`), Buffer.from([0x66, 0xff])])
    closeSync(openSync(unnameable, 'w'))
    const migration = [
      'migrate',
      `./${source}`,
      target,
      '--move',
      '--exclude',
      'keep/',
      '--journal',
      journal,
      '--conflict',
      'rename',
    ]
    for (let n = 0; ; n++) {
      const { child, ended } = desk.begin(
        ...migration,
        ...(n > 0 && existsSync(desk.path(journal)) ? ['--resume'] : []),
      )
      const timer = setTimeout(() => child.kill('SIGKILL'), between(300, 1800))
      const { code } = await ended
      clearTimeout(timer)
      if (code !== null || dealt >= rounds) break
      dealt += 1
    }
    const last = desk.run(...migration, '--resume', '--retry-failed')
    if (last.status !== 1)
      violation(where, `exit code ${last.status}, although entries were skipped: ${last.stderr.slice(-300)}`)
    desk.run('migrate', target, `./out${lap}`)
    for (const [name, content] of wanted) {
      const [kept, arrived] = [desk.read(join(source, name)), desk.read(join(`out${lap}`, name))]
      if (arrived === undefined ? !kept?.equals(content) : !arrived.equals(content)) violation(where, `${name} is lost`)
    }
    for (const kept of ['d1/keep/excluded', 'd2/bad:name'])
      if (desk.read(join(source, kept)) === undefined) violation(where, `${kept} is gone, and was not to be moved`)
    if (!existsSync(unnameable)) violation(where, 'the file without a name that a path can hold is gone')
  }
  return { rounds: dealt, what: 'kills of a move with excluded, refused and unnameable entries' }
}

/** Sizes that KooDrive omits, or states as null, as an empty text or as 0: every file is moved whole. */
const unstated = async (desk, [, to], where) => {
  const { startFaultProxy } = createRequire(import.meta.url)('../packages/conformance')
  const proxy = await startFaultProxy(desk.of('koo').baseUrl)
  desk.configure({ lying: { ...desk.of('koo'), baseUrl: proxy.url } })
  let lie
  proxy.intercept(async (_, forward) => {
    const response = await forward()
    if (!String(response.headers?.['content-type']).includes('json')) return response
    const body = JSON.stringify(JSON.parse(String(response.body)), (key, value) =>
      key === 'size' ? lie(value) : value,
    )
    return { ...response, body: Buffer.from(body) }
  })
  for (let round = 0; round < rounds; round++) {
    const wanted = new Map()
    for (let i = 0; i < 6; i++) wanted.set(`f${i}`, Buffer.from('z'.repeat(oneOf([0, 1, 7, 500, 70_000]))))
    for (const [name, content] of wanted) desk.write(join(`s${round}`, name), content)
    lie = (value) => value
    desk.run('migrate', `./s${round}`, `koo:s${round}`)
    const [share, instead] = [next(), oneOf([undefined, null, '', 0])]
    lie = (value) => (next() < share ? instead : value)
    const target = to === 'local' ? `./t${round}` : `${to}:t${round}`
    const verify = oneOf(['size', 'stream', 'full'])
    const { ended } = desk.begin('migrate', `lying:s${round}`, target, '--move', '--verify', verify)
    const { code, err } = await ended
    lie = (value) => value
    if (code === null || code > 1) violation(where, `exit code ${code}: ${err.slice(-300)}`)
    desk.run('migrate', `koo:s${round}`, `./kept${round}`)
    if (to !== 'local') desk.run('migrate', target, `./t${round}`)
    for (const [name, content] of wanted) {
      const [arrived, kept] = [desk.read(join(`t${round}`, name)), desk.read(join(`kept${round}`, name))]
      if (!arrived?.equals(content) && !kept?.equals(content))
        violation(where, `${name} is lost (${verify}, ${instead})`)
      if (code === 0 && !arrived?.equals(content)) violation(where, `${name} did not arrive, and nothing says so`)
    }
  }
  await proxy.close()
  return { rounds, what: 'moves of files whose size is not stated, or stated as 0' }
}

/** A directory, and the same directory over WebDAV: a move onto itself, or into or out of its own parent, removes nothing. */
const samePlace = async (desk, [from], where) => {
  desk.write('shared/.keep', '')
  const { child, line } = await desk.serve('serve', 'webdav', './shared')
  desk.configure({ dav: { type: 'webdav', url: line, http: { attempts: 3 } } })
  for (let round = 0; round < rounds; round++) {
    const wanted = new Map()
    for (let i = 0; i < 5; i++) wanted.set(`r${round}/d${i % 2}/f${i}`, Buffer.from(`${round} ${i}`))
    for (const [name, content] of wanted) desk.write(join('shared', name), content)
    const [inner, outer] = [`r${round}/d0`, `r${round}`]
    const [source, target] = oneOf([
      [outer, outer],
      [inner, inner],
      [outer, inner],
    ])
    const ends = from === 'local' ? [`./shared/${source}`, `dav:${target}`] : [`dav:${source}`, `./shared/${target}`]
    const conflict = oneOf(['overwrite', 'skip', 'rename', 'different'])
    const { status, stderr } = desk.run('migrate', ...ends, '--move', '--conflict', conflict, '--verify', 'full')
    if (status === 0) violation(where, `${ends.join(' → ')} under ${conflict} succeeded: ${stderr.slice(-200)}`)
    for (const [name, content] of wanted)
      if (!desk.read(join('shared', name))?.equals(content)) violation(where, `${name} is lost (${ends.join(' → ')})`)
  }
  child.kill('SIGTERM')
  return { rounds, what: 'moves of a directory onto or into itself, under another name of the same place' }
}

const modes = {
  client: { directions: opposite, run: interrupted('kills of the client (SIGKILL)', killClient) },
  service: {
    directions: opposite,
    run: interrupted('kills of a service (SIGKILL), restarted with its data', killService),
  },
  both: { directions: opposite, run: interrupted('kills of the client and a service at once', killBoth) },
  pause: { directions: opposite, run: interrupted('SIGSTOP of the client or a service for up to 3.5 s', pause) },
  journal: { directions: opposite, run: damagedJournal },
  rewrite: { directions: outwards, run: rewritten },
  move: { directions: outwards, run: moved },
  sizes: {
    directions: [
      ['koo', 'local'],
      ['koo', 'smh'],
    ],
    run: unstated,
  },
  same: {
    directions: [
      ['local', 'webdav'],
      ['webdav', 'local'],
    ],
    run: samePlace,
  },
}

const unknown = positionals.filter((name) => !Object.hasOwn(modes, name))
if (unknown.length > 0) {
  console.error(`unknown mode ${unknown.join(', ')}; there are ${Object.keys(modes).join(', ')}`)
  process.exit(2)
}
await build()
if (values.cluster === true) {
  process.env.ANYDRIVE_MACHINES_FILES = values.files ?? '5000'
  process.env.ANYDRIVE_MACHINES_KILLS = values.rounds ?? '30'
  run(bin('jest'), ['packages/cli/test/machines.test.ts', '--testTimeout=7200000'])
  process.exit()
}
for (const [name, { directions, run }] of Object.entries(modes)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  for (const direction of directions.filter(([from]) => (values.from ?? from) === from)) {
    const where = `${name} ${direction.join(' → ')}`
    const before = violations.length
    const started = Date.now()
    const desk = await openDesk()
    try {
      const { rounds: dealt, what } = await run(desk, direction, where)
      const seconds = Math.round((Date.now() - started) / 1000)
      console.log(`${where}: ${dealt} × ${what}: ${violations.length - before} violations, ${seconds} s`)
    } finally {
      await desk.close()
    }
  }
}
process.exitCode = violations.length === 0 ? 0 : 1
