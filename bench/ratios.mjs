// Ratios that no machine's speed changes much: the start of the command beside node's, a request of the emulator beside a plain server's, what is used of a connection with
// latency, and of a service's limit of requests. Prints a table; see docs/performance.md.
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { keepResults } from './small/results.mjs'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const command = here('../packages/cli/bin/anydrive.js')
const dir = mkdtempSync(join(tmpdir(), 'anydrive-ratios-'))
const rounds = Number(process.argv[2] ?? 5)
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]
const results = []
const row = (what, ratio, goal, how) => results.push({ what, ratio, goal, how })

/** Seconds that it took. */
const run = async (...args) => {
  const started = performance.now()
  const child = spawn(process.execPath, args, { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (text) => (said += text))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${said}`)
  return (performance.now() - started) / 1000
}
const asked = async (service) => {
  service.send('report')
  const [report] = await once(service, 'message')
  return report
}
const withService = async (script, options, work) => {
  const service = fork(here(script), [JSON.stringify(options)])
  try {
    const [first] = await once(service, 'message')
    return await work(service, first)
  } finally {
    service.kill()
    await once(service, 'close')
  }
}
const files = (name, count) => {
  for (let i = 0; i < count; i++) {
    if (i % 50 === 0) mkdirSync(join(dir, name, `d${i / 50}`), { recursive: true })
    writeFileSync(join(dir, name, `d${Math.floor(i / 50)}`, `f${i}`), `${i}`)
  }
  return `./${name}`
}
/** Files a second of one migration, without the time of a migration of one file. */
const migrate = async (drives, source, count, concurrency) => {
  drives.smh.http = { concurrency: 2 * concurrency }
  writeFileSync(join(dir, 'anydrive.json'), JSON.stringify({ drives }))
  const how = ['--concurrency', String(concurrency)]
  const least = await run(command, 'migrate', files('one', 1), 'smh:one', ...how)
  return count / ((await run(command, 'migrate', source, 'smh:to', ...how)) - least)
}

const start = async () => {
  const times = { node: [], version: [], ls: [] }
  for (let round = 0; round < rounds; round++) {
    times.node.push(await run('-e', '0'))
    times.version.push(await run(command, '--version'))
    times.ls.push(await run(command, 'ls', './'))
  }
  row('`anydrive --version` ÷ `node -e 0`', median(times.version) / median(times.node), '≤ 3', `${rounds} rounds`)
  row('`anydrive ls ./` ÷ `node -e 0`', median(times.ls) / median(times.node), '≤ 4', `${rounds} rounds`)
}

/** Milliseconds of processor time of the server for each of many requests, sixteen at once. */
const served = async (service, url, count) => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 16 })
  const get = async () => {
    const [response] = await once(http.get(url, { agent }), 'response')
    response.resume()
    await once(response, 'end')
  }
  const several = async (n) => {
    for (let i = 0; i < n; i += 16) await Promise.all(Array.from({ length: 16 }, get))
  }
  await several(count)
  await asked(service)
  await several(count)
  agent.destroy()
  const { cpu, requests } = await asked(service)
  return cpu / requests
}
const emulator = async () => {
  const costs = { plain: [], emulator: [] }
  for (let round = 0; round < rounds; round++) {
    costs.plain.push(
      await withService('./small/plain-server.mjs', {}, (service, { url }) => served(service, `${url}/a/b?c=d`, 4000)),
    )
    costs.emulator.push(
      await withService('./small/services.mjs', {}, async (service, { smh }) => {
        writeFileSync(join(dir, 'anydrive.json'), JSON.stringify({ drives: { smh } }))
        await run(command, 'migrate', files('one', 1), 'smh:one')
        const { libraryId, baseUrl } = smh
        const secret = `library_id=${libraryId}&library_secret=${smh.auth.librarySecret}&grant=space_admin`
        const [token] = await once(
          http.request(`${baseUrl}/api/v1/token?${secret}`, { method: 'POST' }).end(),
          'response',
        )
        const { accessToken } = JSON.parse((await token.toArray()).join(''))
        return served(service, `${baseUrl}/api/v1/file/${libraryId}/-/one/d0/f0?info&access_token=${accessToken}`, 4000)
      }),
    )
  }
  row(
    'a request of the emulator ÷ one of node:http, processor time',
    median(costs.emulator) / median(costs.plain),
    '≤ 4',
    `${rounds} rounds of 4,000 requests`,
  )
}

const far = async (latencyMs, concurrency) => {
  const count = concurrency * Math.ceil(20_000 / (3 * latencyMs))
  const source = files(`far-${latencyMs}`, count)
  const perSecond = await withService('./small/services.mjs', { latencyMs }, (_, drives) =>
    migrate(drives, source, count, concurrency),
  )
  // Three requests for each file.
  const possible = (concurrency * 1000) / (3 * latencyMs)
  row(
    `${latencyMs} ms of latency: of what ${concurrency} at once can do`,
    perSecond / possible,
    '≥ 0.9',
    `${count} files`,
  )
}

const limited = async (ratePerSecond) => {
  const count = 20 * ratePerSecond
  const source = files(`rate-${ratePerSecond}`, count)
  await withService('./small/services.mjs', { ratePerSecond }, async (service, drives) => {
    const perSecond = await migrate(drives, source, count, 16)
    const { requests, refused } = await asked(service)
    row(
      `${ratePerSecond} requests a second: of the limit`,
      (3 * perSecond) / ratePerSecond,
      '≥ 0.9',
      `${count} files, a minute`,
    )
    row(`${ratePerSecond} requests a second: refused`, refused / requests, '< 0.03', `${requests} requests`)
  })
}

try {
  await start()
  await emulator()
  await far(50, 16)
  await far(200, 16)
  for (const rate of [5, 20, 100]) await limited(rate)
} finally {
  rmSync(dir, { recursive: true })
}
console.log('| what | ratio | goal | how |')
console.log('| --- | --- | --- | --- |')
for (const { what, ratio, goal, how } of results) console.log(`| ${what} | ${ratio.toFixed(2)} | ${goal} | ${how} |`)
keepResults('ratios', results)
