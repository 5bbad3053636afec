// A database whose disk is full: the worker ends and says so, and once there is room the migration goes on.
import { openDatabase, updateSchema, type Database } from '@anydrive/cluster'
import { startTencentSmh, type Emulator } from '@anydrive/emulators'
import * as E from 'fp-ts/Either'
import { spawnSync } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { startPostgres, whereInstalled, type Postgres } from '../../cluster/test/postgres'
import { desk, type Desk } from './command'

const files = 300

const run = (program: string, ...args: ReadonlyArray<string>): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0

interface Full {
  readonly makeRoom: () => Promise<void>
  readonly remove: () => void
}

/** Refuses as a full disk does. */
const refusing = async ({ query }: Database): Promise<Full> => {
  await query(
    `CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       IF (SELECT count(*) FROM anydrive.entries) >= 100 THEN
         RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
       END IF;
       RETURN NEW;
     END $$`,
  )
  await query('CREATE TRIGGER refuse BEFORE INSERT ON anydrive.entries FOR EACH ROW EXECUTE FUNCTION public.refuse()')
  return {
    makeRoom: async () => {
      await query('DROP TRIGGER refuse ON anydrive.entries')
    },
    remove: () => undefined,
  }
}

/** A file system of 4 MiB in memory; undefined where it may not be mounted. */
const mounted = (): string | undefined => {
  const dir = mkdtempSync(join(tmpdir(), 'anydrive-full-'))
  if (run('mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', dir)) return dir
  rmSync(dir, { recursive: true })
  return undefined
}
const unmount = (dir: string): void => {
  run('umount', dir)
  rmSync(dir, { recursive: true, force: true })
}
const mayMount = (): boolean => {
  const dir = mounted()
  if (dir !== undefined) unmount(dir)
  return dir !== undefined
}

/** The table of the entries on a disk that has 64 KiB left. */
const small = async ({ query }: Database, server: Postgres): Promise<Full> => {
  const dir = mounted()
  if (dir === undefined) throw new Error('no file system can be mounted')
  const { uid, gid } = statSync(dirname(server.socket))
  chownSync(dir, uid, gid)
  await query(`CREATE TABLESPACE small LOCATION '${dir}'`)
  await query('ALTER TABLE anydrive.entries SET TABLESPACE small')
  const [filler, free] = [join(dir, 'filler'), 64 * 1024]
  const { stdout } = spawnSync('df', ['--output=avail', '-B1', dir], { encoding: 'utf8' })
  writeFileSync(filler, Buffer.alloc(Number(/\d+/.exec(stdout)?.[0]) - free))
  return {
    makeRoom: () => {
      rmSync(filler)
      return Promise.resolve()
    },
    remove: () => {
      unmount(dir)
    },
  }
}

const isMountable = mayMount()
if (!isMountable) process.stderr.write('left out: a disk that is really full, which needs the right to mount one\n')

whereInstalled('a database whose disk is full', () => {
  let smh: Emulator
  let here: Desk
  beforeEach(async () => {
    smh = await startTencentSmh()
    here = await desk()
    await here.configure(smh.configuration)
  })
  afterEach(async () => {
    await smh.close()
    await here.clear()
  })

  const kinds: ReadonlyArray<readonly [string, (database: Database, server: Postgres) => Promise<Full>]> = [
    ['by the word of the server', refusing],
    ...(isMountable ? [['by a small file system', small] as const] : []),
  ]

  test.each(kinds)('%s', async (_, fill) => {
    const server = startPostgres()
    const opened = openDatabase(server.url())
    if (E.isLeft(opened)) throw new Error(opened.left.message)
    const database = opened.right
    expect(E.isRight(await updateSchema(database))).toBe(true)
    const full = await fill(database, server)
    try {
      for (let i = 0; i < files; i++) {
        await mkdir(here.path(`src/d${i % 3}`), { recursive: true })
        await writeFile(here.path(`src/d${i % 3}/f${i}`), `content ${i}`)
      }
      const cluster = `--cluster ${server.url()}`
      await here.do(`migrate ./src smh:full ${cluster} --name full --detach`)
      // It ends of itself.
      const worker = await here.do(`worker ${cluster}`)
      expect(worker).toMatchObject({
        code: 1,
        err: expect.stringMatching(/the database cannot write: .*No space left/) as string,
      })
      expect(worker.err).toMatch(/what was recorded is kept[^]*Make room for the database/)
      const status = (await here.do(`cluster status full ${cluster}`)).out
      expect(status).toMatch(/state +running/)
      const transferred = Number(/transferred +(\d+) files/.exec(status)?.[1])
      expect(transferred).toBeGreaterThan(0)
      expect(transferred).toBeLessThan(files)

      await full.makeRoom()
      const stop = new AbortController()
      const next = here.do(`worker ${cluster}`, { signal: stop.signal })
      const ran = await here.do(`migrate ./src smh:full ${cluster} --name full`)
      stop.abort()
      expect((await next).code).toBe(0)
      expect(ran).toMatchObject({ code: 0, out: expect.stringContaining(`${files} files`) as string })
      expect(await here.do('check ./src smh:full --content')).toMatchObject({
        code: 0,
        err: expect.stringContaining('0 extra') as string,
      })
    } finally {
      await database.close()
      server.remove()
      full.remove()
    }
  })
})
