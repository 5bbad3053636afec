// A worker that is cut off from the database, but not from the vendors, for longer than its lease, and then connected again.
import { openDatabase, updateSchema, type Database } from '@anydrive/cluster'
import { startKooDrive, startTencentSmh } from '@anydrive/emulators'
import * as E from 'fp-ts/Either'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startPostgres, whereInstalled, type Postgres } from '../../cluster/test/postgres'
import { desk, peakMemoryOf } from './command'
import { hasNamespaces, isolated, proxied, type Link } from './cut-connection'
import { versionsOf } from './versions'

const files = 240
const bin = join(__dirname, '..', 'bin', 'anydrive.js')
const lease = '3s'

const withNamespaces = hasNamespaces()
if (!withNamespaces)
  process.stderr.write('left out: a worker in a network namespace, which needs the right to create one\n')

whereInstalled('a worker that is cut off from the database alone', () => {
  let server: Postgres
  let database: Database
  beforeAll(async () => {
    server = startPostgres()
    const opened = openDatabase(server.url())
    if (E.isLeft(opened)) throw new Error(opened.left.message)
    database = opened.right
    expect(E.isRight(await updateSchema(database))).toBe(true)
  })
  afterAll(async () => {
    await database.close()
    server.remove()
  })

  const links: ReadonlyArray<readonly [string, (socket: string) => Promise<Link>]> = [
    ['by a proxy that passes no more bytes', (socket) => proxied(socket, 'silently')],
    ['by a proxy that resets every connection', (socket) => proxied(socket, 'reset')],
    ...(withNamespaces ? [['in a network namespace whose link is taken down', isolated] as const] : []),
  ]

  test.each(links)('%s', async (name, open) => {
    const link = await open(server.socket)
    const here = await desk()
    const running = new Map<ChildProcess, Array<string>>()
    const start = (url: string, [program, ...before]: Link['command']): ChildProcess => {
      const args = [...before, bin, 'worker', '--cluster', url, '--lease', lease, '--concurrency', '4']
      const child = spawn(program, args, { cwd: here.dir, stdio: ['ignore', 'ignore', 'pipe'] })
      const said: Array<string> = []
      child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()))
      running.set(child, said)
      child.once('exit', () => running.delete(child))
      return child
    }
    const emulators = [
      await startTencentSmh({ host: link.host, latencyMs: 20 }),
      await startKooDrive({ host: link.host, latencyMs: 20 }),
    ] as const
    try {
      for (let i = 0; i < files; i++) {
        const dir = here.path(`src/d${i % 12}`)
        await mkdir(dir, { recursive: true })
        await writeFile(join(dir, `f${i}.txt`), `content ${i}`)
      }
      const [source, target] = emulators
      await here.configure({ ...source.configuration, ...target.configuration })
      expect((await here.do('migrate ./src smh:from')).code).toBe(0)
      const count = async (sql: string, values: ReadonlyArray<unknown> = []): Promise<number> =>
        (await database.query<{ readonly n: number }>(`SELECT count(*)::integer AS n FROM ${sql}`, values)).rows[0]
          ?.n ?? 0
      const until = async (holds: () => Promise<boolean>): Promise<void> => {
        while (!(await holds())) await delay(20)
      }
      const carriedBy = (process: number | undefined): Promise<number> =>
        count(
          "anydrive.entries e JOIN anydrive.workers w ON w.id = e.holder WHERE e.status = 'carried' AND e.kind = 'file' AND w.process = $1",
          [process],
        )
      const isLeased = (process: number | undefined): Promise<boolean> =>
        count('anydrive.workers WHERE process = $1 AND expires > now()', [process]).then((n) => n > 0)

      const line = `migrate smh:from koo:to --cluster ${server.url()} --name ${name.replaceAll(' ', '-')}`
      const [cut, other] = [start(link.url, link.command), start(server.url(), [process.execPath])]
      await until(async () => (await isLeased(cut.pid)) && (await isLeased(other.pid)))
      const watched = here.do(line)
      await until(async () => (await carriedBy(cut.pid)) >= 10)
      link.cut()
      const { rows } = await database.query<{ readonly target: string }>(
        "SELECT target FROM anydrive.entries WHERE status = 'carried' AND kind = 'file' AND migration = (SELECT max(id) FROM anydrive.migrations)",
      )
      const versions = await versionsOf(target.configuration['koo'])
      const confirmed = rows.map((row) => [row.target, versions.get(row.target)] as const)
      await until(async () => !(await isLeased(cut.pid)))
      // Of itself, without a word from the database.
      await until(() => Promise.resolve(running.get(cut)?.some((text) => text.includes('lease has lapsed')) ?? true))
      const before = await carriedBy(other.pid)
      link.heal()
      await until(async () => await isLeased(cut.pid))
      const ran = await watched
      expect(running.size).toBe(2)
      const memory = [...running.keys()].map(({ pid = 0 }) => peakMemoryOf(pid))
      if (process.env['ANYDRIVE_FIGURES'] !== undefined)
        process.stderr.write(`${memory.map((bytes) => Math.round(bytes / 2 ** 20)).join(' MiB, ')} MiB\n`)
      for (const child of running.keys()) child.kill('SIGTERM')
      await until(() => Promise.resolve(running.size === 0))

      expect(ran).toMatchObject({ code: 0, out: expect.stringContaining(`${files} files`) as string })
      expect(before).toBeGreaterThan(0)
      expect(await here.do('check smh:from koo:to --content')).toMatchObject({
        code: 0,
        err: expect.stringContaining('0 extra') as string,
      })
      const after = await versionsOf(target.configuration['koo'])
      expect(after.size).toBe(files)
      expect(Math.max(...memory)).toBeLessThanOrEqual(200 * 2 ** 20)
      expect(confirmed.length).toBeGreaterThanOrEqual(10)
      expect(confirmed.filter(([path, version]) => version === undefined || after.get(path) !== version)).toEqual([])
    } finally {
      for (const child of running.keys()) child.kill('SIGKILL')
      await link.close()
      for (const one of emulators) await one.close()
      await here.clear()
    }
  })
})
